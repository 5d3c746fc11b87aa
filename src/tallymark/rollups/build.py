"""Makes a tenant's facts and rollups from nothing, a month at a time, on as many connections as it is given.

What was committed before the build began is read by its steps; what is committed while they run is in the change log,
and the first `advance` after the build applies it. A build that was interrupted goes on where it stopped: each step
is noted in its own transaction.
"""

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from datetime import datetime
from queue import SimpleQueue
from typing import Any, Protocol
from uuid import uuid4

from psycopg import Connection, sql
from psycopg.types.json import Jsonb

from tallymark.changes import LOG
from tallymark.errors import Conflict
from tallymark.model import Tenant
from tallymark.rollups.advance import View, definition_hash, view
from tallymark.rollups.apply import (
    APPLY,
    build_categories,
    build_customers,
    build_orders,
    build_refunds,
    build_totals,
)
from tallymark.rollups.days import place_month, span_of_days
from tallymark.rollups.rollup import STORED
from tallymark.rollups.stock import build_stock

ORDERS_A_SHARE = 500_000
"""How many orders' customers are linked in one step."""

STAGES = ("clear", "categories", "orders", "refunds", "customers", "totals", "days", "stock")
SIDE_BY_SIDE = ("orders", "customers", "days")

Span = tuple[datetime | None, datetime | None]


class Transactions(Protocol):
    """Where a build gets its transactions from: a session, which commits each step."""

    def transaction(self, isolation: Any = ...) -> AbstractContextManager[Connection[Any]]: ...


@dataclass(frozen=True, slots=True)
class BuildStep:
    """How far a build is: `done` of `total` steps of a stage."""

    stage: str
    done: int
    total: int


@dataclass(frozen=True, slots=True)
class Stand:
    """Where a build is, as kept in the publication.

    The spans are those of the orders, and of what is kept by days, that there were when it began. `as_of`: on whose
    local day it notes the stock.
    """

    id: str
    stage: str
    done: frozenset[int]
    orders: Span
    days: Span
    as_of: datetime

    @classmethod
    def start(cls, conn: Connection[Any], tenant: Tenant, as_of: datetime) -> "Stand":
        orders, days = _one(conn, APPLY.span_of_orders, tenant), _one(conn, span_of_days(), tenant)
        return cls(uuid4().hex, STAGES[0], frozenset(), (orders[0], orders[1]), (days[0], days[1]), as_of)

    @classmethod
    def read(cls, kept: Mapping[str, Any], as_of: datetime) -> "Stand":
        """As it was kept, under a new id: that shuts out steps of the interrupted build that may still be under way."""
        orders, days = ([at and datetime.fromisoformat(at) for at in kept[span]] for span in ("orders", "days"))
        done = frozenset(kept["done"])
        return cls(uuid4().hex, kept["stage"], done, (orders[0], orders[1]), (days[0], days[1]), as_of)

    def as_json(self) -> Jsonb:
        orders, days = ([at and at.isoformat() for at in span] for span in (self.orders, self.days))
        done = sorted(self.done)
        return Jsonb({"id": self.id, "stage": self.stage, "done": done, "orders": orders, "days": days})


def build(
    session: Transactions,
    tenant: Tenant,
    helpers: Sequence[Transactions] = (),
    *,
    as_of: datetime | None = None,
) -> Iterator[BuildStep]:
    """Builds everything of the tenant in committed steps, yielding after each; hold the tenant's lock meanwhile.

    `helpers` are further sessions of the tenant; the steps of a stage are shared among them. Stock is noted on the
    local day of `as_of`. Raises Conflict when another process has taken the build over.
    """
    with session.transaction("repeatable read") as conn:
        seen = view(conn, tenant)
        stand = _begin(conn, tenant, seen, as_of or seen.began)
    for stage in STAGES[STAGES.index(stand.stage) :]:
        if stage != stand.stage:
            stand = replace(stand, stage=stage, done=frozenset())
            with session.transaction() as conn:
                conn.execute(LOG.build_stage, {"tenant": tenant.tenant_id, "building": stand.as_json()})
        with session.transaction() as conn:
            units = _units(conn, tenant, stand)
        for done in _run_units([session, *helpers], tenant, stand, units):
            yield BuildStep(stage, done, len(units))
    with session.transaction() as conn:
        conn.execute(LOG.built, {"tenant": tenant.tenant_id})


def build_at_once(conn: Connection[Any], tenant: Tenant) -> None:
    """The same steps within the running transaction, into whatever tables its search path finds first."""
    start = Stand.start(conn, tenant, view(conn, tenant).began)
    for stage in STAGES[1:]:
        stand = replace(start, stage=stage)
        for unit in _units(conn, tenant, stand):
            _run_unit(conn, tenant, stand, unit)
    conn.execute(APPLY.join_again)


def _run_units(sessions: list[Transactions], tenant: Tenant, stand: Stand, units: list[Any]) -> Iterator[int]:
    """Runs what is not done of a stage, each unit in a transaction of its own; yields how many are."""
    left = [number for number in range(len(units)) if number not in stand.done]
    if stand.stage in SIDE_BY_SIDE and len(sessions) > 1:
        yield from _side_by_side(sessions, tenant, stand, units, left)
        return
    for done, number in enumerate(left, len(units) - len(left) + 1):
        _commit_unit(sessions[0], tenant, stand, number, units[number])
        yield done


def _side_by_side(
    sessions: list[Transactions], tenant: Tenant, stand: Stand, units: list[Any], left: list[int]
) -> Iterator[int]:
    free: SimpleQueue[Transactions] = SimpleQueue()
    for session in sessions:
        free.put(session)

    def work(number: int) -> None:
        session = free.get()
        try:
            _commit_unit(session, tenant, stand, number, units[number])
        finally:
            free.put(session)

    pool = ThreadPoolExecutor(len(sessions), thread_name_prefix="build")
    try:
        started = [pool.submit(work, number) for number in left]
        for done, finished in enumerate(as_completed(started), len(units) - len(left) + 1):
            finished.result()
            yield done
    finally:
        pool.shutdown(cancel_futures=True)


def _commit_unit(session: Transactions, tenant: Tenant, stand: Stand, number: int, unit: Any) -> None:
    """Each unit reads the base tables in one statement, and so in one snapshot; the note of it may wait for others'."""
    with session.transaction() as conn:
        _run_unit(conn, tenant, stand, unit)
        step = {"tenant": tenant.tenant_id, "id": stand.id, "stage": stand.stage, "unit": number}
        if conn.execute(LOG.build_step, step).rowcount != 1:
            raise Conflict("Another process has taken over this build.")


def _run_unit(conn: Connection[Any], tenant: Tenant, stand: Stand, unit: Any) -> None:
    # Rows that were just loaded have no statistics, and a plan that takes them for few would never end. Whatever a
    # build joins is joined whole.
    conn.execute(APPLY.join_whole)
    match stand.stage:
        case "clear":
            statement = sql.SQL("DELETE FROM {} WHERE tenant_id = %s").format(sql.Identifier(unit))
            conn.execute(statement, (tenant.tenant_id,))
        case "categories":
            build_categories(conn, tenant)
        case "orders":
            build_orders(conn, tenant, *unit)
        case "refunds":
            build_refunds(conn, tenant)
        case "customers":
            build_customers(conn, tenant, *unit)
        case "totals":
            build_totals(conn, tenant)
        case "days":
            place_month(conn, tenant, *unit)
        case "stock":
            build_stock(conn, tenant, stand.as_of)


def _begin(conn: Connection[Any], tenant: Tenant, seen: View, as_of: datetime) -> Stand:
    """Where to go on: an interrupted build of the same definition in the same cluster, or the start."""
    state = seen.published
    same = state and state.definition_hash == definition_hash(tenant) and state.system_id == seen.system_id
    if state is not None and state.building is not None and same:
        stand = Stand.read(state.building, as_of)
        conn.execute(LOG.build_stage, {"tenant": tenant.tenant_id, "building": stand.as_json()})
        return stand
    stand = Stand.start(conn, tenant, as_of)
    start = {"definition_hash": definition_hash(tenant), "building": stand.as_json()}
    conn.execute(LOG.start, {"tenant": tenant.tenant_id, **start})
    return stand


def _units(conn: Connection[Any], tenant: Tenant, stand: Stand) -> list[Any]:
    """The steps of a stage: the same ones whenever it is asked, or an interrupted build would lose its place."""
    match stand.stage:
        case "clear":
            return list(STORED)
        case "orders":
            return _months(conn, tenant, stand.orders)
        case "days":
            return _months(conn, tenant, stand.days)
        case "customers":
            (orders,) = _one(conn, APPLY.count_facts, tenant)
            shares = orders // ORDERS_A_SHARE + 1
            return [(share, shares) for share in range(shares)]
        case _:
            return ["all"]


def _months(conn: Connection[Any], tenant: Tenant, span: Span) -> list[Any]:
    first, last = span
    return conn.execute(APPLY.months, {"timezone": tenant.timezone, "first": first, "last": last}).fetchall()


def _one(conn: Connection[Any], query: str | sql.Composed, tenant: Tenant) -> tuple[Any, ...]:
    row: tuple[Any, ...] | None = conn.execute(
        query, {"tenant": tenant.tenant_id, "timezone": tenant.timezone}, prepare=False
    ).fetchone()
    assert row is not None
    return row
