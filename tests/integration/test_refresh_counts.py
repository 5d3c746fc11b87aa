"""Live counts equal counting, at any moment between refreshes."""

import random

from tests.properties.world import open_shop, place

from tallymark import rollups
from tallymark.db import Database
from tallymark.model import Tenant
from tallymark.tasks import live_counts

WRITES = (
    "UPDATE orders SET status = 'cancelled' WHERE order_id = 'o{0}'",
    "UPDATE orders SET status = 'completed'",
    "UPDATE orders SET test = NOT test WHERE order_id = 'o{0}'",
    "UPDATE orders SET currency = 'USD' WHERE order_id = 'o{0}'",
    "DELETE FROM orders WHERE order_id = 'o{0}'",
    "UPDATE orders SET placed_at = placed_at + interval '40 days' WHERE order_id = 'o{0}'"
    " AND placed_at < '2025-11-01Z'",
    "DELETE FROM expenses WHERE expense_id = 'e{0}'",
    "INSERT INTO products (tenant_id, platform, product_id) VALUES (current_tenant(), 'shopify', 'p{0}')"
    " ON CONFLICT DO NOTHING",
    "DELETE FROM products WHERE product_id = 'p{0}'",
)
COUNT = """
    SELECT (SELECT count(*) FROM products), (SELECT count(*) FROM orders WHERE status <> 'cancelled' AND NOT test),
           (SELECT count(*) FROM expenses)"""


def assert_counted(database: Database, tenant: Tenant) -> None:
    with database.connect(tenant.tenant_id, isolation="repeatable read") as conn:
        counts = live_counts(conn, tenant.tenant_id)
        assert (counts.products, counts.orders, counts.expenses) == conn.execute(COUNT).fetchone()


def test_live_counts_equal_counting(database: Database) -> None:
    tenant, dice = open_shop(database), random.Random(11)
    neighbour = open_shop(database, "neighbour")
    with database.connect(neighbour.tenant_id) as conn:
        place(conn, range(30))
    assert_counted(database, tenant)
    number = 0
    for round_ in range(80):
        with database.connect(tenant.tenant_id) as conn:
            for _ in range(dice.randint(1, 3)):
                place(conn, [number])
                number += 1
            conn.execute(dice.choice(WRITES).format(dice.randrange(number)))
        assert_counted(database, tenant)
        if round_ % 10 == 0:
            with database.session(tenant.tenant_id) as session:
                for step, _ in enumerate(rollups.build(session, tenant)):
                    if step % 7 == 0:
                        assert_counted(database, tenant)
        if round_ % 3 == 0:
            with database.connect(tenant.tenant_id, isolation="repeatable read") as conn:
                rollups.advance(conn, tenant, most=dice.choice([1, 2, 1000]))
            assert_counted(database, tenant)
