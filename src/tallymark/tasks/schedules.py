"""When jobs run by themselves: from the declarations, unless somebody says otherwise while the server runs.

A tenant may have a schedule of its own for a job; the schedule of all tenants then leaves it out. One row is locked
while its due time is seen to and moved on in one transaction, so a due time never counts twice, whoever ticks.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from psycopg import Connection, errors

from tallymark.db.queries import load
from tallymark.errors import BadQuestion
from tallymark.model import Tenant
from tallymark.tasks import calendar
from tallymark.tasks.jobs import JOBS, Job, Missed, find_job
from tallymark.tasks.ledger import enqueue
from tallymark.tasks.records import EVERYBODY

SQL = load("tallymark.tasks", "schedules.sql")

LATE = timedelta(minutes=10)
"""A due time that was passed by for longer counts as missed."""


@dataclass(frozen=True, slots=True)
class Schedule:
    """When a job runs for a tenant. `own`: it has one of its own. `next_at` is None until a worker has seen it."""

    job: str
    cron: str
    timezone: str
    missed: Missed
    enabled: bool
    owner: str
    own: bool
    next_at: datetime | None
    last_at: datetime | None
    upcoming: tuple[datetime, ...]


def define(conn: Connection[Any]) -> None:
    """Writes down what the declarations say; what somebody has set stays."""
    for job in JOBS.values():
        if job.clock is not None:
            clock = {"cron": job.clock.cron, "timezone": job.clock.timezone, "missed": job.clock.missed}
            conn.execute(SQL.define, {"job": job.name, **clock})
    conn.execute(SQL.retire, {"jobs": [job.name for job in JOBS.values() if job.clock is not None]})


def tick(conn: Connection[Any]) -> int:
    """Has everything run that is due; returns how many runs that makes. `conn` is the engine's."""
    made = 0
    for tenant_id, job, cron, timezone, missed, due_at, now in conn.execute(SQL.due).fetchall():
        runs = due_at is not None and job in JOBS and (missed == "once" or now - due_at <= LATE)
        if runs:
            made += _run(conn, tenant_id, job, due_at)
        next_at = calendar.following(cron, timezone, now)
        conn.execute(
            SQL.advance, {"tenant": tenant_id, "job": job, "next_at": next_at, "last_at": due_at if runs else None}
        )
    return made


def _run(conn: Connection[Any], tenant_id: int, job: str, due_at: datetime) -> bool:
    try:
        with conn.transaction():
            asked = enqueue(
                conn, job, tenant_id, trigger="clock", triggered_by="schedule", due_at=due_at, scheduled_for=due_at
            )
    except errors.UniqueViolation:  # The clock was set back: this time has been before.
        return False
    return not asked.joined


def change(
    conn: Connection[Any],
    tenant_id: int,
    job: str,
    *,
    owner: str,
    cron: str | None = None,
    timezone: str | None = None,
    missed: Missed | None = None,
    enabled: bool | None = None,
) -> None:
    """Sets when a job runs; what is None stays as it is. Raises UnknownJob and BadQuestion."""
    declared = find_job(job).clock
    known = {schedule.job: schedule for schedule in schedules_of(conn, tenant_id)}.get(job)
    told_cron = cron or (known.cron if known else declared.cron if declared else None)
    told_zone = timezone or (known.timezone if known else declared.timezone if declared else "UTC")
    if told_cron is None:
        raise BadQuestion(f"The job {job} runs when it is asked for: give it a cron expression first.")
    calendar.check(told_cron, told_zone)
    calendar.check_pace(told_cron, told_zone)
    told_missed = missed or (known.missed if known else declared.missed if declared else "once")
    conn.execute(
        SQL.change,
        {
            "tenant": tenant_id, "job": job, "cron": told_cron, "timezone": told_zone, "missed": told_missed,
            "enabled": enabled, "owner": owner,
        },
    )  # fmt: skip


def switch(conn: Connection[Any], tenant_id: int, job: str, enabled: bool, *, owner: str) -> None:
    """Switches a job's schedule on or off, where it has one. Raises UnknownJob."""
    if find_job(job).clock is not None or any(known.job == job for known in schedules_of(conn, tenant_id)):
        change(conn, tenant_id, job, owner=owner, enabled=enabled)


def reset(conn: Connection[Any], tenant_id: int, job: str) -> None:
    """Back to what the declaration says, or for one tenant to what holds for all. Raises UnknownJob."""
    conn.execute(SQL.reset, {"tenant": tenant_id, "job": find_job(job).name})
    if tenant_id == EVERYBODY:
        define(conn)


def schedules_of(conn: Connection[Any], tenant_id: int) -> list[Schedule]:
    """When a tenant's jobs run, or with EVERYBODY those of all tenants."""
    found = {
        job: Schedule(
            job, cron, timezone, missed, enabled, owner, own == tenant_id != EVERYBODY, next_at, last_at,
            tuple(calendar.upcoming(cron, timezone, now)) if enabled else (),
        )
        for own, job, cron, timezone, missed, enabled, owner, next_at, last_at, now in conn.execute(
            SQL.of_tenant, {"tenant": tenant_id}
        )
    }  # fmt: skip
    return [schedule for job in JOBS.values() if (schedule := found.get(job.name) or _declared(conn, job)) is not None]


def _declared(conn: Connection[Any], job: Job) -> Schedule | None:
    """What holds before the first worker has written it down."""
    if job.clock is None:
        return None
    row = conn.execute(SQL.clock).fetchone()
    assert row is not None
    clock = job.clock
    due = tuple(calendar.upcoming(clock.cron, clock.timezone, row[0]))
    return Schedule(job.name, clock.cron, clock.timezone, clock.missed, True, "default", False, due[0], None, due)


def tenants_without_own(conn: Connection[Any], job: str) -> list[Tenant]:
    """Whom a run of the job for all tenants is for. `conn` is the engine's."""
    return [Tenant(*row) for row in conn.execute(SQL.tenants_without_own, {"job": job})]
