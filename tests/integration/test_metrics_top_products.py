"""The best products of any window, though only likely ones are summed: the same as when all are."""

import random
from datetime import UTC, date, datetime, timedelta

import pytest
from psycopg.rows import dict_row
from tests.conftest import Server

from tallymark import rollups
from tallymark.db import Database
from tallymark.metrics import Catalog, evaluate, plan
from tallymark.model import Question, Tenant

CATALOG = Catalog.load()
NOW = datetime(2026, 10, 31, 12, tzinfo=UTC)
FIRST, DAYS = date(2025, 1, 1), 660

# Few products sell much and most little; some lines are taken back, given away with money, or of negative cost.
SHOP = """
INSERT INTO orders (tenant_id, platform, order_id, placed_at)
SELECT %(tenant)s, CASE WHEN n %% 3 = 0 THEN 'amazon' ELSE 'shopify' END, n::text,
    timestamptz '2025-01-01 12:00+00' + n %% %(days)s * interval '1 day'
FROM generate_series(1, 8000) n;
INSERT INTO order_items (
    tenant_id, platform, order_id, placed_at, line_id, product_id, quantity, unit_price, unit_cost, discount)
SELECT tenant_id, platform, order_id, placed_at, '1',
    CASE WHEN order_id::integer %% 50 <> 0
        THEN 'p' || floor(power(abs(hashtext(order_id)::bigint) %% 1000 / 1000.0, 3) * 900) END,
    CASE WHEN order_id::integer %% %(odd)s = 1 THEN -3 ELSE 1 + order_id::integer %% 3 END, 5 + hashtext(order_id) %% 5,
    CASE order_id::integer %% %(odd)s WHEN 3 THEN NULL WHEN 4 THEN -2 ELSE 2.5 END,
    CASE WHEN order_id::integer %% %(odd)s = 2 THEN 40 ELSE 0.25 END
FROM orders WHERE tenant_id = %(tenant)s;
"""
SUMMED = """
SELECT product_id, units, revenue FROM (
    SELECT platform, product_id, sum(units) AS units, sum(gross) AS gross, sum(gross) - sum(discounts) AS revenue,
        CASE WHEN sum(costed_net) <> 0 OR sum(cost) <> 0 THEN sum(costed_net) - sum(cost) END AS profit
    FROM product_day
    WHERE tenant_id = %(tenant)s AND day BETWEEN %(first)s AND %(last)s AND %(platform)s IN ('all', platform)
    GROUP BY platform, product_id) sums
WHERE product_id <> '' AND (units <> 0 OR gross <> 0)
ORDER BY CASE %(sort)s WHEN 'units' THEN units WHEN 'profit' THEN profit ELSE revenue END DESC NULLS LAST,
    product_id, platform
LIMIT %(limit)s
"""


@pytest.mark.parametrize("odd", [7, 997])
def test_the_best_of_any_window(postgres: Server, template: str, odd: int) -> None:
    conninfo = postgres.create(template)
    with Database(conninfo) as database:
        tenant = shop(database, odd)
        chance = random.Random(odd)
        for _ in range(80):
            days = sorted(FIRST + timedelta(days=chance.randrange(-20, DAYS + 20)) for _ in range(2))
            if chance.random() < 0.3:
                days[1] = days[0] + timedelta(days=chance.choice((0, 6, 13, 14, 29, 89)))
            limit, sort = chance.choice((1, 3, 10, 25, 26)), chance.choice(("revenue", "units", "profit"))
            asked = {"first": days[0], "last": days[1], "platform": chance.choice(("all", "shopify", "amazon"))}
            expected = summed(database, tenant, asked | {"sort": sort, "limit": limit})
            assert best(database, tenant, asked, {"sort": sort, "limit": str(limit)}) == expected, (asked, sort, limit)
    postgres.drop(conninfo)


def shop(database: Database, odd: int) -> Tenant:
    with database.owner() as conn:
        conn.execute("SELECT ensure_months('2025-01-01', '2026-12-31')")
        (tenant_id,) = conn.execute(
            "INSERT INTO tenants (slug, name, timezone, currency) VALUES ('shop', 'Shop', 'Europe/Berlin', 'EUR')"
            " RETURNING tenant_id"
        ).fetchone()
    tenant = Tenant(tenant_id, "shop", "Shop", "Europe/Berlin", "EUR")
    with database.connect(tenant_id) as conn:
        for statement in SHOP.split(";\n")[:2]:
            conn.execute(statement, {"tenant": tenant_id, "days": DAYS, "odd": odd})
    with database.session(tenant_id) as session:
        for _ in rollups.build(session, tenant):
            pass
    return tenant


def best(database: Database, tenant: Tenant, asked: dict, params: dict) -> list[tuple]:
    days = {"from": str(asked["first"]), "to": str(asked["last"])}
    question = Question("top_products", asked["platform"], days | params, as_of=NOW)
    with database.connect(tenant.tenant_id, read_only=True) as conn:
        rows = evaluate(conn, plan(CATALOG, question, tenant)).data
    return [(row["productId"], row["totalSold"], row["revenue"]) for row in rows]


def summed(database: Database, tenant: Tenant, asked: dict) -> list[tuple]:
    with database.connect(tenant.tenant_id) as conn, conn.cursor(row_factory=dict_row) as cursor:
        rows = cursor.execute(SUMMED, asked | {"tenant": tenant.tenant_id}).fetchall()
    return [(row["product_id"], row["units"], row["revenue"]) for row in rows]
