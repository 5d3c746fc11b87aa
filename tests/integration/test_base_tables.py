"""What no figure could be worked out from is refused by the tables, also where somebody writes past the import."""

import psycopg
import pytest

from tallymark.db import Database
from tallymark.errors import ImportRefused
from tallymark.ingest import Batch, load


@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO refunds (tenant_id, platform, refund_id, refunded_at, amount)"
        " VALUES ({}, 'files', 'r', 'infinity', 1)",
        "INSERT INTO refunds (tenant_id, platform, refund_id, refunded_at, amount)"
        " VALUES ({}, 'files', 'r', now(), 'NaN')",
        "INSERT INTO expenses (tenant_id, platform, expense_id, incurred_at, category, amount)"
        " VALUES ({}, 'files', 'e', '9999-12-31 20:00-14:00', 'rent', 1)",
        "INSERT INTO expenses (tenant_id, platform, expense_id, incurred_at, category, amount)"
        " VALUES ({}, 'Shopify EU', 'e', now(), 'rent', 1)",
        "INSERT INTO orders (tenant_id, placed_at, platform, order_id) VALUES ({}, '2025-02-05', 'all', 'a')",
        "INSERT INTO orders (tenant_id, placed_at, platform, order_id, shipping)"
        " VALUES ({}, '2025-02-05', 'files', 'a', '-Infinity')",
        "INSERT INTO order_items (tenant_id, placed_at, platform, order_id, line_id, quantity, unit_price)"
        " VALUES ({}, '2025-02-05', 'files', 'a', '1', 1, 'NaN')",
    ],
)
def test_values_without_a_figure_are_refused(database: Database, make_tenant, statement: str) -> None:  # type: ignore[no-untyped-def]
    tenant = make_tenant("shop")
    with database.connect(tenant) as conn:
        conn.execute("SELECT ensure_months('2025-02-01', '2025-02-28')")
    with pytest.raises(psycopg.errors.CheckViolation), database.connect(tenant) as conn:
        conn.execute(statement.format(tenant))


@pytest.mark.parametrize("platform", ["", "all", "Shopify EU", "-x", "x" * 64])
def test_a_load_names_its_platform_properly(database: Database, make_tenant, platform: str) -> None:  # type: ignore[no-untyped-def]
    with database.connect(make_tenant("shop")) as conn, pytest.raises(ImportRefused, match="one platform"):
        load(conn, Batch(platform, []))
