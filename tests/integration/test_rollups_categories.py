"""Products that move to another category take all their days along, however many move at once."""

import pytest
from tests.properties.world import assert_exact, open_shop, place

from tallymark import rollups
from tallymark.db import Database
from tallymark.rollups import apply

PUT = "INSERT INTO products (tenant_id, platform, product_id, category_id) VALUES (current_tenant(), 'shopify', %s, %s)"
SOLD = "SELECT category_id, sum(gross)::int FROM category_day GROUP BY 1 HAVING sum(gross) <> 0 ORDER BY 1"


@pytest.mark.parametrize("few", [0, 500])
def test_a_moved_product_takes_its_days_along(database: Database, monkeypatch: pytest.MonkeyPatch, few: int) -> None:
    monkeypatch.setattr(apply, "FEW_PRODUCTS", few)
    tenant = open_shop(database)

    def sold(*statements: tuple[str, tuple[str | None, ...]]) -> list[tuple[str, int]]:
        with database.connect(tenant.tenant_id) as conn:
            for statement, arguments in statements:
                conn.execute(statement, arguments)
        with database.connect(tenant.tenant_id, isolation="repeatable read") as conn:
            assert rollups.advance(conn, tenant).settled
        assert_exact(database, tenant)
        with database.connect(tenant.tenant_id) as conn:
            return conn.execute(SOLD).fetchall()

    with database.connect(tenant.tenant_id) as conn:
        place(conn, range(20))
        conn.execute(PUT, ("p1", "cups"))
    with database.session(tenant.tenant_id) as session:
        for _ in rollups.build(session, tenant):
            pass
    assert sold() == [("", 400), ("cups", 200)]
    assert sold((PUT, ("p2", "mugs"))) == [("cups", 200), ("mugs", 400)]
    assert sold(("UPDATE products SET category_id = 'mugs', name = 'Cup'", ())) == [("mugs", 600)]
    assert sold(("UPDATE products SET category_id = %s WHERE product_id = 'p1'", (None,))) == [("", 200), ("mugs", 400)]
    assert sold(("DELETE FROM products", ())) == [("", 600)]
