"""Small shops to write into, and the question whether what is stored of one is exact."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

from psycopg import Connection
from tests.properties.recount import base, differences, recount, stored

from tallymark import rollups
from tallymark.db import Database
from tallymark.model import Tenant

FIRST = datetime(2025, 1, 5, 12, tzinfo=UTC)


def open_shop(database: Database, slug: str = "shop", timezone: str = "Europe/London", currency: str = "GBP") -> Tenant:
    """A tenant with months to put orders into."""
    with database.connect(None) as conn:
        row = conn.execute(
            "INSERT INTO tenants (slug, name, timezone, currency) VALUES (%s, %s, %s, %s) RETURNING tenant_id",
            (slug, slug.title(), timezone, currency),
        ).fetchone()
        conn.execute("SELECT ensure_months('2025-01-01Z', '2025-12-31Z')")
    assert row is not None
    return Tenant(row[0], slug, slug.title(), timezone, currency)


def place(conn: Connection[Any], numbers: Iterable[int], *, price: int = 10, platform: str = "shopify") -> None:
    """Orders of two lines each, spread over the year; every fifth is partly refunded, every seventh has an expense."""
    for number in numbers:
        at, name = FIRST + timedelta(hours=number * 37 % 8400), f"o{number}"
        conn.execute(
            "INSERT INTO orders (tenant_id, placed_at, platform, order_id, customer_id, sales_rep_id, discount,"
            " shipping) VALUES (current_tenant(), %s, %s, %s, %s, 'r1', 0.125, 4.5)",
            (at, platform, name, f"c{number % 11}"),
        )
        conn.execute(
            "INSERT INTO order_items (tenant_id, placed_at, platform, order_id, line_id, product_id, quantity,"
            " unit_price, unit_cost) SELECT current_tenant(), %s, %s, %s, line, 'p' || line, line, %s, 2.5"
            " FROM generate_series(1, 2) line",
            (at, platform, name, price),
        )
        if number % 5 == 0:
            conn.execute(
                "INSERT INTO refunds (tenant_id, platform, refund_id, order_id, refunded_at, amount)"
                " VALUES (current_tenant(), %s, %s, %s, %s, 1.25)",
                (platform, f"f{number}", name, at + timedelta(days=3)),
            )
        if number % 7 == 0:
            conn.execute(
                "INSERT INTO expenses (tenant_id, platform, expense_id, incurred_at, category, amount)"
                " VALUES (current_tenant(), %s, %s, %s, 'Rent', 3)",
                (platform, f"e{number}", at),
            )


def assert_exact(database: Database, tenant: Tenant, *, current: bool = True) -> None:
    """Every derived table equals the recount. `current`: without applying anything first."""
    with database.connect(tenant.tenant_id, isolation="repeatable read") as conn:
        while not current and not rollups.advance(conn, tenant).settled:
            pass
        expected = recount(base(conn, tenant.tenant_id), tenant.zone, tenant.currency)
        assert not differences(stored(conn, tenant.tenant_id), expected)
