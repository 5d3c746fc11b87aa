"""Which base tables each derived table is made of, read from the SQL that makes it: nobody keeps a list."""

from functools import cache

from psycopg.sql import Composable

from tallymark.rollups import stock
from tallymark.rollups.apply import (
    CHANGED_CUSTOMERS,
    CUSTOMERS,
    category_delta,
    order_contribution,
    refund_contribution,
)
from tallymark.rollups.days import TALLIES, rows_of
from tallymark.rollups.rollup import DEFINITIONS, ROLLUPS

COUNTED_AS = {"order_items": "orders", "exchange_rates": "orders"}
"""Base tables whose changes are another's: a line is a change of its order, a rate one of the orders it holds for."""

DELTAS = ("order_delta", "refund_delta")
SEGMENT, SEGMENTS = "segment", "segments"
"""The one column of a contribution that customers decide, and the source of the log that tells when they do. Only what
reads that column depends on it."""


@cache
def sources_of(table: str) -> frozenset[str]:
    """The sources of the change log that a table's rows depend on; a base table depends on itself."""
    made_by = _made_by().get(table)
    if made_by is None:
        return frozenset({COUNTED_AS.get(table, table)})
    from sqlglot import exp, parse_one  # It takes half a second to load, and is rarely asked for.

    tree = parse_one(made_by, dialect="postgres")
    read = {found.name for found in tree.find_all(exp.Table) if found.name} - {table, "customers"}
    by_segment = table not in DELTAS and any(column.name == SEGMENT for column in tree.find_all(exp.Column))
    return frozenset({SEGMENTS} if by_segment else ()).union(*(sources_of(name) for name in read))


@cache
def _made_by() -> dict[str, str]:
    """The SELECT behind each derived table and each name that such a SELECT reads."""
    steps: dict[str, str | Composable] = {
        **dict(zip(DELTAS, (order_contribution("orders_of_months"), refund_contribution("all_refunds")), strict=True)),
        "line_delta": "SELECT * FROM order_delta",
        "product_category": "SELECT * FROM products",
        "category_delta": category_delta("delta_of_a_build"),
        **{name: CUSTOMERS[name] for name in CHANGED_CUSTOMERS},
        "customer_change": DEFINITIONS.customer_change,
        "customer_before": "SELECT * FROM customer_delta",
        **{name: rows_of(diary) for name, diary in TALLIES.items()},
        **{name: stock.definition("stock_level") for name in ("stock_level", "stock_history", "inventory_day")},
        "order_fact": "SELECT *, segment FROM order_delta",
        "refund_fact": "SELECT *, segment FROM refund_delta",
        "customer_day": "SELECT * FROM customer_after",
        "lifetime_fit": "SELECT * FROM customer_day",
        "customer_fact": "SELECT * FROM customer_after",
        **{f"{rollup.name}{of}": rollup.definition for rollup in ROLLUPS.values() for of in ("", "_sum", "_put")},
    }
    return {name: step if isinstance(step, str) else step.as_string() for name, step in steps.items()}
