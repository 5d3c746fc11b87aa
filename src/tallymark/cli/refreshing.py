"""`tallymark refresh`."""

from typing import Any

from tallymark.cli import terminal
from tallymark.cli.installation import Installation, installation
from tallymark.cli.progress import progress
from tallymark.errors import BadQuestion, TallymarkError
from tallymark.metrics import Catalog
from tallymark.model import ALL_PLATFORMS, Tenant, exact_json
from tallymark.results import platforms_of, publication, require_platform
from tallymark.tasks import Outcome, Progress, refresh

BY_COMMAND = "command line"


def run(slug: str | None, every: bool, platform: str, force: bool, *, rebuild: bool, as_json: bool) -> int:
    if slug is not None and every:
        raise BadQuestion("--tenant and --all exclude each other.")
    with installation() as here:
        tenants = here.all_tenants() if every else [here.tenant(slug)]
        catalog = Catalog.load(*here.settings.metric_folders)
        good = True
        for tenant in tenants:
            try:
                outcome = refresh_tenant(here, catalog, tenant, platform=platform, force=force, rebuild=rebuild)
            except TallymarkError as failed:
                if not every:
                    raise
                # One broken tenant must not keep the others waiting.
                terminal.error(f"{tenant.slug}: {failed.message}", failed.hint)
                good = False
                continue
            if not every:
                with here.database.connect(tenant.tenant_id, read_only=True) as conn:
                    require_platform(platform, platforms_of(publication(conn, tenant.tenant_id)))
            terminal.result(exact_json.dumps(documented(outcome)) if as_json else in_words(outcome))
            good = say_failures(outcome) and good
    return 0 if good else 1


def refresh_tenant(
    here: Installation,
    catalog: Catalog,
    tenant: Tenant,
    *,
    platform: str = ALL_PLATFORMS,
    force: bool = False,
    rebuild: bool = False,
    triggered_by: str = BY_COMMAND,
) -> Outcome:
    """Refreshes one tenant and shows how far it has come. Raises RefreshFailed."""
    with progress() as report:

        def watch(step: Progress) -> None:
            report(f"{tenant.slug}: {step.step} ({step.index + 1}/{step.of})", step.done, step.total)

        return refresh(
            here.database,
            catalog,
            tenant,
            triggered_by=triggered_by,
            platform=platform,
            force=force,
            rebuild=rebuild,
            on_progress=watch,
            slow_ms=here.settings.slow_query_threshold_ms,
        )


def documented(outcome: Outcome) -> dict[str, Any]:
    """What `--json` prints."""
    metrics = {
        name: {"status": record["status"], "computation_ms": record["computation_ms"]}
        for name, record in outcome.metrics.items()
    }
    return {
        "tenant": outcome.tenant,
        "platform": outcome.platform,
        "run_id": outcome.run_id,
        "status": outcome.status,
        "version": outcome.version,
        "changes_applied": outcome.changes_applied,
        "metrics": metrics,
        "duration_ms": outcome.duration_ms,
        "phases": dict(outcome.phases),
    }


def in_words(outcome: Outcome) -> str:
    """The same for people, in one line."""
    seconds = outcome.duration_ms / 1000
    if outcome.joined:
        return f"{outcome.tenant}: version {outcome.version}, by a refresh that was under way"
    if not outcome.metrics and not outcome.changes_applied:
        return f"{outcome.tenant}: version {outcome.version} is up to date ({seconds:.2f} s)"
    return (
        f"{outcome.tenant}: version {outcome.version}, {outcome.changes_applied:,} changes counted,"
        f" {len(outcome.metrics)} metrics worked out in {seconds:.2f} s"
    )


def say_failures(outcome: Outcome) -> bool:
    """Names each metric that failed; True where none did."""
    failed = {name: record for name, record in outcome.metrics.items() if record["status"] == "failed"}
    for name, record in failed.items():
        terminal.error(f"{outcome.tenant}: {name} kept its last good figures: {record.get('error', 'it failed')}")
    return not failed
