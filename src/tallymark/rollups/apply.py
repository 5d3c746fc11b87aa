"""Puts contributions into facts and rollups: a statement for orders and refunds, one for customers, one for expenses.

The same CTEs serve a refresh (some keys), a build (a month at a time) and a verification (a build elsewhere).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from psycopg import Connection, sql
from psycopg.types.json import Jsonb

from tallymark.changes import Changes
from tallymark.db.queries import load
from tallymark.model import Tenant
from tallymark.rollups.rollup import BY_CUSTOMER, BY_ORDER, DEFINITIONS, ROLLUPS, Rollup

CONTRIBUTION = load("tallymark.rollups", "contribution.sql")
CUSTOMERS = load("tallymark.rollups", "customers.sql")
APPLY = load("tallymark.rollups", "apply.sql")

ORDER_KEY = ("placed_at", "platform", "order_id")
ORDER_COLUMNS = (
    *ORDER_KEY, "day", "hour", "customer_id", "sales_rep_id", "orders", "foreign_orders", "units", "gross", "discounts",
    "shipping", "tax", "total", "cost", "costed_net",
    "line_product", "line_quantity", "line_gross", "line_discount", "line_cost",
)  # fmt: skip
REFUND_KEY = ("platform", "refund_id", "line_id")
REFUND_COLUMNS = (
    *REFUND_KEY, "refunded_at", "day", "hour", "order_day", "order_hour",
    "product_id", "customer_id", "sales_rep_id", "quantity", "amount",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Applied:
    """How many orders, refunds and expenses a step counted anew."""

    orders: int = 0
    refunds: int = 0
    expenses: int = 0

    def __add__(self, other: "Applied") -> "Applied":
        return Applied(self.orders + other.orders, self.refunds + other.refunds, self.expenses + other.expenses)


def apply_orders(conn: Connection[Any], tenant: Tenant, changes: Changes) -> Applied:
    """Counts the changed orders and refunds anew, and the customers they belong to."""
    orders, refunds = sorted(changes.orders), sorted(changes.refunds)
    arguments = _arguments(tenant) | {
        "placed_at": [at for at, _, _ in orders],
        "order_platform": [platform for _, platform, _ in orders],
        "order_id": [order_id for _, _, order_id in orders],
        "refund_platform": [platform for platform, _ in refunds],
        "refund_id": [refund_id for _, refund_id in refunds],
    }
    row = conn.execute(_changed_statement(), arguments, prepare=True).fetchone()
    assert row is not None
    counted, refunded, emptied, platform, customer, day, *measures = row
    _remove_emptied(conn, tenant, emptied)
    if customer:
        delta = {"platform": platform, "customer": customer, "day": day}
        delta |= dict(zip(("orders", "gross", "discounts", "total"), measures, strict=True))
        apply_customers(conn, tenant, CUSTOMERS.delta_of_changes, delta)
    return Applied(orders=counted, refunds=refunded)


def apply_customers(
    conn: Connection[Any],
    tenant: Tenant,
    source: str,
    arguments: Mapping[str, object],
    *,
    prepare: bool = True,
) -> None:
    """Redoes the days, chain and cohort of the customers in `source`, a query of customers.sql."""
    row = conn.execute(_customer_statement(source), {**_arguments(tenant), **arguments}, prepare=prepare).fetchone()
    assert row is not None
    _remove_emptied(conn, tenant, row[0])


def apply_expenses(conn: Connection[Any], tenant: Tenant, instants: list[Any], *, prepare: bool = True) -> Applied:
    """Redoes the local days that the instants fall on."""
    statement = sql.SQL(APPLY.changed_expenses).format(expense_contribution=sql.SQL(CONTRIBUTION.expense_contribution))
    row = conn.execute(statement, {**_arguments(tenant), "expense_instant": instants}, prepare=prepare).fetchone()
    assert row is not None
    return Applied(expenses=row[0])


def build_orders(conn: Connection[Any], tenant: Tenant, first: Any, last: Any) -> Applied:
    """Counts all orders placed in [first, last), of which there are no facts yet."""
    statement = _build_statement(
        orders=_with(APPLY.orders_of_a_build, order_contribution("orders_of_months")),
        refunds=_with(APPLY.no_refunds),
    )
    row = conn.execute(statement, {**_arguments(tenant), "first": first, "last": last}, prepare=False).fetchone()
    assert row is not None
    _remove_emptied(conn, tenant, row[2])
    return Applied(orders=row[0])


def build_refunds(conn: Connection[Any], tenant: Tenant) -> Applied:
    """Counts all refunds, of which there are no facts yet."""
    statement = _build_statement(
        orders=_with(APPLY.no_orders),
        refunds=_with(APPLY.refunds_of_a_build, refund_contribution("all_refunds")),
    )
    row = conn.execute(statement, _arguments(tenant), prepare=False).fetchone()
    assert row is not None
    _remove_emptied(conn, tenant, row[2])
    return Applied(refunds=row[1])


@cache
def _changed_statement() -> sql.Composed:
    parts = [
        _with(APPLY.changed_orders, order_contribution("orders_of_keys")),
        _with(APPLY.changed_refunds, refund_contribution("refunds_of_keys")),
        *(rollup.fold() for rollup in BY_ORDER),
    ]
    outcome = sql.SQL(APPLY.outcome).format(
        emptied=_emptied(BY_ORDER), customer_delta=sql.SQL(DEFINITIONS.customer_delta)
    )
    return _statement(parts, outcome)


def _build_statement(orders: sql.Composable, refunds: sql.Composable) -> sql.Composed:
    parts = [orders, refunds, *(rollup.fold() for rollup in BY_ORDER)]
    return _statement(parts, sql.SQL(APPLY.build_outcome).format(emptied=_emptied(BY_ORDER)))


@cache
def _customer_statement(source: str) -> sql.Composed:
    parts: list[sql.Composable] = [
        sql.SQL("{} AS MATERIALIZED ({})").format(sql.SQL(name), sql.SQL(body))
        for name, body in (
            ("customer_delta", source),
            ("customer_before", CUSTOMERS.customer_before),
            ("customer_after", CUSTOMERS.customer_after),
        )
    ]
    parts.append(sql.SQL(CUSTOMERS.write_customers))
    parts += [rollup.fold() for rollup in BY_CUSTOMER]
    outcome = sql.SQL("SELECT (SELECT jsonb_object_agg(e.name, e.keys) FROM ({}) AS e (name, keys))")
    return _statement(parts, outcome.format(_emptied(BY_CUSTOMER)))


def _statement(parts: Sequence[sql.Composable], outcome: sql.Composable) -> sql.Composed:
    return sql.SQL("WITH {}\n{}").format(sql.SQL(",\n").join(parts), outcome)


def _emptied(rollups: tuple[Rollup, ...]) -> sql.Composed:
    return sql.SQL("\nUNION ALL ").join(rollup.emptied() for rollup in rollups)


def order_contribution(scope: str) -> sql.Composed:
    """The contribution of the orders that a scope of contribution.sql names."""
    source = sql.SQL(CONTRIBUTION[scope]).format(
        counted_order=sql.SQL(CONTRIBUTION.counted_order), line_sums=sql.SQL(CONTRIBUTION.line_sums)
    )
    return sql.SQL(CONTRIBUTION.order_contribution).format(orders=source)


def refund_contribution(scope: str) -> sql.Composed:
    """The contribution of the refunds that a scope of contribution.sql names."""
    return sql.SQL(CONTRIBUTION.refund_contribution).format(refunds=sql.SQL(CONTRIBUTION[scope]))


NOTHING = sql.SQL("")


def _with(text: str, contribution: sql.Composable = NOTHING) -> sql.Composed:
    return sql.SQL(text).format(
        order_contribution=contribution,
        order_columns=sql.SQL(", ".join(ORDER_COLUMNS)),
        order_replaced=_replaced(ORDER_COLUMNS, ORDER_KEY),
        refund_contribution=contribution,
        refund_columns=sql.SQL(", ".join(REFUND_COLUMNS)),
        refund_replaced=_replaced(REFUND_COLUMNS, REFUND_KEY),
    )


def _replaced(columns: tuple[str, ...], key: tuple[str, ...]) -> sql.Composable:
    return sql.SQL(", ".join(f"{name} = EXCLUDED.{name}" for name in columns if name not in key))


def _arguments(tenant: Tenant) -> dict[str, object]:
    return {"tenant": tenant.tenant_id, "timezone": tenant.timezone, "currency": tenant.currency}


def _remove_emptied(conn: Connection[Any], tenant: Tenant, emptied: Mapping[str, Any] | None) -> None:
    for name, keys in (emptied or {}).items():
        conn.execute(ROLLUPS[name].remove(), {"tenant": tenant.tenant_id, "keys": Jsonb(keys)}, prepare=False)
