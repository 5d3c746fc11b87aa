"""The refresh of one tenant: the one place that knows the order of the stages.

Rollups, the answers that are published with them, history and the record of the run are of one REPEATABLE READ
snapshot, and appear by its one commit. The other answers that are kept ready follow at once, from the same rollups;
until each is there, whoever asks for it is answered from the rollups. The tenant's lock is taken on the session before
the snapshot and held until the publication, so two refreshes never overlap; a caller who waited for one whose snapshot
is later than their own arrival takes its outcome.
"""

from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import datetime
from time import perf_counter, sleep
from typing import Any
from uuid import UUID, uuid4

import psycopg
import structlog
from psycopg import Connection
from psycopg.types.json import Jsonb

from tallymark import archive, results, rollups
from tallymark.changes import LOG, purge
from tallymark.db import Database
from tallymark.errors import DatabaseUnavailable, RefreshFailed
from tallymark.metrics import Catalog, Plan
from tallymark.model import ALL_PLATFORMS, Tenant
from tallymark.monitoring import VALUES
from tallymark.tasks import runs
from tallymark.tasks.figures import Evaluated, data_through, due, evaluate_all, store
from tallymark.tasks.notes import Notes
from tallymark.tasks.preparing import prepare
from tallymark.tasks.run import STEPS, Run, ms_since
from tallymark.tasks.runs import LOCK_CLASS, SQL, Outcome, Progress

BUILDERS = 3
"""How many connections a first build works on."""

Published = tuple[Outcome, tuple[Plan, ...], dict[str, datetime]]
"""A published run, the answers that are to follow it, and how far the data reaches."""

log = structlog.get_logger("tallymark.refresh")


def refresh(
    database: Database,
    catalog: Catalog,
    tenant: Tenant,
    *,
    triggered_by: str,
    platform: str = ALL_PLATFORMS,
    force: bool = False,
    rebuild: bool = False,
    run_id: UUID | None = None,
    on_progress: Callable[[Progress], None] | None = None,
    as_of: datetime | None = None,
    slow_ms: float = 30_000,
    on_published: Callable[[Outcome], None] = lambda _: None,
    pause: float = 0.0,
    followed: Callable[[], bool] = lambda: False,
) -> Outcome:
    """Brings everything that is kept of the tenant up to date, and says what that took.

    Blocks while another refresh of the tenant runs, in whatever process. `force` evaluates every metric even where
    nothing changed; `rebuild` also makes all that they are worked out from anew. `platform` is only noted: the figures
    of all platforms are of one version. `as_of` stands in for the snapshot's instant where days are worked out.
    `on_published` gets the outcome as soon as the new version can be read, before the answers that follow it are
    prepared; for these no other refresh has to wait, and they begin `pause` seconds later, so that whoever waited for
    the version is served first. Where `followed` says that a run of this tenant waits for this one to end, they are
    left to that one. Raises RefreshFailed; then nothing was published.
    """
    run_id = run_id or uuid4()
    with database.session(tenant.tenant_id) as session:
        arrived = _clock(session.connection)
        session.connection.execute(SQL.lock, {"class": LOCK_CLASS, "tenant": tenant.tenant_id})
        with session.transaction() as conn:
            joined = None if force or rebuild else runs.completed_since(conn, tenant, arrived)
            if joined is not None:
                VALUES.count("refreshes_total", "joined")
                return joined
            runs.start(conn, tenant, run_id, platform, triggered_by, _clock(conn))

        notes = Notes(database, tenant, on_progress)
        run = Run(
            database, session, catalog, tenant, run_id, force, notes.add, as_of, slow_ms, followed, rebuild=rebuild
        )
        began = perf_counter()
        try:
            with notes:
                outcome, after, through = _run(run, platform, began)
        except Exception as failed:
            with suppress(DatabaseUnavailable):  # Then the next run closes the record.
                runs.fail(database, tenant, run_id, str(failed))
            VALUES.count("refreshes_total", "failed")
            log.error("refresh failed", tenant=tenant.slug, run=str(run_id), error=str(failed))
            raise RefreshFailed(f"The refresh failed: {failed}", details={"run_id": str(run_id)}) from failed
        _measure(outcome)
        on_published(outcome)
        _end(run)
        if not after:
            return outcome
        sleep(pause)
        return prepare(run, outcome, after, through)


def _run(run: Run, platform: str, began: float) -> Published:
    asked = "it was asked for" if run.rebuild else None
    while True:
        with run.session.transaction("repeatable read") as conn:
            seen = rollups.view(conn, run.tenant)
            reason = rollups.needs_build(seen, run.tenant) or asked
            missing = [] if reason else _missing(run, conn, seen)
            if not reason and not missing:
                with run.step(0):
                    settled = _count_changes(run, conn, seen)
                if settled:
                    return _publish(run, conn, platform, began)
        if reason:
            with run.step(0):
                _build(run, reason)
            asked = None
        _bring_back(run, missing)


def _end(run: Run) -> None:
    """It is published: should the connection be lost now, it lets go of the lock, and the next run purges."""
    whose = {"tenant": run.tenant.tenant_id}
    with suppress(psycopg.OperationalError):
        if run.sources:
            with run.session.transaction() as conn:
                conn.execute("SET LOCAL synchronous_commit = off")  # What a crash undoes is purged the next time.
                purge(conn, run.tenant.tenant_id)
                conn.execute(SQL.forget_progress, whose)
        run.session.connection.execute(SQL.unlock, whose | {"class": LOCK_CLASS})


def _missing(run: Run, conn: Connection[Any], seen: rollups.View) -> Sequence[archive.Archive]:
    """What is archived of orders that changed: it is to be counted with them."""
    return archive.needed(conn, run.tenant, seen.published.seen if seen.published else None)


def _build(run: Run, reason: str) -> None:
    run.everything = True
    with run.session.transaction() as conn:
        months = archive.archives(conn, run.tenant)
    _bring_back(run, months)
    log.info("building", tenant=run.tenant.slug, reason=reason)
    with run.database.spare_sessions(run.tenant.tenant_id, BUILDERS - 1) as more:
        for built in rollups.build(run.session, run.tenant, more, as_of=run.as_of):
            run.report(0, built.done, built.total)


def _bring_back(run: Run, months: Sequence[archive.Archive]) -> None:
    """Lines of long ago that are to be counted anew; they are put away again by the next archiving."""
    if months:
        log.info("archived lines come back", tenant=run.tenant.slug, months=len(months))
        archive.restore(run.session, run.tenant, months, run.database.archive_folder)


def _count_changes(run: Run, conn: Connection[Any], seen: rollups.View) -> bool:
    """Applies what is pending; False when there is more than one step holds, so that this one is committed first."""
    state = seen.published
    assert state is not None
    # An earlier run may have died between the steps of a large change: what it had applied is not known here.
    run.everything = run.everything or (state.target is not None and run.changes == 0)
    run.snapshot_at, run.version = seen.began, state.version
    advanced = rollups.advance(conn, run.tenant, as_of=run.now, seen=seen)
    run.applied += advanced.applied
    run.changes += advanced.changes
    run.sources |= advanced.sources
    run.touched |= advanced.platforms
    if not advanced.settled:
        run.report(0, run.changes)
    return advanced.settled


def _publish(run: Run, conn: Connection[Any], platform: str, began: float) -> Published:
    """Everything that was worked out appears at once, as one version; nothing worked out: only the check is noted."""
    found = due(run, conn)
    changed = bool(found.published or run.sources or run.everything)
    through = data_through(run, conn) if changed or found.after else {}
    evaluated: list[Evaluated] = []
    for index, with_expenses in ((1, True), (2, False)):
        with run.step(index):
            plans = [plan for plan in found.published if ("expenses" in plan.metric.sources) is with_expenses]
            evaluated += evaluate_all(run, conn, plans)
    run.report(3)
    began_publishing = perf_counter()
    if changed:
        run.version += 1
        store(run, conn, evaluated, through)
        results.outdate(conn, run.tenant.tenant_id, [plan for plan in found.after if plan.metric.ready != "daily"])
    now = _clock(conn)
    publication = {"tenant": run.tenant.tenant_id, "version": run.version, "now": run.snapshot_at}
    publication["evaluated_at"] = None if run.error else run.now
    if changed:
        instants = {name: at.isoformat() for name, at in through.items()}
        conn.execute(LOG.publish, publication | {"data_through": Jsonb(instants)})
        conn.execute(SQL.announce, {"tenant": str(run.tenant.tenant_id), "version": str(run.version)})
    else:
        conn.execute(LOG.checked, publication)
    run.phases[STEPS[3]] = ms_since(began_publishing)
    outcome = Outcome(
        tenant=run.tenant.slug, platform=platform, run_id=str(run.run_id), status="completed", version=run.version,
        changes_applied=run.changes, metrics=dict(run.metrics), duration_ms=round(ms_since(began), 3),
        phases=run.rounded_phases, refreshed_at=now, error=run.error,
    )  # fmt: skip
    runs.complete(conn, run.tenant, outcome, run.snapshot_at, run.applied)
    return outcome, found.after, through


def _measure(outcome: Outcome) -> None:
    VALUES.count("refreshes_total", outcome.status)
    VALUES.observe("refresh_duration_seconds", outcome.duration_ms / 1000)
    for name, milliseconds in outcome.phases.items():
        VALUES.observe("refresh_phase_duration_seconds", milliseconds / 1000, name)


def _clock(conn: Connection[Any]) -> datetime:
    row = conn.execute(SQL.clock).fetchone()
    assert row is not None
    now: datetime = row[0]
    return now
