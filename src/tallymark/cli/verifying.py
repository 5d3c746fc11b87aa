"""`tallymark verify`."""

from dataclasses import asdict
from typing import Any

from tallymark.cli import terminal
from tallymark.cli.installation import Installation, installation
from tallymark.cli.progress import progress
from tallymark.errors import ArchiveUnreadable, Conflict, NotBuilt
from tallymark.metrics import Catalog
from tallymark.model import Tenant, exact_json
from tallymark.tasks import Integrity, check_integrity


def run(slug: str | None, *, as_json: bool) -> int:
    good = True
    with installation() as here:
        catalog = Catalog.load(*here.settings.metric_folders)
        for tenant in [here.tenant(slug)] if slug is not None else here.all_tenants():
            try:
                found = _check(here, catalog, tenant)
            except NotBuilt as nothing:
                if slug is not None:
                    raise
                # Nothing is stored, so nothing can differ.
                terminal.note(f"{tenant.slug}: {nothing.message} {nothing.hint or ''}".rstrip())
                continue
            except (ArchiveUnreadable, Conflict) as failed:
                if slug is not None:
                    raise
                terminal.error(f"{tenant.slug}: {failed.message}", failed.hint)
                good = False
                continue
            if as_json:
                terminal.result(exact_json.dumps(documented(found)))
            else:
                _show(found)
            good = found.ok and good
    return 0 if good else 1


def documented(found: Integrity) -> dict[str, Any]:
    """What `--json` prints."""
    return {
        "tenant": found.tenant,
        "rows_compared": found.rows_compared,
        "differences": [asdict(difference) for difference in found.differences],
        "ok": found.ok,
    }


def _check(here: Installation, catalog: Catalog, tenant: Tenant) -> Integrity:
    with progress() as report:
        return check_integrity(
            here.database, catalog, tenant, on_table=lambda table: report(f"{tenant.slug}: comparing {table}")
        )


def _show(found: Integrity) -> None:
    compared = f"{found.rows_compared:,} rows and {found.answers_compared:,} answers"
    if found.ok:
        terminal.result(f"{found.tenant}: {compared} compared with a full recount, none differs.")
        return
    terminal.result(f"{found.tenant}: {compared} compared with a full recount, {found.differing:,} differ:")
    for told in found.deviations:
        terminal.result(f"  {told}")
    if found.differing > len(found.deviations):
        terminal.result(f"  … and {found.differing - len(found.deviations):,} more")
    terminal.note(f"To put it right, run: tallymark refresh --tenant {found.tenant} --rebuild")
