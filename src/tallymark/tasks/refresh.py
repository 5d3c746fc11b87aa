"""The refresh of one tenant: the one place that knows the order of the stages.

All of it happens in one REPEATABLE READ transaction, and is published by its commit: rollups, answers, history and the
record of the run are of one snapshot. The tenant's lock is taken on the session before that snapshot, so two refreshes
never overlap; a caller who waited for one whose snapshot is later than their own arrival takes its outcome.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from time import perf_counter
from typing import Any
from uuid import UUID, uuid4

import psycopg
import structlog
from psycopg import Connection
from psycopg.types.json import Jsonb

from tallymark import results, rollups
from tallymark.changes import LOG, purge
from tallymark.changes import progress as publication_of
from tallymark.db import Database, Session
from tallymark.errors import DatabaseUnavailable, MetricFailed, RefreshFailed
from tallymark.metrics import Catalog, Plan, Result, evaluate, prewarmed
from tallymark.model import ALL_PLATFORMS, Tenant
from tallymark.tasks import runs
from tallymark.tasks.runs import SQL, Outcome, Progress

LOCK_CLASS = 0x7A11
BUILDERS = 3
"""How many connections a first build works on."""
STEPS = ("Calculating Revenue", "Processing Expenses", "Analyzing Trends", "Finalizing Results")

log = structlog.get_logger("tallymark.refresh")


@dataclass(slots=True)
class Run:
    """A refresh under way: what it knows so far, handed from step to step."""

    database: Database
    session: Session
    catalog: Catalog
    tenant: Tenant
    run_id: UUID
    force: bool
    watch: Callable[[Progress], None]
    as_of: datetime | None
    slow_ms: float
    applied: rollups.Applied = field(default_factory=rollups.Applied)
    changes: int = 0
    sources: set[str] = field(default_factory=set)
    touched: set[str | None] = field(default_factory=set)
    everything: bool = False
    snapshot_at: datetime | None = None
    version: int = 0
    platforms: tuple[str, ...] = ()
    evaluated: list[tuple[Plan, Result | Exception]] = field(default_factory=list)
    metrics: dict[str, dict[str, object]] = field(default_factory=dict)
    phases: dict[str, float] = field(default_factory=dict)

    @property
    def now(self) -> datetime:
        """The instant of the snapshot: what the figures are `as of`, unless the caller names another."""
        assert self.snapshot_at is not None
        return self.as_of or self.snapshot_at

    def concerns(self, plan: Plan) -> bool:
        """Whether anything that the plan's figures are made of has changed."""
        if self.force or self.everything:
            return True
        if plan.metric.sources.isdisjoint(self.sources):
            return False
        return plan.platform == ALL_PLATFORMS or bool(self.touched & {plan.platform, None})

    @contextmanager
    def step(self, index: int) -> Iterator[None]:
        self.report(index)
        began = perf_counter()
        yield
        name = STEPS[index]
        self.phases[name] = self.phases.get(name, 0.0) + _ms(began)

    def report(self, index: int, done: int | None = None, total: int | None = None) -> None:
        self.watch(Progress(str(self.run_id), STEPS[index], index, len(STEPS), done, total))


def refresh(
    database: Database,
    catalog: Catalog,
    tenant: Tenant,
    *,
    triggered_by: str,
    platform: str = ALL_PLATFORMS,
    force: bool = False,
    run_id: UUID | None = None,
    on_progress: Callable[[Progress], None] | None = None,
    as_of: datetime | None = None,
    slow_ms: float = 30_000,
) -> Outcome:
    """Brings everything that is kept of the tenant up to date, and says what that took.

    Blocks while another refresh of the tenant runs, in whatever process. `force` evaluates every metric even where
    nothing changed. `platform` is only noted: the figures of all platforms are of one version. `as_of` stands in for
    the snapshot's instant where days are worked out. Raises RefreshFailed; then nothing was published.
    """
    run_id = run_id or uuid4()
    with database.session(tenant.tenant_id) as session:
        arrived = _clock(session.connection)
        session.connection.execute(SQL.lock, {"class": LOCK_CLASS, "tenant": tenant.tenant_id})
        with session.transaction() as conn:
            joined = None if force else runs.completed_since(conn, tenant, arrived)
            if joined is not None:
                return joined
            runs.start(conn, tenant, run_id, platform, triggered_by, _clock(conn))

        def watch(progress: Progress) -> None:
            runs.note_progress(database, tenant, progress)
            if on_progress is not None:
                on_progress(progress)

        run = Run(database, session, catalog, tenant, run_id, force, watch, as_of, slow_ms)
        began = perf_counter()
        try:
            outcome = _run(run, platform, began)
        except Exception as failed:
            with suppress(DatabaseUnavailable):  # Then the next run closes the record.
                runs.fail(database, tenant, run_id, str(failed))
            log.error("refresh failed", tenant=tenant.slug, run=str(run_id), error=str(failed))
            raise RefreshFailed(f"The refresh failed: {failed}", details={"run_id": str(run_id)}) from failed
        if run.sources:
            # It is published: should the connection be lost now, the next run purges.
            with suppress(psycopg.OperationalError), session.transaction() as conn:
                purge(conn, tenant.tenant_id)
                conn.execute(SQL.forget_progress, {"tenant": tenant.tenant_id})
        return outcome


def _run(run: Run, platform: str, began: float) -> Outcome:
    with run.step(0):
        _build_if_needed(run)
    while True:
        with run.session.transaction("repeatable read") as conn:
            with run.step(0):
                settled = _count_changes(run, conn)
            if settled:
                _evaluate_due(run, conn)
                outcome = _publish(run, conn, platform, began)
                break
    return outcome


def _build_if_needed(run: Run) -> None:
    with run.session.transaction("repeatable read") as conn:
        reason = rollups.needs_build(conn, run.tenant)
    if reason is None:
        return
    run.everything = True
    log.info("building", tenant=run.tenant.slug, reason=reason)
    with run.database.spare_sessions(run.tenant.tenant_id, BUILDERS - 1) as more:
        for built in rollups.build(run.session, run.tenant, more):
            run.report(0, built.done, built.total)


def _count_changes(run: Run, conn: Connection[Any]) -> bool:
    """Applies what is pending; False when there is more than one step holds, so that this one is committed first."""
    state = publication_of(conn, run.tenant.tenant_id)
    assert state is not None
    # An earlier run may have died between the steps of a large change: what it had applied is not known here.
    run.everything = run.everything or (state.target is not None and run.changes == 0)
    run.snapshot_at, run.version = _began(conn), state.version
    advanced = rollups.advance(conn, run.tenant)
    run.applied += advanced.applied
    run.changes += advanced.changes
    run.sources |= advanced.sources
    run.touched |= advanced.platforms
    if not advanced.settled:
        run.report(0, run.changes)
    return advanced.settled


def _evaluate_due(run: Run, conn: Connection[Any]) -> None:
    """Metrics whose inputs changed or whose window moved; first those that know expenses, then the others."""
    stored = results.stored_windows(conn, run.tenant.tenant_id, run.catalog)
    counted = conn.execute(SQL.platforms, {"tenant": run.tenant.tenant_id}).fetchall()
    # A platform whose last order is gone still has answers to bring up to date.
    known = {name for (name,) in counted} | {platform for _, platform, _ in stored}
    run.platforms = (ALL_PLATFORMS, *sorted(known - {ALL_PLATFORMS}))
    plans = [
        plan
        for platform in run.platforms
        for name in run.catalog
        for plan in prewarmed(run.catalog, name, platform, run.tenant, run.now)
    ]
    kept = {(plan.name, plan.platform, plan.parameters): plan for plan in plans}
    results.retire(conn, run.tenant.tenant_id, stored.keys() - kept.keys())
    due = [plan for question, plan in kept.items() if run.concerns(plan) or stored.get(question) != plan.resolved]
    for index, with_expenses in ((1, True), (2, False)):
        with run.step(index):
            for plan in due:
                if ("expenses" in plan.metric.sources) is with_expenses:
                    _evaluate(run, conn, plan)


def _evaluate(run: Run, conn: Connection[Any], plan: Plan) -> None:
    """One metric under a savepoint: a broken one stops neither the others nor the refresh."""
    began = perf_counter()
    try:
        with conn.transaction():
            outcome: Result | Exception = evaluate(conn, plan)
    except (MetricFailed, psycopg.Error) as failed:
        if conn.closed:
            raise
        outcome = failed
        log.warning(
            "metric failed", tenant=run.tenant.slug, metric=plan.name, platform=plan.platform, error=str(failed)
        )
    run.evaluated.append((plan, outcome))
    record = run.metrics.setdefault(plan.name, {"status": "completed", "computation_ms": 0.0})
    record["computation_ms"] = round(float(str(record["computation_ms"])) + _ms(began), 3)
    if _ms(began) > run.slow_ms:
        log.warning("metric is slow", tenant=run.tenant.slug, metric=plan.name, computation_ms=_ms(began))
    if isinstance(outcome, Exception):
        record |= {"status": "failed", "error": str(outcome)}


def _publish(run: Run, conn: Connection[Any], platform: str, began: float) -> Outcome:
    """Everything that was worked out appears at once, as one version; nothing worked out: only the check is noted."""
    run.report(3)
    began_publishing = perf_counter()
    changed = bool(run.evaluated or run.sources or run.everything)
    through = _data_through(run, conn) if changed else {}
    if changed:
        run.version += 1
        _store(run, conn, through)
    now = _clock(conn)
    publication = {"tenant": run.tenant.tenant_id, "version": run.version, "now": run.snapshot_at}
    if changed:
        instants = {name: at.isoformat() for name, at in through.items()}
        conn.execute(LOG.publish, publication | {"data_through": Jsonb(instants)})
        conn.execute(SQL.announce, {"tenant": str(run.tenant.tenant_id), "version": str(run.version)})
    else:
        conn.execute(LOG.checked, publication)
    failed = sorted(name for name, record in run.metrics.items() if record["status"] == "failed")
    error = f"{', '.join(failed)} failed and kept the last good figures." if failed else None
    run.phases[STEPS[3]] = _ms(began_publishing)
    phases = {name: round(ms, 3) for name, ms in run.phases.items()}
    outcome = Outcome(
        tenant=run.tenant.slug, platform=platform, run_id=str(run.run_id), status="completed", version=run.version,
        changes_applied=run.changes, metrics=run.metrics, duration_ms=round(_ms(began), 3), phases=phases,
        refreshed_at=now, error=error,
    )  # fmt: skip
    runs.complete(
        conn, run.tenant, run.run_id, snapshot_at=run.snapshot_at, now=now, duration_ms=outcome.duration_ms,
        changes=run.changes, orders=run.applied.orders, expenses=run.applied.expenses, version=run.version,
        phases=phases, metrics=run.metrics, error=error,
    )  # fmt: skip
    return outcome


def _store(run: Run, conn: Connection[Any], through: dict[str, datetime]) -> None:
    latest = through | {ALL_PLATFORMS: max(through.values(), default=None)}
    good: list[tuple[Plan, Result]] = []
    for plan, result in run.evaluated:
        if isinstance(result, Exception):
            results.keep_last_good(conn, run.tenant, plan, result, run.now)
        else:
            good.append((plan, result))
    dated = ((plan, result, latest.get(plan.platform)) for plan, result in good)
    results.publish(conn, run.tenant, dated, version=run.version, now=run.now)
    results.snapshot_history(conn, run.tenant, good, version=run.version, now=run.now)


def _data_through(run: Run, conn: Connection[Any]) -> dict[str, datetime]:
    names = [name for name in run.platforms if name != ALL_PLATFORMS]
    rows = conn.execute(SQL.data_through, {"tenant": run.tenant.tenant_id, "now": run.now, "platforms": names})
    return {name: at for name, at in rows if at is not None}


def _clock(conn: Connection[Any]) -> datetime:
    row = conn.execute(SQL.clock).fetchone()
    assert row is not None
    now: datetime = row[0]
    return now


def _began(conn: Connection[Any]) -> datetime:
    """When the transaction began: no later than its snapshot, so whoever came before is in it."""
    row = conn.execute(SQL.began).fetchone()
    assert row is not None
    began: datetime = row[0]
    return began


def _ms(began: float) -> float:
    return (perf_counter() - began) * 1000
