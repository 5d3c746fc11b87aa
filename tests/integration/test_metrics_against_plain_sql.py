"""Whatever a shop's rows and whatever is asked of them: rollups give what plain SQL over the base tables gives."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from decimal import ROUND_HALF_EVEN, Decimal
from itertools import count
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from psycopg.rows import dict_row

from tallymark import rollups
from tallymark.db import Database
from tallymark.db.queries import Queries
from tallymark.metrics import Catalog, evaluate, plan
from tallymark.model import Question, Tenant

PLAIN = Queries((Path(__file__).parents[1] / "metrics/plain.sql").read_text(), "plain.sql")
CATALOG = Catalog.load()
BERLIN = ZoneInfo("Europe/Berlin")
FIRST, LAST = date(2026, 2, 20), date(2026, 4, 8)  # Over two ends of a month, and the change of the clocks.
SLUGS = count()

days = st.dates(FIRST, LAST)
instants = st.builds(
    lambda day, minute: datetime.combine(day, time(), UTC) + timedelta(minutes=minute), days, st.integers(0, 1439)
)
platforms = st.sampled_from(["shopify", "amazon"])
money = st.decimals("0.001", "99", places=3)
lines = st.fixed_dictionaries(
    {
        "product_id": st.sampled_from(["p1", "p2", "p3", None]),
        "quantity": st.integers(1, 5),
        "unit_price": st.decimals("1", "99", places=2),
        "unit_cost": st.none() | st.decimals("0", "9", places=2),
        "discount": st.decimals("0", "0.9", places=2),
        "tax": st.decimals("0", "9", places=2),
    }
)
orders = st.fixed_dictionaries(
    {
        "placed_at": instants,
        "platform": platforms,
        "status": st.sampled_from(["completed", "completed", "pending", "cancelled"]),
        "customer_id": st.sampled_from(["c1", "c2", None]),
        "currency": st.sampled_from([None, "EUR", "EUR", "USD"]),
        "discount": st.just(Decimal(0)) | st.decimals("0", "0.1", places=2),
        "shipping": money,
        "tax": st.none() | money,
        "test": st.sampled_from([False, False, False, True]),
        "lines": st.lists(lines, min_size=1, max_size=2),
    }
)
refunds = st.fixed_dictionaries(
    {"order": st.integers(0, 12), "platform": platforms, "refunded_at": instants, "amount": money}
)
ranges = st.tuples(days, days).map(sorted)


@pytest.fixture(scope="module")
def shops(postgres, template) -> Iterator[Database]:
    with Database(postgres.create(template)) as database:
        with database.owner() as conn:
            conn.execute(
                "SELECT ensure_months(%s, %s)", (datetime(2026, 2, 1, tzinfo=UTC), datetime(2026, 4, 30, tzinfo=UTC))
            )
        yield database
    postgres.drop(database.conninfo)


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    placed=st.lists(orders, max_size=8),
    returned=st.lists(refunds, max_size=4),
    asked=ranges,
    today=days,
    hour=st.integers(0, 23),
    platform=st.sampled_from(["all", "shopify", "amazon"]),
    clock=st.sampled_from(["event", "order"]),
    sort=st.sampled_from(["revenue", "units"]),
)
def test_rollups_give_what_the_base_tables_give(shops, placed, returned, asked, today, hour, platform, clock, sort):
    tenant = open_shop(shops, placed, returned)
    first, last = asked
    as_of = datetime.combine(today, time(hour), BERLIN)
    days_asked = {"from": str(first), "to": str(last)}

    overview = ask(shops, tenant, "sales_overview", platform, {**days_asked, "clock": clock}, as_of)
    top = ask(shops, tenant, "top_products", platform, {**days_asked, "sort": sort, "limit": "3"}, as_of)

    running = first <= today <= last
    last = min(last, today) if running else last
    length = last - first + timedelta(days=1)
    ends = datetime.combine(last + timedelta(days=1), time())
    cut = datetime.combine(last - length, time(hour)) if running else datetime.combine(first, time())
    scope = {"tenant": tenant.tenant_id, "platform": platform, "clock": clock, "sort": sort}
    with shops.connect(tenant.tenant_id) as conn, conn.cursor(row_factory=dict_row) as cursor:
        now = cursor.execute(PLAIN.sales, scope | {"starts": first, "ends": ends}).fetchone()
        before = cursor.execute(PLAIN.sales, scope | {"starts": first - length, "ends": cut}).fetchone()
        products = cursor.execute(PLAIN.products, scope | {"starts": first, "ends": ends}).fetchall()
    assert overview == {name: places(value, name) for name, value in figures(now).items()} | {
        "growth": growth(figures(now), figures(before))
    }
    assert [{name: value for name, value in row.items() if name != "name"} for row in top] == [
        {name: places(value, name) for name, value in row.items()} for row in products
    ]


def open_shop(database: Database, placed: list, returned: list) -> Tenant:
    slug = f"shop-{next(SLUGS)}"
    with database.connect(None) as conn:
        (tenant_id,) = conn.execute(
            "INSERT INTO tenants (slug, name, timezone, currency) VALUES (%s, 'Shop', 'Europe/Berlin', 'EUR')"
            " RETURNING tenant_id",
            (slug,),
        ).fetchone()
    tenant = Tenant(tenant_id, slug, "Shop", "Europe/Berlin", "EUR")
    with database.session(tenant_id) as session:
        for _ in rollups.build(session, tenant):
            pass
        with session.transaction() as conn:
            fill(conn, tenant_id, placed, returned)
        with session.transaction("repeatable read") as conn:
            rollups.advance(conn, tenant)
    return tenant


def fill(conn, tenant_id: int, placed: list, returned: list) -> None:
    order_rows = [
        {name: value for name, value in order.items() if name != "lines"}
        | {"order_id": f"o{number}", "tenant_id": tenant_id}
        for number, order in enumerate(placed)
    ]
    line_rows = [
        line
        | {name: row[name] for name in ("tenant_id", "platform", "order_id", "placed_at")}
        | {"line_id": str(number)}
        for order, row in zip(placed, order_rows, strict=True)
        for number, line in enumerate(order["lines"][: 1 if order["discount"] else 2])
    ]
    refund_rows = [
        {name: value for name, value in refund.items() if name != "order"}
        | {"tenant_id": tenant_id, "refund_id": f"r{number}", "order_id": f"o{refund['order']}"}
        for number, refund in enumerate(returned)
    ]
    for table, rows in (("orders", order_rows), ("order_items", line_rows), ("refunds", refund_rows)):
        for row in rows:
            names = ", ".join(row)
            conn.execute(f"INSERT INTO {table} ({names}) VALUES ({', '.join(f'%({name})s' for name in row)})", row)


def ask(database: Database, tenant: Tenant, metric: str, platform: str, params: dict, as_of: datetime):
    with database.connect(tenant.tenant_id, read_only=True) as conn:
        return evaluate(conn, plan(CATALOG, Question(metric, platform, params, as_of=as_of), tenant)).data


def figures(sums: dict) -> dict:
    net = sums["gross"] - sums["discounts"] - sums["returns"]
    return {
        "grossSales": sums["gross"],
        "discounts": sums["discounts"],
        "returns": sums["returns"],
        "netSales": net,
        "shipping": sums["shipping"],
        "tax": sums["tax"],
        "totalSales": net + sums["shipping"] + sums["tax"],
        "orders": sums["orders"],
        "units": sums["units"],
        "averageOrderValue": (sums["gross"] - sums["discounts"]) / sums["orders"] if sums["orders"] else None,
        "customers": sums["customers"],
        "newCustomers": sums["new_customers"],
        "returningCustomers": sums["customers"] - sums["new_customers"],
    }


def growth(now: dict, before: dict) -> dict | None:
    grown = {
        name: Decimal(now[name] - before[name]) / abs(Decimal(before[name]))
        if before[name] and now[name] is not None
        else None
        for name in now
    }
    rounded = {
        name: None if value is None else value.quantize(Decimal("0.0001"), ROUND_HALF_EVEN)
        for name, value in grown.items()
    }
    return rounded if any(value is not None for value in rounded.values()) else None


def places(value: object, name: str) -> object:
    if name in ("averageOrderValue", "averagePrice", "profitMargin") and value is not None:
        return value.quantize(Decimal("0.01"), ROUND_HALF_EVEN)
    return value
