"""Bodies of the jobs that keep figures ready. Whoever has nothing to count costs one look."""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any

import structlog
from psycopg import Connection

from tallymark import results
from tallymark.changes import pending, pending_keys, progress
from tallymark.errors import DatabaseUnavailable, TallymarkError
from tallymark.metrics import prewarmed
from tallymark.model import ALL_PLATFORMS, Tenant
from tallymark.tasks import records
from tallymark.tasks.refresh import refresh
from tallymark.tasks.runs import SQL as RUNS
from tallymark.tasks.runs import Progress
from tallymark.tasks.work import Work

log = structlog.get_logger("tallymark.jobs")


def refresh_tenants(work: Work) -> Mapping[str, object]:
    """Refreshes whoever has changes or a new hour; with `force` among the parameters, whoever there is."""
    refreshed, changes, failed = 0, 0, dict[str, str]()
    for tenant in _each(work):
        if not work.parameters.get("force") and is_current(work, tenant):
            continue
        outcome = _refresh(work, tenant, failed)
        if outcome is not None:
            refreshed += 1
            changes += outcome
    return _told({"refreshed": refreshed, "changes": changes}, failed)


def keep_ready(*metrics: str) -> Callable[[Work], Mapping[str, object]]:
    """A body that sees to it that every declared parameter set of these metrics has its answer waiting."""

    def body(work: Work) -> Mapping[str, object]:
        ready, missing, failed = 0, 0, dict[str, str]()
        for tenant in _each(work):
            if not is_current(work, tenant):
                _refresh(work, tenant, failed)
            here, gone = _stored(work, tenant, metrics)
            ready, missing = ready + here, missing + gone
        return _told({"answersReady": ready, "answersMissing": missing}, failed)

    return body


def measure(work: Work) -> Mapping[str, object]:
    """How current the figures are, and how much waits to be counted."""
    ages, waiting, never = list[float](), 0, 0
    for tenant in _each(work):
        with work.database.connect(tenant.tenant_id) as conn:
            state = progress(conn, tenant.tenant_id)
            published = results.publication(conn, tenant.tenant_id)
            if state is None or published is None or not published.version:
                never += 1
                continue
            waiting += pending_keys(conn, state)
            ages.append((_now(conn) - published.checked_at).total_seconds())
    oldest = round(max(ages), 3) if ages else None
    return {"tenants": len(ages) + never, "neverRefreshed": never, "oldestSeconds": oldest, "changesWaiting": waiting}


def clean_up(work: Work) -> Mapping[str, object]:
    """Removes what nobody will look at again."""
    steps = 0
    for tenant in _each(work):
        with work.database.connect(tenant.tenant_id) as conn:
            steps += conn.execute(RUNS.forget_progress, {"tenant": tenant.tenant_id}).rowcount
    return {"progressRemoved": steps, "runsRemoved": records.forget(work.database)}


def is_current(work: Work, tenant: Tenant) -> bool:
    """Whether a refresh would find nothing: no change waits, and it is still the local hour of the last look."""
    with work.database.connect(tenant.tenant_id) as conn:
        state = progress(conn, tenant.tenant_id)
        if state is None or not state.settled or state.checked_at is None or pending(conn, state, 1).sources:
            return False
        hours = (at.astimezone(tenant.zone).strftime("%Y-%m-%d %H") for at in (state.checked_at, _now(conn)))
        return len(set(hours)) == 1


def _each(work: Work) -> Iterator[Tenant]:
    tenants = work.tenants()
    for done, tenant in enumerate(tenants):
        work.check()
        work.progress(done, len(tenants), tenant.slug)
        yield tenant


def _refresh(work: Work, tenant: Tenant, failed: dict[str, str]) -> int | None:
    """The number of changes counted. One tenant's failure is its own affair: among others, it is tried again apart."""

    def watch(step: Progress) -> None:
        if work.tenant is not None:
            work.progress(step.done, step.total, f"{step.step} ({step.index + 1}/{step.of})")

    try:
        outcome = refresh(
            work.database,
            work.catalog,
            tenant,
            triggered_by=work.triggered_by,
            force=bool(work.parameters.get("force")),
            on_progress=watch,
            slow_ms=work.settings.slow_query_threshold_ms,
        )
    except DatabaseUnavailable:
        raise
    except TallymarkError as refused:
        if work.tenant is not None:
            raise
        log.error("a shop was left out", tenant=tenant.slug, error=refused.message)
        failed[tenant.slug] = refused.message
        work.enqueue("refresh", tenant)
        return None
    return outcome.changes_applied


def _stored(work: Work, tenant: Tenant, metrics: tuple[str, ...]) -> tuple[int, int]:
    """How many of the declared answers are stored and up to date, and how many are not."""
    with work.database.connect(tenant.tenant_id, isolation="repeatable read") as conn:
        stored = results.stored_windows(conn, tenant.tenant_id, work.catalog)
        now = _now(conn)
    plans = [
        plan
        for name in metrics
        if name in work.catalog
        for plan in prewarmed(work.catalog, name, ALL_PLATFORMS, tenant, now)
    ]
    good = sum(stored.get((plan.name, plan.platform, plan.parameters)) is not None for plan in plans)
    return good, len(plans) - good


def _now(conn: Connection[Any]) -> datetime:
    row = conn.execute(RUNS.clock).fetchone()
    assert row is not None
    now: datetime = row[0]
    return now


def _told(figures: dict[str, object], failed: Mapping[str, str]) -> Mapping[str, object]:
    return figures | {"failed": dict(failed)} if failed else figures
