"""How long each metric takes: every evaluation of a refresh, by day, for 30 days (MISSION A11)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from psycopg import Connection
from psycopg.rows import class_row

from tallymark.db.queries import load

SQL = load("tallymark.results", "results.sql")


@dataclass(frozen=True, slots=True)
class Timing:
    """Milliseconds that one question of the metric took to evaluate; `slow` of them were over the threshold."""

    metric: str
    evaluations: int
    average_ms: float
    longest_ms: float
    slow: int


def note_timings(
    conn: Connection[Any], tenant_id: int, evaluated: Iterable[tuple[str, float]], *, now: datetime, slow_ms: float
) -> None:
    """Adds the evaluations, (metric, milliseconds), to those of the day."""
    metrics, milliseconds = [], []
    for metric, took in evaluated:
        metrics.append(metric)
        milliseconds.append(took)
    if metrics:
        values = {"tenant": tenant_id, "metrics": metrics, "milliseconds": milliseconds, "slow_ms": slow_ms}
        conn.execute(SQL.note_timings, values | {"day": now.astimezone(UTC).date()})


def timings(conn: Connection[Any], tenant_id: int, now: datetime) -> list[Timing]:
    """Of the last 30 days, the slowest first."""
    with conn.cursor(row_factory=class_row(Timing)) as cursor:
        return cursor.execute(SQL.timings, {"tenant": tenant_id, "day": now.astimezone(UTC).date()}).fetchall()
