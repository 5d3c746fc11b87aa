"""`tallymark archive`: order lines of long ago out to files, and back."""

from datetime import UTC, date, datetime

from tallymark.api import audit
from tallymark.cli import terminal
from tallymark.cli.installation import Installation, installation
from tallymark.cli.progress import progress
from tallymark.errors import BadQuestion, Conflict, NotBuilt
from tallymark.model import Tenant, exact_json
from tallymark.tasks import archive_orders, beginning_of, restore_orders

YEARS = 2


def run(before: str | None, slug: str | None, *, restoring: bool, as_json: bool) -> int:
    if restoring and before is not None:
        raise BadQuestion("--before and --restore exclude each other.")
    end = beginning_of(_day(before)) if before else beginning_of(datetime.now(UTC).date(), YEARS)
    left_out = False
    with installation() as here:
        for tenant in here.all_tenants() if slug is None else [here.tenant(slug)]:
            try:
                lines = _restore(here, tenant) if restoring else _archive(here, tenant, end)
            except (Conflict, NotBuilt) as refused:
                left_out = True
                terminal.note(f"{tenant.slug}: {refused.message} {refused.hint or ''}".rstrip())
                continue
            if as_json:
                told = {"tenant": tenant.slug, "lines": lines, "before": None if restoring else end.date().isoformat()}
                terminal.result(exact_json.dumps(told))
            else:
                folder = here.settings.archive_folder / tenant.slug
                if restoring:
                    what = f"{lines:,} lines are back in the database"
                elif lines:
                    what = f"{lines:,} lines of months before {end:%Y-%m} are archived now, in {folder}"
                else:
                    what = f"no lines of months before {end:%Y-%m} are left to archive"
                terminal.result(f"{tenant.slug}: {what}")
    return 1 if left_out else 0


def _archive(here: Installation, tenant: Tenant, before: datetime) -> int:
    with progress() as report:
        moved = archive_orders(
            here.database, tenant, before, proceed=lambda month: report(f"{tenant.slug}: putting away {month:%Y-%m}")
        )
    lines = sum(month.lines for month in moved)
    if moved:
        _note(here, tenant, "archive", lines)
    return lines


def _restore(here: Installation, tenant: Tenant) -> int:
    with progress() as report:
        report(f"{tenant.slug}: bringing back what is archived")
        lines = restore_orders(here.database, tenant)
    if lines:
        _note(here, tenant, "archive.restore", lines)
    return lines


def _note(here: Installation, tenant: Tenant, action: str, lines: int) -> None:
    with here.database.connect(tenant.tenant_id) as conn:
        audit.record(conn, tenant.tenant_id, audit.COMMAND_LINE, action, tenant.slug, lines=lines)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise BadQuestion(f"{text!r} is no day.", hint="A day is written as 2024-03-01.") from None
