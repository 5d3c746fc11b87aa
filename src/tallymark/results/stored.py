"""The stored answers: one row per question that a refresh keeps ready."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from psycopg import Connection

from tallymark.metrics import Plan, Result
from tallymark.model import Notice, Tenant


@dataclass(frozen=True, slots=True)
class Stored:
    """A stored answer. `failed_at`: a later evaluation has failed, and this is the last good one."""

    metric: str
    platform: str
    parameters: str
    resolved: str
    data: object
    warnings: tuple[Notice, ...]
    computation_ms: float
    period_start: date | None
    period_end: date | None
    data_through: datetime | None
    version: int
    computed_at: datetime
    failed_at: datetime | None
    failure: str | None


def publish(
    conn: Connection[Any],
    tenant: Tenant,
    plan: Plan,
    result: Result,
    *,
    version: int,
    now: datetime,
    data_through: datetime | None,
) -> None:
    """Store the result as the current answer to the plan's question."""
    raise NotImplementedError


def keep_last_good(
    conn: Connection[Any], tenant: Tenant, plan: Plan, error: Exception, now: datetime
) -> bool:
    """Note on the stored answer that its evaluation failed; its figures stay. False: none is stored."""
    raise NotImplementedError


def read(conn: Connection[Any], tenant_id: int, metric: str, platform: str, parameters: str) -> Stored | None:
    raise NotImplementedError


def read_many(
    conn: Connection[Any], tenant_id: int, platform: str, questions: Iterable[tuple[str, str]]
) -> dict[tuple[str, str], Stored]:
    """The stored answers of one platform by (metric, parameters), those missing left out: one round trip."""
    raise NotImplementedError


def stored_windows(conn: Connection[Any], tenant_id: int) -> Mapping[tuple[str, str, str], str | None]:
    """What is stored: (metric, platform, parameters) to its resolved days, None where it failed since.

    A plan whose `resolved` is not what stands here has a window that moved, or is missing.
    """
    raise NotImplementedError
