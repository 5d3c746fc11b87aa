"""Brings the rollups of one tenant up to the snapshot of the running transaction."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime
from hashlib import sha256
from typing import Any

from psycopg import Connection

from tallymark.changes import LOG, Changes, Progress, pending, progress
from tallymark.errors import NotBuilt
from tallymark.model import Tenant
from tallymark.rollups.apply import (
    APPLY,
    CATEGORIES,
    CONTRIBUTION,
    CUSTOMERS,
    Applied,
    apply_categories,
    apply_orders,
)
from tallymark.rollups.days import DAYS, redo_days
from tallymark.rollups.rollup import DEFINITIONS
from tallymark.rollups.stock import STOCK, note_stock

KEYS_A_STEP = 20_000

ONE_PLAN = (
    "SELECT set_config('plan_cache_mode', 'force_generic_plan', true), set_config('jit', 'off', true),"
    " set_config('enable_memoize', 'off', true)"
)
"""One plan, made once, whatever the number of keys: with 80 partitions planning costs more than the work. No two orders
have the same lines, so remembering what came of them is work for nothing."""


@dataclass(frozen=True, slots=True)
class Advance:
    """What one call applied. `settled`: the rollups now hold all that the transaction sees; else commit and call again.

    `sources` names the base tables that changed, `platforms` whose rows they were (None: any); `changes` counts the
    keys that were counted anew.
    """

    applied: Applied
    changes: int
    sources: frozenset[str]
    platforms: frozenset[str | None]
    settled: bool


@dataclass(frozen=True, slots=True)
class View:
    """What a transaction sees, since when, in which cluster, and what is published of the tenant in it.

    `began` is no later than the snapshot, so whoever came before is in it.
    """

    snapshot: str
    system_id: int
    began: datetime
    published: Progress | None


def view(conn: Connection[Any], tenant: Tenant) -> View:
    """The view of the running transaction."""
    row = conn.execute(LOG.snapshot).fetchone()
    assert row is not None
    snapshot, system_id, began = row
    return View(snapshot, system_id, began, progress(conn, tenant.tenant_id))


def needs_build(seen: View, tenant: Tenant) -> str | None:
    """Why the tenant's rollups must be built before they can be advanced, or None."""
    state = seen.published
    if state is None:
        return "nothing was built yet"
    if state.system_id != seen.system_id:
        return "the database was restored into another cluster"
    if state.definition_hash != definition_hash(tenant):
        return "the definition of the figures, the time zone or the currency has changed"
    if state.building is not None:
        return "a build was interrupted"
    return None


def advance(
    conn: Connection[Any],
    tenant: Tenant,
    *,
    most: int = KEYS_A_STEP,
    as_of: datetime | None = None,
    seen: View | None = None,
) -> Advance:
    """Applies pending changes, about `most` keys at a time; stock is noted on the local day of `as_of`.

    `seen` is the transaction's view, for who has it already.

    Call it in REPEATABLE READ, holding the tenant's lock: the keys, the base rows and the rollups must be of one
    snapshot. Raises NotBuilt before the first build. Applying a key twice does no harm.
    """
    conn.execute(ONE_PLAN)
    seen = seen or view(conn, tenant)
    state = seen.published
    if state is None or state.building is not None:
        raise NotBuilt(hint=f"Run: tallymark refresh --tenant {tenant.slug}")
    return _advance(conn, tenant, state, seen.snapshot, most, as_of or seen.began)


def definition_hash(tenant: Tenant) -> str:
    """Changes whenever a stored figure would be computed otherwise."""
    parts = (
        *CONTRIBUTION.values(),
        *DEFINITIONS.values(),
        *CATEGORIES.values(),
        *CUSTOMERS.values(),
        *APPLY.values(),
        *DAYS.values(),
        *STOCK.values(),
        tenant.timezone,
        tenant.currency,
    )
    return sha256("\0".join(parts).encode()).hexdigest()


def _advance(
    conn: Connection[Any], tenant: Tenant, state: Progress, seen_now: str, most: int, as_of: datetime
) -> Advance:
    changes = pending(conn, state, most)
    done = _apply(conn, tenant, changes, as_of)
    if changes.keys_logged >= most:
        step = {"tenant": tenant.tenant_id, "target": state.target or seen_now, "cursor": changes.last_seq}
        conn.execute(LOG.step, step)
        return replace(done, settled=False)
    seen = state.target or seen_now
    conn.execute(LOG.finish, {"tenant": tenant.tenant_id, "seen": seen})
    if state.target is None:
        return done
    # The end of a large change. What was committed while its steps ran follows in this same snapshot.
    rest = _advance(conn, tenant, replace(state, seen=seen, target=None, cursor_seq=None), seen_now, most, as_of)
    return Advance(
        done.applied + rest.applied,
        done.changes + rest.changes,
        done.sources | rest.sources,
        done.platforms | rest.platforms,
        rest.settled,
    )


def _apply(conn: Connection[Any], tenant: Tenant, changes: Changes, as_of: datetime) -> Advance:
    applied, recounted = Applied(), len(changes)
    sources, platforms = set(changes.sources), set(changes.platforms)
    if changes.orders or changes.refunds or changes.segments:
        applied += apply_orders(conn, tenant, changes)
    for source, instants in changes.instants.items():
        rows = redo_days(conn, tenant, source, instants)
        applied += Applied(expenses=rows if source == "expenses" else 0)
    if changes.products:
        apply_categories(conn, tenant, changes.products)
        note_stock(conn, tenant, changes.products, as_of)
    for orders in _orders_under(conn, tenant, changes.rates):
        applied += apply_orders(conn, tenant, Changes(orders=orders))
        recounted += len(orders)
        sources.add("orders")
        platforms.update(platform for _, platform, _ in orders)
    return Advance(applied, recounted, frozenset(sources), frozenset(platforms), settled=True)


def _orders_under(
    conn: Connection[Any], tenant: Tenant, rates: set[tuple[str, date]]
) -> Iterator[set[tuple[datetime, str, str]]]:
    """The orders that changed rates hold for, a step's keys at a time: a rate may hold for years of them."""
    if not rates:
        return
    currencies, days = zip(*sorted(rates), strict=True)
    arguments = {"tenant": tenant.tenant_id, "currency": list(currencies), "day": list(days)}
    with conn.cursor(name="orders_under_rates") as found:
        found.execute(APPLY.orders_under_rates, arguments)
        while orders := found.fetchmany(KEYS_A_STEP):
            yield set(orders)
