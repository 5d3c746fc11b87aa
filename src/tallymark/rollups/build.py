"""Makes a tenant's facts and rollups from nothing, a month at a time.

What was committed before the first step is read by the steps; what is committed while they run is in the change log,
and the first `advance` after the build applies it. A build that was interrupted goes on where it stopped.
"""

from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Protocol

from psycopg import Connection, sql
from psycopg.types.json import Jsonb

from tallymark.changes import progress
from tallymark.changes.log import SQL as LOG
from tallymark.model import Tenant
from tallymark.rollups.advance import definition_hash, snapshot
from tallymark.rollups.apply import (
    APPLY,
    apply_expenses,
    build_customers,
    build_orders,
    build_refunds,
)
from tallymark.rollups.rollup import STORED

ORDERS_A_SHARE = 500_000
"""How many orders' customers are linked in one step."""

STAGES = ("clear", "orders", "refunds", "customers", "expenses")


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
    """Where a build is, as kept in the publication. The span is that of the orders there were when it began."""

    stage: str
    done: int
    first: datetime | None
    last: datetime | None

    @classmethod
    def start(cls, conn: Connection[Any], tenant: Tenant) -> "Stand":
        return cls(STAGES[0], 0, *_one(conn, APPLY.span_of_orders, tenant))

    @classmethod
    def read(cls, kept: Mapping[str, Any]) -> "Stand":
        first, last = (datetime.fromisoformat(at) if at else None for at in (kept["first"], kept["last"]))
        return cls(kept["stage"], kept["done"], first, last)

    def as_json(self) -> Jsonb:
        span = {"first": self.first and self.first.isoformat(), "last": self.last and self.last.isoformat()}
        return Jsonb({"stage": self.stage, "done": self.done, **span})


def build(session: Transactions, tenant: Tenant) -> Iterator[BuildStep]:
    """Builds everything of the tenant in committed steps, yielding after each; hold the tenant's lock meanwhile."""
    with session.transaction("repeatable read") as conn:
        stand = _begin(conn, tenant)
    for stage in STAGES[STAGES.index(stand.stage) :]:
        stand = stand if stage == stand.stage else replace(stand, stage=stage, done=0)
        with session.transaction("repeatable read") as conn:
            units = _units(conn, tenant, stand)
        while stand.done < len(units):
            unit, stand = units[stand.done], replace(stand, done=stand.done + 1)
            with session.transaction("repeatable read") as conn:
                run_step(conn, tenant, stage, unit)
                conn.execute(LOG.build_step, {"tenant": tenant.tenant_id, "building": stand.as_json()})
            yield BuildStep(stage, stand.done, len(units))
    with session.transaction() as conn:
        conn.execute(LOG.build_step, {"tenant": tenant.tenant_id, "building": None})


def build_at_once(conn: Connection[Any], tenant: Tenant) -> None:
    """The same steps within the running transaction, into whatever tables its search path finds first."""
    start = Stand.start(conn, tenant)
    for stage in STAGES[1:]:
        for unit in _units(conn, tenant, replace(start, stage=stage)):
            run_step(conn, tenant, stage, unit)


def run_step(conn: Connection[Any], tenant: Tenant, stage: str, unit: Any) -> None:
    """One unit of one stage."""
    match stage:
        case "clear":
            statement = sql.SQL("DELETE FROM {} WHERE tenant_id = %s").format(sql.Identifier(unit))
            conn.execute(statement, (tenant.tenant_id,))
        case "orders":
            build_orders(conn, tenant, *unit)
        case "refunds":
            build_refunds(conn, tenant)
        case "customers":
            build_customers(conn, tenant, *unit)
        case "expenses":
            apply_expenses(conn, tenant, unit, prepare=False)


def _begin(conn: Connection[Any], tenant: Tenant) -> Stand:
    """Where to go on: an interrupted build of the same definition in the same cluster, or the start."""
    state = progress(conn, tenant.tenant_id)
    _, system_id = snapshot(conn)
    same = state and state.definition_hash == definition_hash(tenant) and state.system_id == system_id
    if state is not None and state.building is not None and same:
        return Stand.read(state.building)
    stand = Stand.start(conn, tenant)
    start = {"definition_hash": definition_hash(tenant), "building": stand.as_json()}
    conn.execute(LOG.start, {"tenant": tenant.tenant_id, **start})
    return stand


def _units(conn: Connection[Any], tenant: Tenant, stand: Stand) -> list[Any]:
    """The steps of a stage: the same ones whenever it is asked, or an interrupted build would lose its place."""
    match stand.stage:
        case "clear":
            return list(STORED)
        case "orders":
            span = {"timezone": tenant.timezone, "first": stand.first, "last": stand.last}
            return conn.execute(APPLY.months, span).fetchall()
        case "refunds":
            return ["all"]
        case "customers":
            (orders,) = _one(conn, APPLY.count_facts, tenant)
            shares = orders // ORDERS_A_SHARE + 1
            return [(share, shares) for share in range(shares)]
        case _:
            (instants,) = _one(conn, APPLY.expense_instants, tenant)
            return [instants] if instants else []


def _one(conn: Connection[Any], query: str, tenant: Tenant) -> tuple[Any, ...]:
    row: tuple[Any, ...] | None = conn.execute(query, {"tenant": tenant.tenant_id}, prepare=False).fetchone()
    assert row is not None
    return row
