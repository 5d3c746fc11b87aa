"""What the tables tell of runs, whichever process carries them out."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, LiteralString
from uuid import UUID

from psycopg import Connection

from tallymark.api.facts import Completed, UnderWay
from tallymark.db.queries import load
from tallymark.model import Tenant, instant
from tallymark.tasks import DIED, LOCK_CLASS, STEPS

SQL = load("tallymark.api.rest", "runs.sql")
LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Seen:
    """A run's record and the steps it has reached, as HTTP gives them."""

    record: Mapping[str, Any]
    steps: list[Mapping[str, Any]]

    @property
    def ended(self) -> bool:
        return self.record["status"] in {"completed", "failed"}


def look(conn: Connection[Any], tenant: Tenant, run_id: UUID) -> Seen | None:
    """The run, if there is one; `conn` is READ COMMITTED."""
    values = {"tenant_id": tenant.tenant_id, "run_id": run_id, "lock_class": LOCK_CLASS}
    found = _found(conn, SQL.run, values)
    if not found:
        return None
    record = _record(found[0])
    reached = {step: (done, total) for step, done, total in conn.execute(SQL.steps, values).fetchall()}
    if record["status"] == "completed":  # It went through them all, noted or not.
        reached = {step: reached.get(step, (None, None)) for step in STEPS}
    return Seen(record, _steps(run_id, reached))


def answering(conn: Connection[Any], tenant: Tenant, arrived: datetime) -> Mapping[str, Any] | None:
    """The finished run that holds all that was there when somebody arrived, if there is one."""
    row = conn.execute(SQL.answering, {"tenant_id": tenant.tenant_id, "arrived": arrived}).fetchone()
    return _record(row) if row else None


def newest_completed(conn: Connection[Any], tenant: Tenant) -> Completed | None:
    row = conn.execute(SQL.answering, {"tenant_id": tenant.tenant_id, "arrived": LONG_AGO}).fetchone()
    return Completed(_record(row), row[5]) if row else None


def under_way(conn: Connection[Any], tenant: Tenant) -> UnderWay | None:
    row = conn.execute(SQL.under_way, {"tenant_id": tenant.tenant_id, "lock_class": LOCK_CLASS}).fetchone()
    return UnderWay(str(row[0]), row[1]) if row else None


def clock(conn: Connection[Any]) -> datetime:
    row = conn.execute(SQL.clock).fetchone()
    assert row is not None
    now: datetime = row[0]
    return now


def recent(conn: Connection[Any], tenant: Tenant, limit: int) -> list[dict[str, Any]]:
    """The last runs, newest first; `conn` is READ COMMITTED."""
    values = {"tenant_id": tenant.tenant_id, "limit": limit, "lock_class": LOCK_CLASS}
    return [
        {
            "runId": str(row[0]),
            "platform": row[1],
            "status": row[2],
            "triggeredBy": row[3],
            "startedAt": instant(row[4]),
            "endedAt": instant(row[5]),
            "durationMs": row[6],
            "changesApplied": row[7],
            "version": row[8],
            "error": row[9],
        }
        for row in _found(conn, SQL.recent, values)
    ]


def _found(conn: Connection[Any], query: LiteralString, values: Mapping[str, object]) -> list[list[Any]]:
    """Records whose fields 2 and last but one are status and error; those that nobody carries out any more have failed.

    The next refresh of the shop writes that down too.
    """
    rows = conn.execute(query, values).fetchall()
    if any(dead for *_, dead in rows):  # Unless they have just ended: then their records tell so by now.
        rows = conn.execute(query, values).fetchall()
    return [[*row[:2], "failed", *row[3:-2], DIED] if row[-1] else [*row[:-1]] for row in rows]


def unrecorded(run_id: UUID, status: str, error: str | None = None) -> Seen:
    """A run of which there is no record: it waits for the one before it, or could not begin."""
    nothing = (None,) * 5
    return Seen(_record((run_id, "all", status, *nothing, 0, 0, 0, None, {}, {}, error)), [])


def _record(row: Any) -> dict[str, Any]:
    return {
        "runId": str(row[0]),
        "platform": row[1],
        "status": row[2],
        "triggeredBy": row[3],
        "startedAt": instant(row[4]),
        "snapshotAt": instant(row[5]),
        "endedAt": instant(row[6]),
        "durationMs": row[7],
        "changesApplied": row[8],
        "ordersProcessed": row[9],
        "expensesProcessed": row[10],
        "version": row[11],
        "phases": row[12],
        "metrics": row[13],
        "error": row[14],
    }


def _steps(run_id: UUID, reached: Mapping[str, tuple[int | None, int | None]]) -> list[Mapping[str, Any]]:
    return [
        {
            "runId": str(run_id),
            "step": step,
            "index": STEPS.index(step) + 1,
            "of": len(STEPS),
            "done": done,
            "total": total,
        }
        for step, (done, total) in reached.items()
        if step in STEPS
    ]
