"""Lifetime value from orders to answer: fitted once a local day, the same for one customer as for all together."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import numpy as np
import pytest
from tests.properties.world import open_shop

from tallymark.db import Database
from tallymark.lifetime.models import Purchases
from tallymark.metrics import Catalog, evaluate, plan
from tallymark.model import Question, Tenant
from tallymark.tasks import refresh

OPENS, NOW = datetime(2025, 1, 2, 12, tzinfo=UTC), datetime(2025, 12, 20, 12, tzinfo=UTC)
CATALOG = Catalog.load()


def sell(database: Database, tenant: Tenant, customers: int) -> None:
    """Customers who buy at paces of their own until they leave, spending amounts of their own."""
    random = np.random.default_rng(7)
    rows = []
    for number in range(customers):
        at = OPENS + timedelta(days=float(random.uniform(0, 200)))
        pace, leaves, spends = random.gamma(1.0, 0.05), random.beta(0.8, 2.5), random.gamma(6, 5)
        while at < NOW:
            rows.append((at, f"o{len(rows)}", f"c{number}", round(Decimal(random.gamma(6, spends / 6)) + 1, 2)))
            if random.uniform() < leaves:
                break
            at += timedelta(days=float(random.exponential(1 / pace)) + 0.5)
    with database.connect(tenant.tenant_id) as conn, conn.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO orders (tenant_id, placed_at, platform, order_id, customer_id)"
            " VALUES (current_tenant(), %s, 'shopify', %s, %s)",
            [row[:3] for row in rows],
        )
        cursor.executemany(
            "INSERT INTO order_items (tenant_id, placed_at, platform, order_id, line_id, quantity, unit_price)"
            " VALUES (current_tenant(), %s, 'shopify', %s, '1', 1, %s)",
            [(at, order, price) for at, order, _, price in rows],
        )


def ask(database: Database, tenant: Tenant, **params: str) -> dict:
    question = Question("customer_lifetime_value", "shopify", params, as_of=NOW)
    with database.connect(tenant.tenant_id, read_only=True) as conn:
        return evaluate(conn, plan(CATALOG, question, tenant)).data  # type: ignore[return-value]


def fits(database: Database, tenant: Tenant) -> list[tuple]:
    with database.connect(tenant.tenant_id) as conn:
        return conn.execute("SELECT fitted_on, fitted_at, repeat_customers, r FROM lifetime_fit").fetchall()


def test_customers_add_up_to_what_is_foretold_of_all(database: Database):
    tenant = open_shop(database)
    sell(database, tenant, 600)
    refresh(database, CATALOG, tenant, triggered_by="test", as_of=NOW)
    everybody = ask(database, tenant)
    assert everybody["model"]["repeatCustomers"] >= 200
    assert abs(everybody["model"]["holdoutError"]) < Decimal("0.5")
    with database.connect(tenant.tenant_id) as conn:
        ids = [row[0] for row in conn.execute("SELECT customer_id FROM customer_fact WHERE first_day < '2025-12-20'")]
        (stored,) = conn.execute("SELECT expected_sales FROM lifetime_fit").fetchone()  # type: ignore[misc]
    each = [ask(database, tenant, customer_id=customer)["predicted"] for customer in ids]
    # Each is rounded to the cent.
    assert float(sum(one["total"] for one in each)) == pytest.approx(stored, abs=0.005 * len(each))
    assert float(everybody["predicted"]["total"]) == pytest.approx(stored, abs=0.005)
    assert float(sum(one["purchases"] for one in each)) / len(each) == pytest.approx(
        float(everybody["predicted"]["purchases"]), abs=0.0001
    )


def test_the_models_are_fitted_once_a_local_day(database: Database):
    tenant = open_shop(database)
    sell(database, tenant, 600)
    refresh(database, CATALOG, tenant, triggered_by="test", as_of=NOW)
    [first] = fits(database, tenant)
    refresh(database, CATALOG, tenant, triggered_by="test", as_of=NOW + timedelta(hours=3), force=True)
    assert fits(database, tenant) == [first]
    refresh(database, CATALOG, tenant, triggered_by="test", as_of=NOW + timedelta(days=1))
    [next_day] = fits(database, tenant)
    assert (next_day[0] - first[0]).days == 1


def test_too_few_customers_are_not_foretold(database: Database):
    tenant = open_shop(database)
    sell(database, tenant, 60)
    refresh(database, CATALOG, tenant, triggered_by="test", as_of=NOW)
    [(_, _, repeat_customers, r)] = fits(database, tenant)
    assert (0 < repeat_customers < 200, r) == (True, None)
    data = ask(database, tenant)
    assert (data["predicted"], data["lifetimeValue"]) == (None, None)
    assert data["historic"]["total"] > 0


@pytest.mark.parametrize(
    ("x", "recency", "age"), [(0, 0.0, 0.0), (0, 0.0, 300.0), (2, 30.43, 38.86), (900, 300.0, 301.0)]
)
def test_the_database_expects_what_the_models_do(database: Database, x: int, recency: float, age: float):
    tenant, model = open_shop(database), Purchases(0.243, 4.414, 0.793, 2.426)
    [expected] = model.expected(52, *(np.array([float(value)]) for value in (x, recency, age)))
    with database.connect(tenant.tenant_id) as conn:
        (found,) = conn.execute(
            "SELECT expected_purchases(52, %s, %s, %s, 0.243, 4.414, 0.793, 2.426)", (x, recency, age)
        ).fetchone()  # type: ignore[misc]
    assert found == pytest.approx(expected, rel=1e-9)
