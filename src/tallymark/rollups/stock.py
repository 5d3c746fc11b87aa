"""What lies in stock: the level of each product, its history as refreshes found it, and each day's totals."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from psycopg import Connection, sql

from tallymark.db.queries import load
from tallymark.model import Tenant

STOCK = load("tallymark.rollups", "stock.sql")

COLUMNS = ("platform", "product_id", "on_hand", "reserved", "incoming", "unit_cost")
MEASURES = ("products", "on_hand", "reserved", "incoming", "value", "uncosted")


def note_stock(conn: Connection[Any], tenant: Tenant, products: Iterable[tuple[str, str]], as_of: datetime) -> int:
    """Notes the levels of these products on as_of's local day where they have changed; returns how many had."""
    claimed = sorted(products)
    arguments = _arguments(tenant, as_of) | {
        "item_platform": [platform for platform, _ in claimed],
        "product_id": [product_id for _, product_id in claimed],
    }
    row = conn.execute(_compose(STOCK.changed_stock, "levels_of_items"), arguments, prepare=True).fetchone()
    assert row is not None
    return int(row[0])


def build_stock(conn: Connection[Any], tenant: Tenant, as_of: datetime) -> None:
    """Makes levels and totals from nothing; the history goes on where it was."""
    for statement in (STOCK.place_stock_level, STOCK.place_stock_history, STOCK.place_inventory_day):
        conn.execute(_compose(statement, "all_levels"), _arguments(tenant, as_of), prepare=False)


def definition(name: str) -> str:
    """The SELECT that says what a table of this module holds, for its lineage."""
    return _compose(STOCK[name], "all_levels").as_string()


def _compose(statement: str, levels: str) -> sql.Composed:
    worth = sql.SQL(STOCK.worth)
    running = _each("sum(sum({0})) OVER days AS {0}")
    steps = _each("{0} - coalesce(lag({0}) OVER product, 0) AS {0}")
    parts = {
        "columns": sql.SQL(", ".join(COLUMNS)),
        "replaced": sql.SQL(", ".join(f"{name} = EXCLUDED.{name}" for name in COLUMNS[2:])),
        "measures": sql.SQL(", ".join(MEASURES)),
        "totals_replaced": _each("{0} = EXCLUDED.{0}"),
        "moved": _each("sum(sgn * {0}) AS {0}"),
        "carried": _each("coalesce(b.{0}, 0) + m.{0}"),
        "running": running,
        "steps": steps,
        "worth": worth,
        "levels": sql.SQL(STOCK[levels]),
        "stock_level": sql.SQL(STOCK.stock_level).format(levels=sql.SQL(STOCK[levels])),
        "inventory_day": sql.SQL(STOCK.inventory_day).format(running=running, steps=steps, worth=worth),
    }
    return sql.SQL(statement).format(**parts)


def _each(shape: str) -> sql.Composable:
    return sql.SQL(", ".join(shape.format(name) for name in MEASURES))


def _arguments(tenant: Tenant, as_of: datetime) -> dict[str, object]:
    return {"tenant": tenant.tenant_id, "timezone": tenant.timezone, "as_of": as_of}
