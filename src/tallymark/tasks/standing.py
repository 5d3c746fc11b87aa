"""How the jobs stand: for people who look, and for what watches over the installation."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from psycopg import Connection
from psycopg.rows import dict_row

from tallymark.db.queries import load
from tallymark.errors import NotFound
from tallymark.tasks.jobs import JOBS, Job, find_job
from tallymark.tasks.records import EVERYBODY
from tallymark.tasks.schedules import Schedule, schedules_of

SQL = load("tallymark.tasks", "standing.sql")

Status = Literal["scheduled", "running", "completed", "failed", "cancelled"]
STATUSES: tuple[Status, ...] = ("scheduled", "running", "completed", "failed", "cancelled")
SILENT = 30.0
"""Seconds without a look at what is due after which nobody can be said to see to it."""


@dataclass(frozen=True, slots=True)
class Run:
    """One run on record. `tenant` is None for a run that is for all of them."""

    tenant_id: int
    run_id: str
    job: str
    key: str
    trigger: str
    triggered_by: str
    status: Status
    attempt: int
    created_at: datetime
    due_at: datetime
    started_at: datetime | None
    ended_at: datetime | None
    ms: float | None
    progress: Mapping[str, Any] | None
    result: Mapping[str, Any] | None
    error: str | None
    worker: str | None
    tenant: str | None


@dataclass(frozen=True, slots=True)
class Standing:
    """One job: its schedule if it has one, its newest run, and figures of the runs on record.

    `status` is that of the run under way, else of one that waits, else of the newest that has ended; what never ran is
    `scheduled` where it will, and None where nobody has asked for it yet.
    """

    job: Job
    schedule: Schedule | None
    status: Status | None
    last_run: Run | None
    total: int
    successful: int
    failed: int
    average_ms: float | None


@dataclass(frozen=True, slots=True)
class Health:
    """Whether somebody works and keeps up. Ages are in seconds; None where there is nothing to be old."""

    workers: int
    hands: int
    last_tick: datetime | None
    tick_age: float | None
    waiting: int
    running: int
    oldest_overdue: float | None
    dead_letters: int

    @property
    def ticking(self) -> bool:
        """Whether what is due by the clock is being seen to."""
        return self.tick_age is not None and self.tick_age <= SILENT


def standings(conn: Connection[Any], tenant_id: int | None) -> list[Standing]:
    """Every job, as a tenant sees it; with None and the engine's transaction, as whoever runs the installation does."""
    figures = {row[0]: row[1:] for row in conn.execute(SQL.jobs, {"tenant": tenant_id})}
    planned = {schedule.job: schedule for schedule in schedules_of(conn, tenant_id or EVERYBODY)}
    last = {row[-1] for row in figures.values() if row[-1] is not None}
    newest = {run_id: runs(conn, tenant_id, run_id=run_id, limit=1)[0] for run_id in last}
    return [_standing(job, planned.get(job.name), figures.get(job.name), newest) for job in JOBS.values()]


def standing(conn: Connection[Any], tenant_id: int | None, job: str) -> Standing:
    """How one job stands. Raises UnknownJob."""
    find_job(job)
    return next(found for found in standings(conn, tenant_id) if found.job.name == job)


def runs(
    conn: Connection[Any],
    tenant_id: int | None,
    *,
    job: str | None = None,
    status: str | None = None,
    run_id: str | None = None,
    limit: int = 50,
) -> list[Run]:
    """The newest runs first, those for all tenants among them."""
    wanted = {"tenant": tenant_id, "job": job, "status": status, "run": run_id, "limit": limit}
    return _runs(conn, SQL.runs, wanted)


def find_run(conn: Connection[Any], tenant_id: int | None, run_id: UUID) -> Run:
    """Raises NotFound."""
    found = runs(conn, tenant_id, run_id=str(run_id), limit=1)
    if not found:
        raise NotFound(f"There is no run {run_id}.")
    return found[0]


def dead_letters(conn: Connection[Any], tenant_id: int | None, *, limit: int = 50) -> list[Run]:
    """Runs that have failed for good and that no later run stands for, the newest first."""
    return _runs(conn, SQL.dead_letters, {"tenant": tenant_id, "limit": limit})


def health(conn: Connection[Any]) -> Health:
    """`conn` is the engine's."""
    with conn.cursor(row_factory=dict_row) as cursor:
        row = cursor.execute(SQL.health).fetchone()
    dead = conn.execute(SQL.count_dead_letters).fetchone()
    assert row is not None
    assert dead is not None
    ages = {name: None if row[name] is None else round(float(row[name]), 3) for name in ("tick_age", "oldest_overdue")}
    return Health(**row | ages, dead_letters=dead[0])


def _runs(conn: Connection[Any], query: str, wanted: Mapping[str, object]) -> list[Run]:
    with conn.cursor(row_factory=dict_row) as cursor:
        return [Run(**row) for row in cursor.execute(query, wanted)]


def _standing(
    job: Job, schedule: Schedule | None, figures: tuple[Any, ...] | None, newest: Mapping[str, Run]
) -> Standing:
    total, good, bad, average, running, waiting, last = figures or (0, 0, 0, None, False, False, None)
    run = newest.get(last) if last else None
    status: Status | None
    if running or waiting:
        status = "running" if running else "scheduled"
    elif run is not None:
        status = run.status
    else:
        status = "scheduled" if schedule and schedule.enabled else None
    return Standing(job, schedule, status, run, total, good, bad, round(average, 3) if average is not None else None)
