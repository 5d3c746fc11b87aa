"""Rare changes, each alone: what the random test meets too seldom to be caught by it every time."""

from collections.abc import Callable

import pytest
from tests.properties.recount import stored
from tests.properties.world import assert_exact, open_shop

from tallymark import rollups
from tallymark.db import Database
from tallymark.model import Tenant

BEGINNING = (
    "INSERT INTO customers (tenant_id, platform, customer_id, segment) VALUES"
    " (current_tenant(), 'shopify', 'ann', 'Regulars'), (current_tenant(), 'shopify', 'bob', NULL)",
    "INSERT INTO exchange_rates (tenant_id, currency, day, rate) VALUES"
    " (current_tenant(), 'USD', '2025-03-01', 0.5), (current_tenant(), 'USD', '2025-03-20', 0.75)",
    "INSERT INTO orders (tenant_id, placed_at, platform, order_id, customer_id, currency, status, test) VALUES"
    " (current_tenant(), '2025-03-10 12:00Z', 'shopify', 'sold', 'ann', 'GBP', 'completed', false),"
    " (current_tenant(), '2025-03-10 12:00Z', 'shopify', 'abroad', 'bob', 'USD', 'completed', false),"
    " (current_tenant(), '2025-03-25 12:00Z', 'shopify', 'later', 'bob', 'USD', 'completed', false),"
    " (current_tenant(), '2025-03-11 12:00Z', 'shopify', 'tried', 'ann', 'GBP', 'completed', true),"
    " (current_tenant(), '2025-03-12 12:00Z', 'shopify', 'recalled', 'ann', 'GBP', 'cancelled', false)",
    "INSERT INTO order_items (tenant_id, placed_at, platform, order_id, line_id, product_id, quantity, unit_price,"
    " unit_cost) SELECT tenant_id, placed_at, platform, order_id, 1, 'mug', 2, 10, 2.5 FROM orders",
    "INSERT INTO refunds (tenant_id, platform, refund_id, order_id, customer_id, refunded_at, amount) VALUES"
    " (current_tenant(), 'shopify', 'of sold', 'sold', NULL, '2025-04-02Z', 3),"
    " (current_tenant(), 'shopify', 'of ann alone', NULL, 'ann', '2025-04-03Z', 4),"
    " (current_tenant(), 'shopify', 'of tried', 'tried', NULL, '2025-04-04Z', 5)",
)


@pytest.fixture
def tenant(database: Database) -> Tenant:
    tenant = open_shop(database)
    with database.connect(tenant.tenant_id) as conn:
        for statement in BEGINNING:
            conn.execute(statement)
    with database.session(tenant.tenant_id) as session:
        for _ in rollups.build(session, tenant):
            pass
    _refresh(database, tenant)
    return tenant


def _refresh(database: Database, tenant: Tenant) -> None:
    with database.connect(tenant.tenant_id, isolation="repeatable read") as conn:
        while not rollups.advance(conn, tenant).settled:
            pass
    assert_exact(database, tenant)


@pytest.fixture
def changes(database: Database, tenant: Tenant) -> Callable[[str], bool]:
    """Whether a write changed what is stored, which then equals the recount."""

    def tables() -> object:
        with database.connect(tenant.tenant_id) as conn:
            return stored(conn, tenant.tenant_id)

    def write(statement: str) -> bool:
        before = tables()
        with database.connect(tenant.tenant_id) as conn:
            assert conn.execute(statement).rowcount > 0, "wrote nothing"
        _refresh(database, tenant)
        return tables() != before

    return write


@pytest.mark.parametrize(
    "statement",
    [
        pytest.param("UPDATE customers SET segment = 'Guests' WHERE customer_id = 'ann'", id="segment of a customer"),
        pytest.param("UPDATE customers SET segment = NULL WHERE customer_id = 'ann'", id="segment taken away"),
        pytest.param("DELETE FROM customers WHERE customer_id = 'ann'", id="customer deleted"),
        pytest.param("DELETE FROM exchange_rates WHERE day = '2025-03-20'", id="later rate deleted"),
        pytest.param("DELETE FROM exchange_rates", id="all rates deleted"),
        pytest.param("UPDATE exchange_rates SET day = '2025-03-28' WHERE day = '2025-03-20'", id="rate holds later"),
        pytest.param("UPDATE exchange_rates SET day = '2025-03-15' WHERE day = '2025-03-01'", id="first rate later"),
        pytest.param("UPDATE exchange_rates SET currency = 'EUR'", id="rates of another currency"),
        pytest.param("UPDATE orders SET test = true WHERE order_id = 'sold'", id="order was a test"),
        pytest.param("UPDATE orders SET test = false WHERE order_id = 'tried'", id="order was no test"),
        pytest.param("UPDATE orders SET status = 'cancelled' WHERE order_id = 'sold'", id="refunded, then cancelled"),
        pytest.param("UPDATE orders SET status = 'completed' WHERE order_id = 'recalled'", id="cancelled no more"),
        pytest.param("UPDATE refunds SET order_id = 'sold' WHERE order_id = 'tried'", id="refund of another order"),
        pytest.param("UPDATE refunds SET order_id = NULL WHERE order_id = 'sold'", id="refund without its order"),
        pytest.param("UPDATE refunds SET customer_id = 'bob' WHERE order_id = 'sold'", id="refund of another customer"),
    ],
)
def test_what_follows_from_it_is_counted_anew(changes: Callable[[str], bool], statement: str) -> None:
    assert changes(statement)


@pytest.mark.parametrize("order", ["tried", "recalled"])
def test_a_refund_of_what_is_no_sale_counts_for_nothing(changes: Callable[[str], bool], order: str) -> None:
    refund = "INSERT INTO refunds (tenant_id, platform, refund_id, order_id, refunded_at, amount) VALUES"
    assert not changes(f"{refund} (current_tenant(), 'shopify', 'also', '{order}', '2025-05-01Z', 6)")
