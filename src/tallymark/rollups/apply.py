"""Puts contributions into facts and rollups: a statement for orders and refunds, one for customers.

The same CTEs serve a refresh (some keys), a build (a month at a time) and a verification (a build elsewhere).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from psycopg import Connection, sql
from psycopg.types.json import Jsonb

from tallymark.changes import Changes
from tallymark.db import text_array
from tallymark.db.queries import load
from tallymark.model import Tenant
from tallymark.rollups.rollup import (
    BY_CATEGORY,
    BY_CUSTOMER,
    BY_ORDER,
    CATEGORY,
    DATED,
    DEFINITIONS,
    OF_FACTS,
    ROLLUPS,
    Rollup,
)

CONTRIBUTION = load("tallymark.rollups", "contribution.sql")
CUSTOMERS = load("tallymark.rollups", "customers.sql")
CATEGORIES = load("tallymark.rollups", "categories.sql")
APPLY = load("tallymark.rollups", "apply.sql")

FEW_PRODUCTS = 500
"""So many can be looked up day by day in the time that reading all days takes."""

ORDER_KEY = ("placed_at", "platform", "order_id")
ORDER_TRAITS = ("day", "hour", "customer_id", "segment", "sales_rep_id")
ORDER_MEASURES = (
    "orders", "foreign_orders", "costed_lines", "uncosted_lines", "units", "gross", "discounts", "shipping", "tax",
    "total", "cost", "costed_net",
)  # fmt: skip
LINES = {
    "line_product": "product_id", "line_quantity": "quantity", "line_gross": "gross", "line_discount": "discount",
    "line_cost": "cost",
}  # fmt: skip
LINE_MEASURES = ("lines", "negatives", "units", "gross", "discounts", "cost", "costed_net")
ORDER_COLUMNS = (*ORDER_KEY, *ORDER_TRAITS, *ORDER_MEASURES, *LINES)
CHANGED_CUSTOMERS = (
    "customer_change", "customer_moved", "customer_delta", "customer_same",
    "customer_before", "customer_after", "customer_left",
)  # fmt: skip
"""The steps from the days that changed to the days of their customers."""
REFUND_KEY = ("platform", "refund_id", "line_id")
REFUND_COLUMNS = (
    *REFUND_KEY, "refunded_at", "day", "hour", "order_day", "order_hour",
    "product_id", "customer_id", "segment", "sales_rep_id", "quantity", "amount",
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
    """Counts the changed orders and refunds anew, those of other segments now, and the customers they belong to."""
    orders, refunds, customers = sorted(changes.orders), sorted(changes.refunds), sorted(changes.segments)
    arguments = _arguments(tenant) | {
        "placed_at": text_array(at.isoformat() for at, _, _ in orders),
        "order_platform": text_array(platform for _, platform, _ in orders),
        "order_id": text_array(order_id for _, _, order_id in orders),
        "refund_platform": text_array(platform for platform, _ in refunds),
        "refund_id": text_array(refund_id for _, refund_id in refunds),
        "customer_platform": text_array(platform for platform, _ in customers),
        "customer_id": text_array(customer_id for _, customer_id in customers),
    }
    row = conn.execute(_changed_statement(), arguments, prepare=True).fetchone()
    assert row is not None
    counted, refunded, emptied, platform, customer, day, *measures = row
    _remove_emptied(conn, tenant, emptied)
    if customer:
        delta = {"platform": platform, "customer": customer, "day": day}
        delta |= dict(zip(("orders", "gross", "discounts", "total"), measures, strict=True))
        apply_customers(conn, tenant, delta)
    return Applied(orders=counted, refunds=refunded)


def apply_customers(conn: Connection[Any], tenant: Tenant, changed_days: Mapping[str, object]) -> None:
    """Adds to the days of customers, and redoes chain and cohort of those who bought on others; given as arrays."""
    row = conn.execute(_changed_customers(), _arguments(tenant) | dict(changed_days), prepare=True).fetchone()
    assert row is not None
    _remove_emptied(conn, tenant, row[0])


def apply_categories(conn: Connection[Any], tenant: Tenant, products: Iterable[tuple[str, str]]) -> None:
    """Moves those of the products that stand in another category now, with all their days."""
    claimed = sorted(products)
    asked = {"platform": [platform for platform, _ in claimed], "product_id": [product for _, product in claimed]}
    moved = conn.execute(CATEGORIES.moved_products, _arguments(tenant) | asked, prepare=True).fetchall()
    if not moved:
        return
    names = ("platform", "product_id", "category_before", "category_now")
    columns = dict(zip(names, map(list, zip(*moved, strict=True)), strict=True))
    statement = _changed_categories("days_of_few" if len(moved) <= FEW_PRODUCTS else "days_of_many")
    row = conn.execute(statement, _arguments(tenant) | columns, prepare=False).fetchone()
    assert row is not None
    _remove_emptied(conn, tenant, row[0])


def build_categories(conn: Connection[Any], tenant: Tenant) -> None:
    """Notes the category that each product will be counted in."""
    conn.execute(CATEGORIES.place_product_category, _arguments(tenant), prepare=False)


def build_orders(conn: Connection[Any], tenant: Tenant, first: datetime, last: datetime) -> None:
    """Counts all orders placed in [first, last), whole local days of which there is nothing yet."""
    orders = _with(APPLY.orders_of_a_build, order_contribution("orders_of_months"))
    parts = [orders, _with(APPLY.no_refunds), *(rollup.place() for rollup in DATED)]
    parts += [_categories("delta_of_a_build"), *(rollup.place() for rollup in BY_CATEGORY)]
    statement = _statement(parts, sql.SQL(APPLY.build_outcome))
    conn.execute(statement, _arguments(tenant) | {"first": first, "last": last}, prepare=False)


def build_refunds(conn: Connection[Any], tenant: Tenant) -> None:
    """Counts all refunds, of which there are no facts yet."""
    refunds = _with(APPLY.refunds_of_a_build, refund_contribution("all_refunds"))
    parts = [_with(APPLY.no_orders), refunds, *(rollup.fold() for rollup in OF_FACTS)]
    parts += [_categories("delta_of_a_build"), *(rollup.fold() for rollup in BY_CATEGORY)]
    conn.execute(_statement(parts, sql.SQL(APPLY.build_outcome)), _arguments(tenant), prepare=False)


def build_customers(conn: Connection[Any], tenant: Tenant, share: int, shares: int) -> None:
    """Links the days of one share of the customers, of whom there is nothing yet."""
    sources = {
        "customer_delta": CUSTOMERS.delta_of_facts,
        "customer_before": CUSTOMERS.no_customers,
        "customer_after": CUSTOMERS.customer_after,
    }
    statement = _statement([*_materialized(sources), sql.SQL(CUSTOMERS.place_customers)], sql.SQL("SELECT"))
    conn.execute(statement, _arguments(tenant) | {"share": share, "shares": shares}, prepare=False)


def build_totals(conn: Connection[Any], tenant: Tenant) -> None:
    """What sums over all months and all customers, once those are there."""
    measures = ROLLUPS["product_total"].measures
    products = sql.SQL(APPLY.place_product_total).format(
        measures=sql.SQL(", ".join(measures)), sums=sql.SQL(", ".join(f"sum({name})" for name in measures))
    )
    conn.execute(products, _arguments(tenant), prepare=False)
    for statement in (
        APPLY.place_assortment_month,
        CUSTOMERS.place_return_gap,
        CUSTOMERS.place_return_month,
        CUSTOMERS.place_cohort_month,
    ):
        conn.execute(statement, _arguments(tenant), prepare=False)
    days = {
        "customer_after": CUSTOMERS.all_customers,
        "customer_before": CUSTOMERS.no_customers,
        "customer_same": CUSTOMERS.no_customers,
    }
    sources = [sql.SQL(f"{name} AS ({body})") for name, body in days.items()]
    for names in (("repeat_gap", "repeat_month"), ("buyers_day",)):
        placed = _statement([*sources, *(ROLLUPS[name].place() for name in names)], sql.SQL("SELECT"))
        conn.execute(placed, _arguments(tenant), prepare=False)


@cache
def _changed_statement() -> bytes:
    parts = [
        _with(APPLY.changed_orders, order_contribution("orders_of_keys")),
        _with(APPLY.changed_refunds, refund_contribution("refunds_of_keys")),
        *(rollup.fold() for rollup in BY_ORDER),
        _categories("delta_of_changes"),
        *(rollup.fold() for rollup in BY_CATEGORY),
    ]
    outcome = sql.SQL(APPLY.outcome).format(
        emptied=_emptied((*BY_ORDER, *BY_CATEGORY)), customer_change=sql.SQL(DEFINITIONS.customer_change)
    )
    return _statement(parts, outcome).as_bytes()


@cache
def _changed_customers() -> bytes:
    sources = {name: CUSTOMERS[name] for name in CHANGED_CUSTOMERS}
    parts = [*_materialized(sources), sql.SQL(CUSTOMERS.write_customers), *(rollup.fold() for rollup in BY_CUSTOMER)]
    outcome = sql.SQL("SELECT (SELECT jsonb_object_agg(e.name, e.keys) FROM ({}) AS e (name, keys))")
    return _statement(parts, outcome.format(_emptied(BY_CUSTOMER))).as_bytes()


@cache
def _changed_categories(days: str) -> sql.Composed:
    measures, signed = _each("s.{0}", CATEGORY), _each("side.sgn * s.{0} AS {0}", CATEGORY)
    rows = sql.SQL(CATEGORIES[days]).format(measures=measures)
    moved = sql.SQL(CATEGORIES.changed_categories).format(signed=signed, days=rows)
    outcome = sql.SQL("SELECT (SELECT jsonb_object_agg(e.name, e.keys) FROM ({}) AS e (name, keys))")
    return _statement([moved, *(rollup.fold() for rollup in BY_CATEGORY)], outcome.format(_emptied(BY_CATEGORY)))


def category_delta(scope: str) -> sql.Composed:
    """What products add to categories, as a scope of categories.sql has them."""
    return sql.SQL(CATEGORIES[scope]).format(measures=_each("s.{0}", CATEGORY))


def _categories(scope: str) -> sql.Composed:
    return sql.SQL("category_delta AS MATERIALIZED ({})").format(category_delta(scope))


def _materialized(sources: Mapping[str, str]) -> list[sql.Composable]:
    return [sql.SQL(f"{name} AS MATERIALIZED ({body})") for name, body in sources.items()]


def _statement(parts: Sequence[sql.Composable], outcome: sql.Composable) -> sql.Composed:
    return sql.SQL("WITH {}\n{}").format(sql.SQL(",\n").join(parts), outcome)


def _emptied(rollups: tuple[Rollup, ...]) -> sql.Composed:
    return sql.SQL("\nUNION ALL ").join(rollup.emptied() for rollup in rollups)


def order_contribution(scope: str) -> sql.Composed:
    """The contribution of the orders that a scope of contribution.sql names."""
    source = sql.SQL(CONTRIBUTION[scope]).format(
        counted_order=sql.SQL(CONTRIBUTION.counted_order).format(rate=sql.SQL(CONTRIBUTION.rate)),
        line_sums=sql.SQL(CONTRIBUTION.line_sums),
    )
    return sql.SQL(CONTRIBUTION.order_contribution).format(orders=source)


def refund_contribution(scope: str) -> sql.Composed:
    """The contribution of the refunds that a scope of contribution.sql names."""
    order, customer = {
        "refunds_of_keys": ("order_by_its_id", "customer_by_its_id"),
        "all_refunds": ("orders_by_their_ids", "customers_by_their_ids"),
    }[scope]
    return sql.SQL(CONTRIBUTION.refund_contribution).format(
        refunds=sql.SQL(CONTRIBUTION[scope]),
        order_of_refund=sql.SQL(CONTRIBUTION[order]).format(rate=sql.SQL(CONTRIBUTION.rate)),
        customer_of_refund=sql.SQL(CONTRIBUTION[customer]),
    )


NOTHING = sql.SQL("")


def _with(text: str, contribution: sql.Composable = NOTHING) -> sql.Composed:
    return sql.SQL(text).format(
        order_contribution=contribution,
        order_columns=sql.SQL(", ".join(ORDER_COLUMNS)),
        new=_each("n.{0}", ORDER_COLUMNS),
        old=_each("o.{0}", ORDER_COLUMNS),
        new_columns=_each("new_{0}", ORDER_COLUMNS),
        new_and_old=_each("n.{0} AS new_{0}, o.{0} AS old_{0}", ORDER_COLUMNS),
        lines=_list(f"unnest({array}) AS {name}" for array, name in LINES.items()),
        new_and_old_lines=_each("unnest(new_{0}) AS new_{0}, unnest(old_{0}) AS old_{0}", tuple(LINES)),
        new_lines=_each("new_{0}", tuple(LINES)),
        old_lines=_each("old_{0}", tuple(LINES)),
        line_measures=sql.SQL(DEFINITIONS.line),
        new_line=_line("new"),
        old_line=_line("old"),
        line_differences=_each("new.{0} - old.{0} AS {0}", LINE_MEASURES),
        line_added=_each("new.{0}", LINE_MEASURES),
        line_taken_back=_each("-old.{0}", LINE_MEASURES),
        new_traits=_each("new_{0}", ORDER_TRAITS),
        old_traits=_each("old_{0}", ORDER_TRAITS),
        order_differences=_order("new_{0} AS {0}", "new_{0} - old_{0} AS {0}"),
        order_added=_order("new_{0}", "new_{0}"),
        order_taken_back=_order("old_{0}", "-old_{0}"),
        order_replaced=_replaced(ORDER_COLUMNS, ORDER_KEY),
        refund_contribution=contribution,
        refund_columns=sql.SQL(", ".join(REFUND_COLUMNS)),
        refund_replaced=_replaced(REFUND_COLUMNS, REFUND_KEY),
    )


def _order(trait: str, measure: str) -> sql.Composable:
    """The columns of an order's delta."""
    return _list([*map(trait.format, (*ORDER_KEY, *ORDER_TRAITS)), *map(measure.format, ORDER_MEASURES)])


def _line(side: str) -> sql.Composed:
    """What one side of a pair of lines adds to its product."""
    columns = _list(f"l.{side}_{array} AS {name}" for array, name in LINES.items())
    return sql.SQL("LATERAL (SELECT {} FROM (SELECT {}) l) {}").format(
        sql.SQL(DEFINITIONS.line), columns, sql.SQL(side)
    )


def _each(shape: str, names: tuple[str, ...]) -> sql.Composable:
    return _list(shape.format(name) for name in names)


def _list(names: Iterable[str]) -> sql.Composable:
    return sql.SQL(", ".join(names))


def _replaced(columns: tuple[str, ...], key: tuple[str, ...]) -> sql.Composable:
    return sql.SQL(", ".join(f"{name} = EXCLUDED.{name}" for name in columns if name not in key))


def _arguments(tenant: Tenant) -> dict[str, object]:
    return {"tenant": tenant.tenant_id, "timezone": tenant.timezone, "currency": tenant.currency}


def _remove_emptied(conn: Connection[Any], tenant: Tenant, emptied: Mapping[str, Any] | None) -> None:
    for name, keys in (emptied or {}).items():
        conn.execute(ROLLUPS[name].remove(), {"tenant": tenant.tenant_id, "keys": Jsonb(keys)}, prepare=False)
