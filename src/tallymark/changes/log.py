"""The change log as values: what waits to be applied, and what has been."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any

from psycopg import Connection
from psycopg.rows import dict_row

from tallymark.db.queries import load

LOG = load("tallymark.changes", "log.sql")


@dataclass(frozen=True, slots=True)
class Progress:
    """What is published of one tenant. Everything visible in `seen` is in the rollups of `version`.

    While a change too large for one step is being applied, `target` is the snapshot it ends at and `cursor` the last
    log row applied. While a build is under way, `building` says how far it has come.
    """

    tenant_id: int
    system_id: int
    seen: str
    target: str | None
    cursor_seq: int | None
    version: int
    published_at: datetime | None
    checked_at: datetime | None
    data_through: Mapping[str, str]
    definition_hash: str
    building: Mapping[str, Any] | None

    @property
    def settled(self) -> bool:
        """Whether the rollups show one state of the data: no build and no large change is half done."""
        return self.target is None and self.building is None


@dataclass(slots=True)
class Changes:
    """Keys of what changed, each once.

    `instants`: of each source whose rows belong to a day, when its changed rows happened. `products`: whose stock or
    cost may be another. `segments`: the customers whose stored segment is another. `rates`: the currencies and days
    whose exchange rates are another; they stand for orders, which the reader has to find, and are of no platform.
    `sources` also names changed tables that have no keys (renamed categories). `platforms` are those the changes belong
    to; None among them is a change that may concern any.
    """

    orders: set[tuple[datetime, str, str]] = field(default_factory=set)
    refunds: set[tuple[str, str]] = field(default_factory=set)
    instants: dict[str, set[datetime]] = field(default_factory=dict)
    products: set[tuple[str, str]] = field(default_factory=set)
    segments: set[tuple[str, str]] = field(default_factory=set)
    rates: set[tuple[str, date]] = field(default_factory=set)
    sources: set[str] = field(default_factory=set)
    platforms: set[str | None] = field(default_factory=set)
    keys_logged: int = 0
    last_seq: int = 0

    def __len__(self) -> int:
        by_day = sum(len(instants) for instants in self.instants.values())
        return len(self.orders) + len(self.refunds) + len(self.segments) + len(self.products) + by_day


def progress(conn: Connection[Any], tenant_id: int) -> Progress | None:
    """The tenant's publication, or None before its first build."""
    with conn.cursor(row_factory=dict_row) as cursor:
        row = cursor.execute(LOG.progress, {"tenant": tenant_id}).fetchone()
    return Progress(**row) if row else None


def pending(conn: Connection[Any], state: Progress, most: int) -> Changes:
    """The oldest changes not yet applied, about `most` keys at a time; empty when everything visible is."""
    changes = Changes()
    for source, platform, ids, instants, seq in conn.execute(LOG.pending, _scope(state) | {"most": most}):
        changes.sources.add(source)
        changes.keys_logged += len(instants or ids or ())
        changes.last_seq = seq
        if source != "exchange_rates":
            changes.platforms.add(platform)
        match source:
            case "orders":
                changes.orders.update((at, platform, order_id) for at, order_id in zip(instants, ids, strict=True))
            case "refunds":
                changes.refunds.update((platform, refund_id) for refund_id in ids)
            case "expenses" | "activity" | "customers":
                changes.instants.setdefault(source, set()).update(at for at in instants if at is not None)
            case "inventory_levels" | "products":
                changes.products.update((platform, product_id) for product_id in ids)
            case "segments":
                changes.segments.update((platform, customer_id) for customer_id in ids)
            case "exchange_rates":
                days = (at.astimezone(UTC).date() for at in instants)
                changes.rates.update(zip(ids, days, strict=True))
    return changes


def pending_keys(conn: Connection[Any], state: Progress) -> int:
    """How many keys wait to be applied; a key written by several statements counts each time."""
    row = conn.execute(LOG.pending_keys, _scope(state)).fetchone()
    return int(row[0]) if row else 0


def purge(conn: Connection[Any], tenant_id: int) -> int:
    """Deletes log rows that are published for good; returns how many."""
    return conn.execute(LOG.purge, {"tenant": tenant_id}).rowcount


def _scope(state: Progress) -> dict[str, object]:
    return {
        "tenant": state.tenant_id,
        "seen": state.seen,
        "target": state.target,
        "cursor": state.cursor_seq or 0,
    }
