"""Archiving: order lines of long ago go to files while every figure stays, and come back when they are needed."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, date, datetime

from tallymark import archive
from tallymark.archive import Archive
from tallymark.changes import pending, progress
from tallymark.db import Database, Session
from tallymark.errors import BadQuestion, Conflict, NotBuilt
from tallymark.model import Tenant
from tallymark.tasks.runs import LOCK_CLASS, SQL
from tallymark.tasks.work import Work

YEARS = 2
"""How long lines stay unless somebody says otherwise."""


def archive_orders(
    database: Database,
    tenant: Tenant,
    before: datetime,
    *,
    proceed: Callable[[datetime], None] = lambda _: None,
) -> list[Archive]:
    """Moves the lines of whole months that ended before then to files below the database's folder of archives.

    Raises NotBuilt before the first refresh and Conflict while changes wait: refresh first, then nothing that is to be
    counted is put away.
    """
    with _locked(database, tenant) as session:
        with session.transaction("repeatable read") as conn:
            state = progress(conn, tenant.tenant_id)
            if state is None or state.building is not None:
                raise NotBuilt(hint=f"Run: tallymark refresh --tenant {tenant.slug}")
            if not state.settled or pending(conn, state, 1).sources:
                raise Conflict(
                    "Changes wait to be counted; their orders cannot be put away now.",
                    hint=f"Run: tallymark refresh --tenant {tenant.slug}",
                )
        return archive.archive_months(session, tenant, before, database.archive_folder, proceed=proceed)


def restore_orders(database: Database, tenant: Tenant) -> int:
    """Brings everything back that is archived of a tenant; returns how many lines that was."""
    with _locked(database, tenant) as session:
        with session.transaction() as conn:
            months = archive.archives(conn, tenant)
        return archive.restore(session, tenant, months, database.archive_folder)


def beginning_of(day: date, years: int = 0) -> datetime:
    """The beginning of the month of a day, so many years earlier, in UTC, as partitions are."""
    return datetime(day.year - years, day.month, 1, tzinfo=UTC)


def do_archive(work: Work) -> Mapping[str, object]:
    """The job: `before` among its parameters is a day, two years ago where it is left out."""
    with work.database.connect(None) as conn:
        row = conn.execute(SQL.clock).fetchone()
    assert row is not None
    asked = work.parameters.get("before")
    try:
        before = beginning_of(date.fromisoformat(str(asked))) if asked else beginning_of(row[0].date(), YEARS)
    except ValueError:
        raise BadQuestion(f"before is not a day: {asked!r}", hint="A day is written as 2024-03-01.") from None
    lines, waiting = 0, list[str]()
    for tenant in work.tenants():
        work.check()
        work.progress(note=tenant.slug)
        try:
            moved = archive_orders(work.database, tenant, before)
        except (Conflict, NotBuilt):
            waiting.append(tenant.slug)
            continue
        lines += sum(month.lines for month in moved)
    return {"before": before.isoformat(), "lines": lines, "leftOut": waiting}


@contextmanager
def _locked(database: Database, tenant: Tenant) -> Iterator[Session]:
    with database.session(tenant.tenant_id) as session:
        session.connection.execute(SQL.lock, {"class": LOCK_CLASS, "tenant": tenant.tenant_id})
        yield session
