"""Live counts: exact at the moment they are asked for, at the cost of what changed since the last refresh."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from psycopg import Connection

from tallymark.changes import pending, progress
from tallymark.db.queries import load

SQL = load("tallymark.tasks", "counts.sql")
WORTH_ADDING = 20_000
"""Beyond so many changed orders, counting them all is quicker."""


@dataclass(frozen=True, slots=True)
class LiveCounts:
    """Products, orders that are neither cancelled nor test, and expense records, as of `last_updated`."""

    products: int
    orders: int
    expenses: int
    last_updated: datetime


def live_counts(conn: Connection[Any], tenant_id: int) -> LiveCounts:
    """Counts in the snapshot of the running transaction, which must be REPEATABLE READ."""
    tenant = {"tenant": tenant_id}
    products, expenses, now = _row(conn, SQL.products_and_expenses, tenant)
    return LiveCounts(products, _orders(conn, tenant), expenses, now)


def _orders(conn: Connection[Any], tenant: dict[str, Any]) -> int:
    state = progress(conn, tenant["tenant"])
    if state is None or not state.settled:
        return int(_row(conn, SQL.counted_orders, tenant)[0])
    changes = pending(conn, state, WORTH_ADDING)
    if changes.keys_logged >= WORTH_ADDING:
        return int(_row(conn, SQL.counted_orders, tenant)[0])
    published = int(_row(conn, SQL.published_orders, tenant)[0])
    if not changes.orders:
        return published
    placed_at, platform, order_id = zip(*changes.orders, strict=True)
    keys = {"placed_at": list(placed_at), "platform": list(platform), "order_id": list(order_id)}
    return published + int(_row(conn, SQL.changed_orders, tenant | keys)[0])


def _row(conn: Connection[Any], query: str, arguments: dict[str, Any]) -> tuple[Any, ...]:
    row: tuple[Any, ...] | None = conn.execute(query, arguments).fetchone()
    assert row is not None
    return row
