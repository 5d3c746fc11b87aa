"""Stock as refreshes find it: noted once a day where it changed, never counted anew, the sum of every day kept."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from tests.properties.world import assert_exact, open_shop

from tallymark import rollups
from tallymark.db import Database
from tallymark.model import Tenant

MONDAY = datetime(2025, 3, 10, 9, tzinfo=UTC)
TUESDAY = datetime(2025, 3, 11, 9, tzinfo=UTC)


class Shop:
    """A shop with two products on two platforms, whose stock is written and refreshed at chosen instants."""

    def __init__(self, database: Database) -> None:
        self.database, self.tenant = database, open_shop(database)
        self.write(
            "INSERT INTO products (tenant_id, platform, product_id, cost) VALUES"
            " (current_tenant(), 'shopify', 'mug', 2.5), (current_tenant(), 'amazon', 'cap', NULL)"
        )
        self.write(
            "INSERT INTO inventory_levels (tenant_id, platform, product_id, location, on_hand, reserved, incoming,"
            " counted_at) VALUES (current_tenant(), 'shopify', 'mug', 'front', 3, 1, 0, now()),"
            " (current_tenant(), 'shopify', 'mug', 'cellar', 7, 0, 20, now()),"
            " (current_tenant(), 'amazon', 'cap', 'far', 4, 0, 0, now())"
        )
        self.build(MONDAY)

    def write(self, statement: str) -> None:
        with self.database.connect(self.tenant.tenant_id) as conn:
            conn.execute(statement)

    def build(self, as_of: datetime) -> None:
        with self.database.session(self.tenant.tenant_id) as session:
            for _ in rollups.build(session, self.tenant, as_of=as_of):
                pass
        self.refresh(as_of)

    def refresh(self, as_of: datetime) -> None:
        with self.database.connect(self.tenant.tenant_id, isolation="repeatable read") as conn:
            assert rollups.advance(conn, self.tenant, as_of=as_of).settled
        assert_exact(self.database, self.tenant)

    def history(self, product: str) -> list[tuple[object, ...]]:
        with self.database.connect(self.tenant.tenant_id) as conn:
            return conn.execute(
                "SELECT day, on_hand, reserved, incoming, unit_cost FROM stock_history WHERE product_id = %s"
                " ORDER BY day",
                (product,),
            ).fetchall()

    def totals(self) -> list[tuple[object, ...]]:
        with self.database.connect(self.tenant.tenant_id) as conn:
            return conn.execute(
                "SELECT day, platform, products, on_hand, reserved, incoming, value, uncosted FROM inventory_day"
                " ORDER BY 1, 2"
            ).fetchall()


@pytest.fixture
def shop(database: Database) -> Shop:
    return Shop(database)


MON, TUE = date(2025, 3, 10), date(2025, 3, 11)
FIRST_MUG = (MON, 10, 1, 20, Decimal("2.5"))


def test_the_first_refresh_notes_everything(shop: Shop) -> None:
    assert shop.history("mug") == [FIRST_MUG]
    assert shop.history("cap") == [(MON, 4, 0, 0, None)]
    assert shop.totals() == [(MON, "amazon", 1, 4, 0, 0, 0, 4), (MON, "shopify", 1, 10, 1, 20, 25, 0)]


def test_a_day_has_one_row_and_is_replaced_while_it_lasts(shop: Shop) -> None:
    shop.write("UPDATE inventory_levels SET on_hand = 5 WHERE location = 'cellar'")
    shop.refresh(datetime(2025, 3, 10, 23, 30, tzinfo=UTC))
    assert shop.history("mug") == [(MON, 8, 1, 20, Decimal("2.5"))]
    shop.write("UPDATE inventory_levels SET on_hand = 0 WHERE location = 'cellar'")
    shop.refresh(TUESDAY)
    assert shop.history("mug") == [(MON, 8, 1, 20, Decimal("2.5")), (TUE, 3, 1, 20, Decimal("2.5"))]
    assert shop.totals()[1:] == [(MON, "shopify", 1, 8, 1, 20, 20, 0), (TUE, "shopify", 1, 3, 1, 20, Decimal("7.5"), 0)]


def test_what_has_not_changed_is_not_noted_again(shop: Shop) -> None:
    shop.write("UPDATE inventory_levels SET counted_at = now()")
    shop.write("UPDATE products SET name = 'Mug'")
    shop.refresh(TUESDAY)
    assert shop.history("mug") == [FIRST_MUG]
    assert [day for day, *_ in shop.totals()] == [MON, MON]


def test_another_cost_is_another_level(shop: Shop) -> None:
    shop.write("UPDATE products SET cost = 3 WHERE product_id = 'mug'")
    shop.refresh(TUESDAY)
    assert shop.history("mug") == [FIRST_MUG, (TUE, 10, 1, 20, Decimal(3))]
    assert shop.totals()[-1] == (TUE, "shopify", 1, 10, 1, 20, 30, 0)


def test_a_product_that_lies_nowhere_any_more_has_zeros_and_may_come_back(shop: Shop) -> None:
    shop.write("DELETE FROM inventory_levels WHERE product_id = 'mug'")
    shop.refresh(TUESDAY)
    assert shop.history("mug") == [FIRST_MUG, (TUE, 0, 0, 0, None)]
    assert shop.totals()[-1] == (TUE, "shopify", 0, 0, 0, 0, 0, 0)
    shop.write(
        "INSERT INTO inventory_levels (tenant_id, platform, product_id, location, on_hand, counted_at)"
        " VALUES (current_tenant(), 'shopify', 'mug', 'front', 6, now())"
    )
    shop.refresh(datetime(2025, 3, 12, 9, tzinfo=UTC))
    assert shop.history("mug")[-1] == (date(2025, 3, 12), 6, 0, 0, Decimal("2.5"))


def test_a_clock_that_goes_back_changes_no_day_that_is_over(shop: Shop) -> None:
    shop.write("UPDATE inventory_levels SET on_hand = 1 WHERE location = 'front'")
    shop.refresh(TUESDAY)
    shop.write("UPDATE inventory_levels SET on_hand = 2 WHERE location = 'front'")
    shop.refresh(MONDAY)
    assert [(row[0], row[1]) for row in shop.history("mug")] == [(MON, 10), (TUE, 9)]


def test_a_rebuild_keeps_the_past_and_notes_what_changed_since(shop: Shop) -> None:
    shop.write("UPDATE inventory_levels SET on_hand = 1 WHERE location = 'far'")
    shop.build(TUESDAY)
    assert shop.history("cap") == [(MON, 4, 0, 0, None), (TUE, 1, 0, 0, None)]
    assert shop.totals()[0] == (MON, "amazon", 1, 4, 0, 0, 0, 4)
    assert shop.totals()[-1] == (TUE, "amazon", 1, 1, 0, 0, 0, 1)


@pytest.mark.parametrize(
    ("tampering", "tables"),
    [
        ("UPDATE stock_history SET on_hand = 11 WHERE product_id = 'mug'", {"stock_history", "inventory_day"}),
        ("UPDATE stock_level SET incoming = 21 WHERE product_id = 'mug'", {"stock_level"}),
        ("UPDATE inventory_day SET value = value + 0.01 WHERE platform = 'shopify'", {"inventory_day"}),
        ("DELETE FROM stock_history WHERE product_id = 'cap'", {"stock_history", "inventory_day"}),
    ],
)
def test_verify_holds_the_newest_row_against_the_shelf(shop: Shop, tampering: str, tables: set[str]) -> None:
    assert verified(shop.database, shop.tenant) == set()
    shop.write(tampering)
    assert verified(shop.database, shop.tenant) == tables


def verified(database: Database, tenant: Tenant) -> set[str]:
    with database.connect(tenant.tenant_id, isolation="repeatable read") as conn:
        return {difference.table for difference in rollups.verify(conn, tenant).differences}
