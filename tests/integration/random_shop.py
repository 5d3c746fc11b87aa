"""Small shops made at random: the larger its number, the more a shop has sold; the same number is the same shop."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import cache
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

from psycopg import Connection, sql

from tallymark import rollups
from tallymark.db import Database
from tallymark.model import Tenant

ORDERS_A_NUMBER = 3
# Where the shop is, and from which day it sells: over two ends of a month, and the changes of the clocks.
PLACES = (
    ("Europe/Berlin", "EUR", date(2026, 2, 20)),
    ("America/New_York", "USD", date(2025, 10, 12)),
    ("Asia/Kolkata", "INR", date(2026, 2, 20)),
    ("Europe/Berlin", "EUR", date(2025, 10, 5)),
    ("Asia/Tokyo", "JPY", date(2026, 2, 20)),
)
DAYS = 48
A_YEAR = timedelta(days=365)
PLATFORMS = ("amazon", "shopify", "shopify")
PRODUCTS = ("p1", "p2", "p3", "p4", "p5")
CUSTOMERS = ("c1", "c2", "c3", "c4", "c5", "c6")
REPS = ("r1", "r2", "r3")
# Each category and its parent; one parent is not known, and two categories are each other's.
CATEGORIES = {
    "home": None,
    "kitchen": "home",
    "cups": "kitchen",
    "travel": None,
    "lost": "gone",
    "egg": "hen",
    "hen": "egg",
}
SEGMENTS = ("vip", "new", None)
# The first has rates, as a rule from some day within the shop's days; the second has none.
CONVERTED, UNKNOWN = "CHF", "SEK"
RATES = (Decimal("0.5"), Decimal("1.0625"), Decimal(1), Decimal("112.375"))
Row = dict[str, Any]
Rows = dict[str, list[Row]]


@dataclass(frozen=True)
class Shop:
    """A tenant's rows by table, and the days it sells on. A tenth of it happened a year earlier."""

    timezone: str
    currency: str
    first: date
    last: date
    rows: Mapping[str, list[Row]]

    def __str__(self) -> str:
        tables = ("\n    ".join([table, *map(str, rows)]) for table, rows in self.rows.items())
        return "\n".join([f"{self.timezone}, {self.currency}", *tables])


@cache
def random_shop(number: int, seed: int = 0) -> Shop:
    """The shop of that number: number 0 has sold nothing."""
    timezone, currency, first = PLACES[(number + seed) % len(PLACES)]
    made = _Made(Random(f"{seed}-{number}"), first, ZoneInfo(timezone))
    return Shop(
        timezone, currency, first, first + timedelta(days=DAYS - 1), made.rows(number * ORDERS_A_NUMBER, currency)
    )


def open_shop(database: Database, slug: str, shop: Shop) -> Tenant:
    """Every other row comes before the first build, the rest by way of the change log; stock is noted both times."""
    with database.connect(None) as conn:
        row = conn.execute(
            "INSERT INTO tenants (slug, name, timezone, currency) VALUES (%s, %s, %s, %s) RETURNING tenant_id",
            (slug, slug, shop.timezone, shop.currency),
        ).fetchone()
        for start in (shop.first - A_YEAR, shop.first):
            conn.execute(
                "SELECT ensure_months(%s, %s)", (_utc(start - timedelta(2)), _utc(start + timedelta(DAYS + 32)))
            )
    assert row is not None
    tenant = Tenant(row[0], slug, slug, shop.timezone, shop.currency)
    with database.session(tenant.tenant_id) as session:
        with session.transaction() as conn:
            _insert(conn, tenant.tenant_id, {table: rows[::2] for table, rows in shop.rows.items()})
        for _ in rollups.build(session, tenant, as_of=_utc(shop.first + timedelta(DAYS // 4))):
            pass
        with session.transaction() as conn:
            _insert(conn, tenant.tenant_id, {table: rows[1::2] for table, rows in shop.rows.items()})
        with session.transaction("repeatable read") as conn:
            assert rollups.advance(conn, tenant, as_of=_utc(shop.first + timedelta(DAYS // 2))).settled
    return tenant


def _insert(conn: Connection[Any], tenant_id: int, rows: Rows) -> None:
    for table, of_table in rows.items():
        if of_table:
            names = of_table[0].keys()
            insert = sql.SQL("INSERT INTO {} (tenant_id, {}) VALUES ({}, {})").format(
                sql.Identifier(table),
                sql.SQL(", ").join(map(sql.Identifier, names)),
                sql.Literal(tenant_id),
                sql.SQL(", ").join(map(sql.Placeholder, names)),
            )
            with conn.cursor() as cursor:
                cursor.executemany(insert, of_table)


def _utc(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC)


class _Made:
    """Rows drawn one after the other, so that a shop is settled by its random numbers."""

    def __init__(self, random: Random, first: date, zone: ZoneInfo) -> None:
        self.random, self.zone = random, zone
        self.opens = datetime(first.year, first.month, first.day, tzinfo=zone).astimezone(UTC)

    def rows(self, orders: int, currency: str) -> Rows:
        """Every table of a shop with so many orders; what else happens goes with them."""
        placed = [self.order(number, currency) for number in range(orders)]
        return {
            "categories": [
                {"platform": platform, "category_id": category, "name": category.title(), "parent_id": parent}
                for platform in sorted(set(PLATFORMS))
                for category, parent in CATEGORIES.items()
                if orders
            ],
            "products": self.known(PRODUCTS, self.product, orders),
            "customers": self.known(CUSTOMERS, self.customer, orders),
            "sales_reps": self.known(REPS, self.rep, orders),
            "orders": placed,
            "order_items": [line for order in placed for line in self.lines(order)],
            "refunds": [self.refund(number, placed) for number in range(orders // 3)],
            "exchange_rates": self.rates() if orders else [],
            "expenses": [self.expense(number) for number in range(orders // 2)],
            "inventory_levels": self.levels() if orders else [],
            "activity": [self.activity(number) for number in range(orders)],
        }

    def chance(self, share: float) -> bool:
        return self.random.random() < share

    def one_of(self, *values: Any) -> Any:
        return self.random.choice(values)

    def money(self, most: int) -> Decimal:
        """Two places as a rule, sometimes none or three."""
        places = self.one_of(2, 2, 2, 0, 3)
        return Decimal(self.random.randint(0, most * 10**places)).scaleb(-places)

    def instant(self) -> datetime:
        """Some fall on the last and the first minute of a local day, some in the hours in which clocks change."""
        day = self.opens + timedelta(days=self.random.randrange(DAYS))
        at = day + timedelta(minutes=self.one_of(0, -1, 90, 150, *[self.random.randrange(24 * 60) for _ in range(8)]))
        return at - A_YEAR if self.chance(0.1) else at

    def known(self, ids: tuple[str, ...], make: Any, orders: int) -> list[Row]:
        """All but a few ids have a row of their own."""
        return [
            {"platform": platform, **make(each)}
            for platform in sorted(set(PLATFORMS))
            for each in ids
            if orders and not self.chance(0.15)
        ]

    def product(self, product_id: str) -> Row:
        return {
            "product_id": product_id,
            "sku": self.one_of(None, f"SKU-{product_id}"),
            "name": self.one_of(None, "Mug", "Cap", "Lamp"),
            "category_id": self.one_of(None, "unheard", *CATEGORIES),
            "cost": self.one_of(None, self.money(9)),
            "price": self.one_of(None, self.money(40)),
            "active": not self.chance(0.2),
            "created_at": self.one_of(None, self.instant()),
        }

    def customer(self, customer_id: str) -> Row:
        created_at = self.one_of(None, self.instant(), self.instant())
        return {"customer_id": customer_id, "segment": self.one_of(*SEGMENTS), "created_at": created_at}

    def rep(self, rep_id: str) -> Row:
        rate = self.one_of(None, Decimal("0.05"), Decimal("0.125"))
        name, region = self.one_of(None, "Ada", "Kim"), {"r1": "North", "r2": "South"}.get(rep_id)
        return {"sales_rep_id": rep_id, "name": name, "region": region, "commission_rate": rate}

    def order(self, number: int, currency: str) -> Row:
        return {
            "placed_at": self.instant(),
            "platform": self.one_of(*PLATFORMS),
            "order_id": f"o{number}",
            "status": self.one_of("completed", "completed", "completed", "completed", "pending", "cancelled"),
            "customer_id": self.one_of(None, *CUSTOMERS),
            "sales_rep_id": self.one_of(None, *REPS),
            "currency": self.one_of(None, currency, currency, currency, CONVERTED, self.one_of(CONVERTED, UNKNOWN)),
            "total_amount": self.money(200) if self.chance(0.2) else None,
            "discount": self.money(9) if self.chance(0.3) else Decimal(0),
            "shipping": self.one_of(Decimal(0), self.money(9)),
            "tax": self.one_of(None, self.money(9)),
            "test": self.chance(0.1),
        }

    def lines(self, order: Row) -> list[Row]:
        key = {name: order[name] for name in ("placed_at", "platform", "order_id")}
        return [key | self.line(f"{number}") for number in range(self.one_of(0, 1, 1, 1, 2, 2, 3))]

    def line(self, line_id: str) -> Row:
        quantity, price = self.one_of(1, 1, 1, 2, 3, 5, 0, -1), self.money(60)
        return {
            "line_id": line_id,
            "product_id": self.one_of(None, *PRODUCTS, *PRODUCTS),
            "quantity": quantity,
            "unit_price": price,
            "unit_cost": self.one_of(None, self.money(9), self.money(30)),
            "discount": self.one_of(Decimal(0), Decimal(0), self.money(5), max(quantity, 0) * price),
            "tax": self.one_of(Decimal(0), self.money(5)),
        }

    def refund(self, number: int, placed: list[Row]) -> Row:
        """Of an order as a rule; some name its line or a product, some an order that is not known."""
        order = self.random.choice(placed)
        platform, order_id = order["platform"], order["order_id"]
        later = order["placed_at"] + timedelta(hours=self.random.randrange(600))
        return {
            "platform": platform if not self.chance(0.1) else self.one_of(*PLATFORMS),
            "refund_id": f"f{number}",
            "line_id": self.one_of("", "0", "0", "1"),
            "order_id": self.one_of(None, "unheard", *[order_id] * 6),
            "product_id": self.one_of(None, None, *PRODUCTS),
            "customer_id": self.one_of(None, None, *CUSTOMERS),
            "refunded_at": self.one_of(later, later, self.instant()),
            "quantity": self.one_of(0, 1, 1, 2),
            "amount": self.money(40),
        }

    def rates(self) -> list[Row]:
        days = {(self.opens + timedelta(days=self.random.randrange(-20, DAYS))).date() for _ in range(4)}
        return [{"currency": CONVERTED, "day": day, "rate": self.one_of(*RATES)} for day in sorted(days)]

    def expense(self, number: int) -> Row:
        return {
            "platform": self.one_of(*PLATFORMS),
            "expense_id": f"e{number}",
            "incurred_at": self.instant(),
            "category": self.one_of("Rent", "Ads", "Tools"),
            "amount": self.money(50),
        }

    def levels(self) -> list[Row]:
        return [
            {
                "platform": platform,
                "product_id": product,
                "location": location,
                "on_hand": self.random.randint(-2, 40),
                "reserved": self.one_of(0, 0, 3),
                "incoming": self.one_of(0, 0, 12),
                "counted_at": self.instant(),
            }
            for platform in sorted(set(PLATFORMS))
            for product in PRODUCTS
            for location in ("north", "south")
            if self.chance(0.7)
        ]

    def activity(self, number: int) -> Row:
        return {
            "platform": self.one_of(*PLATFORMS),
            "activity_id": f"a{number}",
            "occurred_at": self.instant(),
            "kind": self.one_of("visit", "visit", "signup", "view", "cart", "checkout"),
            "visitor_id": self.one_of(None, "v1", "v2", "v3"),
            "user_id": self.one_of(None, *CUSTOMERS),
            "product_id": self.one_of(None, *PRODUCTS),
        }
