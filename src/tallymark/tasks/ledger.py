"""The ledger of runs: what waits, what is under way, what became of it.

A run is `scheduled` until a worker takes it up, `running` until it is `completed`, `failed` or `cancelled`. Of one
tenant, job and key one run waits and one is under way at most: whoever asks while one waits is served by it, whoever
asks while one is under way gets one more. Only the latest start of a run may write its end, so a worker that was given
up and comes back changes nothing.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from random import random
from typing import Any, Literal

from psycopg import Connection, errors
from psycopg.types.json import Jsonb

from tallymark.errors import Conflict, NotFound, UnknownTenant
from tallymark.model import Tenant
from tallymark.tasks.jobs import JOBS, PRIORITIES, find_job
from tallymark.tasks.records import EVERYBODY, SQL

TURN_CLASS = 0x7A12
FIRST_PAUSE, LONGEST_PAUSE = 2.0, 300.0
LOSSES = 20
"""How often a run may lose its worker or the database before it counts as what brings them down."""
LOST = "The worker that ran it was lost."

Trigger = Literal["click", "clock", "event", "command"]


@dataclass(frozen=True, slots=True)
class Asked:
    """A run that will serve whoever asked. `joined`: it waited already."""

    run_id: str
    joined: bool


@dataclass(frozen=True, slots=True)
class Started:
    """A run that is a worker's to do: `start` is its right to tell how it ended."""

    tenant_id: int
    run_id: str
    job: str
    key: str
    parameters: Mapping[str, Any]
    triggered_by: str
    start: int
    attempt: int

    def told(self) -> dict[str, Any]:
        """As another process is told."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Ended:
    """How an attempt ended. What is `put off` is taken up again after `delay` seconds.

    `counted` false where the end says nothing about the job; `lost` where its worker or the database went away.
    """

    status: Literal["completed", "failed", "cancelled", "put off"]
    result: Mapping[str, Any] = field(default_factory=dict)
    error: str | None = None
    counted: bool = True
    lost: bool = False
    delay: float = 0.0

    def told(self) -> dict[str, Any]:
        """As another process is told."""
        return asdict(self)


def enqueue(
    conn: Connection[Any],
    job: str,
    tenant_id: int,
    *,
    trigger: Trigger,
    triggered_by: str,
    key: str = "",
    parameters: Mapping[str, object] | None = None,
    delay: float = 0.0,
    due_at: datetime | None = None,
    scheduled_for: datetime | None = None,
) -> Asked:
    """Has a job run once the transaction is committed, `delay` seconds from now or at `due_at` at the earliest.

    `conn` is the tenant's own or the engine's; EVERYBODY needs the engine's. Raises UnknownJob.
    """
    row = conn.execute(
        SQL.enqueue,
        {
            "tenant": tenant_id,
            "job": job,
            "key": key,
            "parameters": Jsonb(dict(parameters or {})),
            "trigger": trigger,
            "triggered_by": triggered_by,
            "priority": PRIORITIES.index(find_job(job).priority),
            "delay": delay,
            "due_at": due_at,
            "scheduled_for": scheduled_for,
        },
    ).fetchone()
    assert row is not None
    conn.execute(SQL.wake)
    return Asked(*row)


def hand_over(conn: Connection[Any], free: int) -> int:
    """Hands the runs whose turn has come to the queue, as many as a worker has hands free; returns how many."""
    conn.execute(SQL.turn, {"class": TURN_CLASS})
    return conn.execute(SQL.hand_over, {"free": free}).rowcount


def start(conn: Connection[Any], tenant_id: int, run_id: str, queue_job: int, worker: str) -> Started | None:
    """The run, now under way; None where it is not to be done any more, or not now."""
    place = {"tenant": tenant_id, "run": run_id, "queue_job": queue_job, "worker": worker}
    try:
        with conn.transaction():
            row = conn.execute(SQL.start, place).fetchone()
    except errors.UniqueViolation:  # One of the same is under way; this one's turn comes again.
        return None
    return Started(tenant_id, run_id, *row) if row else None


def lock(conn: Connection[Any], run: Started) -> bool:
    """Whether nobody else is at the same work: held by the session for as long as its connection lives."""
    row = conn.execute(SQL.lock_run, {"name": f"{run.tenant_id}:{run.job}:{run.key}"}).fetchone()
    return bool(row and row[0])


def note_progress(conn: Connection[Any], run: Started, progress: Mapping[str, object]) -> None:
    """Writes how far the run is, where anybody can see it."""
    conn.execute("SET LOCAL synchronous_commit = off")
    conn.execute(SQL.note_progress, _place(run) | {"progress": Jsonb(dict(progress))})


def end(conn: Connection[Any], run: Started, ended: Ended) -> str | None:
    """Writes how the attempt ended and returns the run's status then; None where this start may not tell any more.

    What failed and has attempts left is scheduled again, after a pause that grows and varies.
    """
    job = JOBS.get(run.job)
    put_off = ended.status == "put off"
    if ended.status == "failed" and job is not None and run.attempt < job.attempts:
        put_off, ended = True, Ended("put off", error=ended.error, delay=pause(run.attempt))
    if put_off:
        return _put_off(conn, run, ended)
    told = {"status": ended.status, "result": Jsonb(dict(ended.result)), "error": ended.error}
    conn.execute(SQL.wake)
    return ended.status if conn.execute(SQL.finish, _place(run) | told).rowcount else None


def pause(attempt: int) -> float:
    """Seconds before the next attempt: full jitter, so that what failed together is not tried again together."""
    return float(min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** (attempt - 1))) * (0.5 + random() / 2)


def reap(conn: Connection[Any], silent: float) -> list[str]:
    """Takes back the runs of workers that have said nothing for `silent` seconds; returns their ids."""
    found = conn.execute(SQL.lost, {"silent": silent}).fetchall()
    for tenant_id, run_id, job, start_number, worker, stop in found:
        run = Started(tenant_id, str(run_id), job, "", {}, "", start_number, 0)
        error = f"{LOST} ({worker})"
        if stop:
            end(conn, run, Ended("cancelled", error=error))
        else:
            _put_off(conn, run, Ended("put off", error=error, counted=False, lost=True))
    conn.execute(SQL.take_back)
    conn.execute(SQL.drop_from_queue, {"silent": silent})
    conn.execute(SQL.forget_workers)
    return [str(row[1]) for row in found]


def seen(conn: Connection[Any], worker: str, concurrency: int, automatic: bool) -> None:
    """A worker says that it is there."""
    conn.execute(SQL.seen, {"worker": worker, "concurrency": concurrency, "automatic": automatic})


def gone(conn: Connection[Any], worker: str) -> None:
    """A worker says that it ends."""
    conn.execute(SQL.gone, {"worker": worker})


def to_stop(conn: Connection[Any], worker: str) -> set[str]:
    """Which of a worker's runs somebody wants stopped."""
    return {run_id for (run_id,) in conn.execute(SQL.to_stop, {"worker": worker})}


def stop(conn: Connection[Any], job: str, tenant_id: int) -> dict[str, list[str]]:
    """Cancels the runs of a job that wait and has those under way stopped: their ids by what became of them."""
    rows = conn.execute(SQL.cancel, {"tenant": tenant_id, "job": find_job(job).name}).fetchall()
    conn.execute(SQL.wake)
    return {
        "cancelled": [run_id for run_id, status in rows if status == "cancelled"],
        "stopping": [run_id for run_id, status in rows if status == "running"],
    }


def retry(conn: Connection[Any], tenant_id: int, run_id: str) -> str:
    """Has a run that failed tried again. Raises NotFound, and Conflict where it has not ended or the next one waits."""
    row = conn.execute(SQL.retry, {"tenant": tenant_id, "run": run_id}).fetchone()
    if row is None:
        known = conn.execute(SQL.run, {"tenant": tenant_id, "run": run_id}).fetchone()
        if known is None:
            raise NotFound(f"There is no run {run_id}.")
        raise Conflict(f"The run is {known[0]}, or another run of the same job waits: nothing is to be tried again.")
    conn.execute(SQL.wake)
    return str(row[0])


def tenant_of(conn: Connection[Any], run: Started) -> Tenant | None:
    """Whom a run is for; None: all of them. Raises UnknownTenant where it is not active any more."""
    if run.tenant_id == EVERYBODY:
        return None
    row = conn.execute(SQL.tenant, {"tenant": run.tenant_id}).fetchone()
    if row is None:
        raise UnknownTenant("The tenant is not active any more.")
    return Tenant(*row)


def _put_off(conn: Connection[Any], run: Started, ended: Ended) -> str | None:
    told = {
        "error": ended.error,
        "delay": ended.delay,
        "counted": ended.counted,
        "losses": int(ended.lost),
        "most": LOSSES,
        "end": "failed" if ended.counted else "cancelled",
    }
    conn.execute(SQL.wake)
    try:
        with conn.transaction():
            moved = conn.execute(SQL.put_off, _place(run) | told).rowcount
    except errors.UniqueViolation:  # Another of the same has come in between: now it is seen.
        moved = conn.execute(SQL.put_off, _place(run) | told).rowcount
    return "scheduled" if moved else None


def _place(run: Started) -> dict[str, object]:
    return {"tenant": run.tenant_id, "run": run.run_id, "start": run.start}
