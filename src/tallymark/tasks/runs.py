"""The record of a refresh: what it did, for whom, how long each part took."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from psycopg import Connection
from psycopg.types.json import Json

from tallymark.db import Database
from tallymark.db.queries import load
from tallymark.model import Tenant
from tallymark.rollups import Applied

LOCK_CLASS = 0x7A11
"""The class of the advisory locks that each hold one tenant's refresh."""
DAILY_LOCK_CLASS = 0x7A14
"""Likewise of those that each let one run work out a tenant's answers of once a day."""
DIED = "The process that ran it ended before it was done."
SQL = load("tallymark.tasks", "runs.sql")


@dataclass(frozen=True, slots=True)
class Progress:
    """Where a run is: one of the named steps, and how much of it is done where that is known."""

    run_id: str
    step: str
    index: int
    of: int
    done: int | None = None
    total: int | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a caller of a refresh gets. `joined`: another caller's run served them. Times in milliseconds."""

    tenant: str
    platform: str
    run_id: str
    status: str
    version: int
    changes_applied: int
    metrics: Mapping[str, Mapping[str, object]]
    duration_ms: float
    phases: Mapping[str, float]
    refreshed_at: datetime
    joined: bool = False
    error: str | None = None


def start(
    conn: Connection[Any], tenant: Tenant, run: UUID, platform: str, triggered_by: str, arrived: datetime
) -> None:
    """Opens the record; runs that died with their process are closed first."""
    conn.execute("SET LOCAL synchronous_commit = off")
    conn.execute(SQL.abandon, {"tenant": tenant.tenant_id, "error": DIED})
    conn.execute(
        SQL.start,
        {
            "tenant": tenant.tenant_id,
            "run": run,
            "platform": platform,
            "triggered_by": triggered_by,
            "arrived": arrived,
        },
    )


def completed_since(conn: Connection[Any], tenant: Tenant, arrived: datetime) -> Outcome | None:
    """The run that already answers whoever arrived then, if there is one."""
    row = conn.execute(SQL.latest_completed, {"tenant": tenant.tenant_id, "arrived": arrived}).fetchone()
    if row is None:
        return None
    run_id, platform, version, changes, metrics, duration_ms, phases, refreshed_at, error = row
    return Outcome(
        tenant.slug, platform, run_id, "completed", version, changes, metrics, duration_ms, phases, refreshed_at,
        joined=True, error=error,
    )  # fmt: skip


def complete(
    conn: Connection[Any], tenant: Tenant, outcome: Outcome, snapshot_at: datetime | None, applied: Applied
) -> None:
    """Closes the record, in the transaction that publishes."""
    record = _figures(tenant, outcome) | {
        "snapshot_at": snapshot_at,
        "now": outcome.refreshed_at,
        "duration_ms": outcome.duration_ms,
        "changes": outcome.changes_applied,
        "orders": applied.orders,
        "expenses": applied.expenses,
        "version": outcome.version,
    }
    conn.execute(SQL.complete, record)


def add(conn: Connection[Any], tenant: Tenant, outcome: Outcome) -> None:
    """Adds to a closed record what was worked out after the publication."""
    conn.execute(SQL["add"], _figures(tenant, outcome))


def _figures(tenant: Tenant, outcome: Outcome) -> dict[str, object]:
    return {
        "tenant": tenant.tenant_id,
        "run": outcome.run_id,
        "phases": Json(outcome.phases),
        "metrics": Json(outcome.metrics),
        "error": outcome.error,
    }


def fail(database: Database, tenant: Tenant, run: UUID, error: str) -> None:
    """Closes the record of a run that published nothing."""
    with database.connect(tenant.tenant_id) as conn:
        conn.execute(SQL.fail, {"tenant": tenant.tenant_id, "run": run, "error": error})


def note_progress(database: Database, tenant: Tenant, steps: Sequence[Progress]) -> None:
    """Writes steps where other processes can see them."""
    rows = [
        {
            "tenant": tenant.tenant_id,
            "run": at.run_id,
            "seq": at.index,
            "step": at.step,
            "done": at.done,
            "total": at.total,
        }
        for at in steps
    ]
    with database.connect(tenant.tenant_id) as conn:
        conn.execute("SET LOCAL synchronous_commit = off")
        conn.cursor().executemany(SQL.progress, rows)
