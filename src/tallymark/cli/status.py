"""`tallymark status`: how old each tenant's figures are, and why."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from tallymark import results
from tallymark.changes import pending_keys
from tallymark.changes import progress as publication_of
from tallymark.cli import terminal
from tallymark.cli.installation import installation
from tallymark.cli.tables import ago, show
from tallymark.db import Database
from tallymark.db.queries import load
from tallymark.model import ALL_PLATFORMS, Tenant, exact_json
from tallymark.tasks import count_alerts, records
from tallymark.tasks import standing as jobs

SQL = load("tallymark.cli", "status.sql")


@dataclass(frozen=True, slots=True)
class LastRun:
    """The newest refresh; `failed_metrics` kept their last good figures."""

    status: str
    started_at: datetime
    duration_ms: float | None
    failed_metrics: tuple[str, ...]
    error: str | None


@dataclass(frozen=True, slots=True)
class Standing:
    """How a tenant's figures stand; version 0 and no age before the first refresh."""

    tenant: str
    version: int
    age: float | None
    stale: bool
    data_through: datetime | None
    pending_changes: int
    last_run: LastRun | None


def run(*, as_json: bool) -> int:
    with installation() as here:
        stale_after = timedelta(hours=here.settings.stale_threshold_hours)
        standings = [standing(here.database, tenant, stale_after) for tenant in here.all_tenants()]
        with records.engine(here.database) as conn:
            work = jobs.health(conn)
        with here.database.connect(None) as conn:
            alerts = count_alerts(conn)
    if as_json:
        for found in standings:
            terminal.result(exact_json.dumps(_printable(asdict(found))))
        return 0
    if not standings:
        terminal.note("There is no tenant yet.")
        return 0
    show(
        ("tenant", "version", "age", "", "data through", "changes waiting", "last run"),
        [_row(found) for found in standings],
    )
    terminal.note(f"{seen_to(work)}. {work.waiting} waiting, {work.dead_letters} given up.")
    if alerts:
        terminal.note(f"{alerts} {'alert' if alerts == 1 else 'alerts'}: tallymark doctor tells of what.")
    return 0


def seen_to(work: jobs.Health) -> str:
    """Whether somebody does the background work, in a few words."""
    if not work.workers:
        return "Nobody works: run tallymark work, or tallymark serve"
    if not work.ticking:
        return "Nothing is started by the clock, as DISABLE_AUTO_SYNC says; what is asked for is done"
    return "What is due is seen to"


def standing(database: Database, tenant: Tenant, stale_after: timedelta) -> Standing:
    """How one tenant's figures stand now, by the database's clock."""
    with database.connect(tenant.tenant_id, isolation="repeatable read") as conn:
        run = conn.execute(SQL.last_run, {"tenant": tenant.tenant_id}).fetchone()
        last_run = LastRun(run[0], run[1], run[2], tuple(run[3]), run[4]) if run else None
        state = publication_of(conn, tenant.tenant_id)
        published = results.publication(conn, tenant.tenant_id)
        waiting = pending_keys(conn, state) if state is not None else 0
        row = conn.execute(SQL.clock).fetchone()
        assert row is not None
    if published is None or not published.version:
        return Standing(tenant.slug, 0, None, True, None, waiting, last_run)
    age, stale = results.freshness(published, row[0], stale_after)
    through = published.through(ALL_PLATFORMS)
    return Standing(tenant.slug, published.version, round(age, 3), stale, through, waiting, last_run)


def _row(found: Standing) -> tuple[object, ...]:
    age = ago(found.age) if found.age is not None else "never refreshed"
    run = found.last_run
    last = f"{run.status} {run.started_at:%Y-%m-%d %H:%M} UTC" if run else None
    stale = "stale" if found.stale else "fresh"
    return (found.tenant, found.version, age, stale, found.data_through, found.pending_changes, last)


def _printable(fields: Mapping[str, Any]) -> dict[str, Any]:
    return {name: _value(value) for name, value in fields.items()}


def _value(value: Any) -> Any:
    if isinstance(value, datetime):
        return exact_json.instant(value)
    return _printable(value) if isinstance(value, Mapping) else value
