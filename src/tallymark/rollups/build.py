"""Makes a tenant's facts and rollups from nothing, a month at a time.

What was committed before the first step is read by the steps; what is committed while they run is in the change log,
and the first `advance` after the build applies it. A build that was interrupted goes on where it stopped.
"""

from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
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
    CUSTOMERS,
    apply_customers,
    apply_expenses,
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


def build(session: Transactions, tenant: Tenant) -> Iterator[BuildStep]:
    """Builds everything of the tenant in committed steps, yielding after each; hold the tenant's lock meanwhile."""
    with session.transaction("repeatable read") as conn:
        stage, done = _begin(conn, tenant)
    for name in STAGES[STAGES.index(stage) :]:
        with session.transaction("repeatable read") as conn:
            units = _units(conn, tenant, name)
        for number in range(done, len(units)):
            with session.transaction("repeatable read") as conn:
                run_step(conn, tenant, name, units[number])
                _reached(conn, tenant, name, number + 1)
            yield BuildStep(name, number + 1, len(units))
        done = 0
    with session.transaction() as conn:
        conn.execute(LOG.build_step, {"tenant": tenant.tenant_id, "building": None})


def build_at_once(conn: Connection[Any], tenant: Tenant) -> None:
    """The same steps within the running transaction, into whatever tables its search path finds first."""
    for name in STAGES[1:]:
        for unit in _units(conn, tenant, name):
            run_step(conn, tenant, name, unit)


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
            apply_customers(
                conn, tenant, CUSTOMERS.delta_of_facts, {"share": unit[0], "shares": unit[1]}, prepare=False
            )
        case "expenses":
            apply_expenses(conn, tenant, unit, prepare=False)


def _begin(conn: Connection[Any], tenant: Tenant) -> tuple[str, int]:
    """Where to go on: an interrupted build of the same definition in the same cluster, or the start."""
    state = progress(conn, tenant.tenant_id)
    _, system_id = snapshot(conn)
    if (
        state is not None
        and state.building is not None
        and state.definition_hash == definition_hash(tenant)
        and state.system_id == system_id
    ):
        return state.building["stage"], state.building["done"]
    start = {
        "tenant": tenant.tenant_id,
        "definition_hash": definition_hash(tenant),
        "building": _stand(STAGES[0], 0),
    }
    conn.execute(LOG.start, start)
    return STAGES[0], 0


def _reached(conn: Connection[Any], tenant: Tenant, stage: str, done: int) -> None:
    conn.execute(LOG.build_step, {"tenant": tenant.tenant_id, "building": _stand(stage, done)})


def _stand(stage: str, done: int) -> Jsonb:
    return Jsonb({"stage": stage, "done": done})


def _units(conn: Connection[Any], tenant: Tenant, stage: str) -> list[Any]:
    """The steps of a stage. Later orders may add months while a build runs: only at the end, or in the log."""
    match stage:
        case "clear":
            return list(STORED)
        case "orders":
            first, last = _one(conn, APPLY.months_of_orders, tenant)
            return list(_months(first, last)) if first else []
        case "refunds":
            return ["all"]
        case "customers":
            (orders,) = _one(conn, APPLY.count_facts, tenant)
            shares = orders // ORDERS_A_SHARE + 1
            return [(share, shares) for share in range(shares)]
        case _:
            (instants,) = _one(conn, APPLY.expense_instants, tenant)
            return [instants] if instants else []


def _months(first: datetime, last: datetime) -> Iterator[tuple[datetime, datetime]]:
    while first <= last:
        following = first.replace(year=first.year + first.month // 12, month=first.month % 12 + 1)
        yield first, following
        first = following


def _one(conn: Connection[Any], query: str, tenant: Tenant) -> tuple[Any, ...]:
    row: tuple[Any, ...] | None = conn.execute(query, {"tenant": tenant.tenant_id}, prepare=False).fetchone()
    assert row is not None
    return row
