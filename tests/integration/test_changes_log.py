"""The change log: what its triggers write, what they refuse, and that a partition can be made beside open work."""

from collections.abc import Iterator
from datetime import UTC, datetime

import psycopg
import pytest
from psycopg import errors
from tests.properties.world import assert_exact, open_shop, place

from tallymark import rollups
from tallymark.changes import Changes, pending, pending_keys, progress, purge
from tallymark.db import Database
from tallymark.model import Tenant

MARCH, APRIL = datetime(2025, 3, 10, tzinfo=UTC), datetime(2025, 4, 10, tzinfo=UTC)


@pytest.fixture
def tenant(database: Database) -> Tenant:
    tenant = open_shop(database)
    with database.session(tenant.tenant_id) as session:
        for _ in rollups.build(session, tenant):
            pass
    return tenant


def logged(database: Database, tenant: Tenant, *statements: str) -> list[tuple[object, ...]]:
    """What one transaction of these statements adds to the log: (source, platform, ids, instants)."""
    with database.connect(tenant.tenant_id) as conn:
        for statement in statements:
            conn.execute(statement)
        return conn.execute(
            "SELECT source, platform, ids, instants FROM change_log WHERE xid = pg_current_xact_id() ORDER BY seq"
        ).fetchall()


def order(number: int = 1, at: str = "2025-03-10Z") -> str:
    columns = "tenant_id, placed_at, platform, order_id"
    return f"INSERT INTO orders ({columns}) VALUES (current_tenant(), '{at}', 'shopify', 'o{number}')"


MANY = """
    INSERT INTO orders (tenant_id, placed_at, platform, order_id)
    SELECT current_tenant(), '2025-03-10Z'::timestamptz + n * interval '1 minute', 'shopify', n::text
    FROM generate_series(1, {}) n"""


@pytest.mark.parametrize(("rows", "chunks"), [(1, 1), (999, 1), (1001, 2), (2500, 3)])
def test_a_bulk_statement_is_logged_in_chunks(database: Database, tenant: Tenant, rows: int, chunks: int) -> None:
    found = logged(database, tenant, MANY.format(rows))
    assert len(found) == chunks
    assert max(len(ids) for _, _, ids, _ in found) <= 1000  # type: ignore[arg-type]
    assert sorted(key for _, _, ids, _ in found for key in ids) == sorted(map(str, range(1, rows + 1)))  # type: ignore[attr-defined]


def test_an_update_that_moves_a_row_to_another_partition_logs_both_keys(database: Database, tenant: Tenant) -> None:
    found = logged(database, tenant, order(), "UPDATE orders SET placed_at = '2025-04-10Z' WHERE order_id = 'o1'")
    assert found[0] == ("orders", "shopify", ["o1"], [MARCH])
    [(_, _, ids, instants)] = found[1:]
    assert sorted(zip(instants, ids, strict=True)) == [(MARCH, "o1"), (APRIL, "o1")]  # type: ignore[call-overload]


def test_an_upsert_is_logged_whichever_way_it_goes(database: Database, tenant: Tenant) -> None:
    upsert = order() + " ON CONFLICT (tenant_id, placed_at, platform, order_id) DO UPDATE SET status = 'cancelled'"
    key = ("orders", "shopify", ["o1"], [MARCH])
    assert logged(database, tenant, upsert) == [key]
    assert logged(database, tenant, upsert) == [key]
    assert logged(database, tenant, order() + " ON CONFLICT DO NOTHING") == []


def test_merge_and_delete_are_logged(database: Database, tenant: Tenant) -> None:
    merge = """
        MERGE INTO orders o USING (VALUES ('o1'), ('o2')) AS v (id)
        ON o.tenant_id = current_tenant() AND o.placed_at = '2025-03-10Z' AND o.order_id = v.id
        WHEN MATCHED THEN UPDATE SET status = 'cancelled'
        WHEN NOT MATCHED THEN INSERT (tenant_id, placed_at, platform, order_id)
            VALUES (current_tenant(), '2025-03-10Z', 'shopify', v.id)"""
    logged(database, tenant, order())
    found = logged(database, tenant, merge)
    assert sorted(ids for _, _, ids, _ in found) == [["o1"], ["o2"]]  # type: ignore[type-var]
    [(_, _, ids, _)] = logged(database, tenant, "DELETE FROM orders")
    assert sorted(ids) == ["o1", "o2"]  # type: ignore[call-overload]


def test_a_line_is_a_change_of_its_order(database: Database, tenant: Tenant) -> None:
    line = (
        "INSERT INTO order_items (tenant_id, placed_at, platform, order_id, line_id, quantity, unit_price)"
        " VALUES (current_tenant(), '2025-03-10Z', 'shopify', 'o1', 'a', 1, 1)"
    )
    assert logged(database, tenant, line) == [("orders", "shopify", ["o1"], [MARCH])]


def test_a_refund_with_two_lines_is_logged_once(database: Database, tenant: Tenant) -> None:
    refund = (
        "INSERT INTO refunds (tenant_id, platform, refund_id, line_id, refunded_at, amount) VALUES"
        " (current_tenant(), 'shopify', 'f', 'a', now(), 1), (current_tenant(), 'shopify', 'f', 'b', now(), 1)"
    )
    assert logged(database, tenant, refund) == [("refunds", "shopify", ["f"], [None])]


def test_a_moved_expense_logs_both_days(database: Database, tenant: Tenant) -> None:
    expense = (
        "INSERT INTO expenses (tenant_id, platform, expense_id, incurred_at, category, amount)"
        " VALUES (current_tenant(), 'shopify', 'e', '2025-03-10Z', 'Rent', 1)"
    )
    logged(database, tenant, expense)
    [(_, _, _, instants)] = logged(database, tenant, "UPDATE expenses SET incurred_at = '2025-04-10Z'")
    assert sorted(instants) == [MARCH, APRIL]  # type: ignore[call-overload]


def test_tables_without_keys_say_only_that_they_changed(database: Database, tenant: Tenant) -> None:
    category = (
        "INSERT INTO categories (tenant_id, platform, category_id, name) VALUES (current_tenant(), 's', 'c', 'C')"
    )
    assert logged(database, tenant, category) == [("categories", None, None, None)]


@pytest.mark.parametrize(
    "rest",
    [
        "products (tenant_id, platform, product_id) VALUES (current_tenant(), 's', 'p')",
        "inventory_levels (tenant_id, platform, product_id, location, on_hand, counted_at)"
        " VALUES (current_tenant(), 's', 'p', 'here', 1, now()), (current_tenant(), 's', 'p', 'there', 1, now())",
    ],
)
def test_what_changes_stock_is_logged_by_product(database: Database, tenant: Tenant, rest: str) -> None:
    assert logged(database, tenant, f"INSERT INTO {rest}") == [(rest.split()[0], "s", ["p"], [None])]


def test_visits_are_logged_by_the_quarter_of_an_hour(database: Database, tenant: Tenant) -> None:
    visits = """
        INSERT INTO activity (tenant_id, platform, activity_id, occurred_at, kind)
        SELECT current_tenant(), 's', n::text, '2025-03-10T10:00Z'::timestamptz + n * interval '10 seconds', 'visit'
        FROM generate_series(0, 100) n"""
    [(source, platform, ids, instants)] = logged(database, tenant, visits)
    assert (source, platform, set(ids)) == ("activity", "s", {None})  # type: ignore[call-overload]
    assert sorted(instants) == [MARCH.replace(hour=10), MARCH.replace(hour=10, minute=15)]  # type: ignore[call-overload]


def test_customers_are_logged_by_when_they_were_created(database: Database, tenant: Tenant) -> None:
    customer = "INSERT INTO customers (tenant_id, platform, customer_id, created_at) VALUES (current_tenant(), 's', "
    assert logged(database, tenant, customer + "'a', '2025-03-10Z')") == [("customers", "s", [None], [MARCH])]
    assert logged(database, tenant, customer + "'b', NULL)") == [("customers", "s", [None], [None])]


def test_a_customer_is_logged_where_the_segment_becomes_another(database: Database, tenant: Tenant) -> None:
    given = "INSERT INTO customers (tenant_id, platform, customer_id, segment) VALUES (current_tenant(), 'shopify', "
    found = logged(database, tenant, given + "'c1', 'vip')", given + "'c2', NULL)")
    changed = ("customers", "shopify", [None], [None])
    assert sorted(found, key=str) == [changed, changed, ("segments", "shopify", ["c1"], None)]
    assert logged(database, tenant, "UPDATE customers SET name = 'Ann', segment = segment") == [changed]
    moved = logged(database, tenant, "UPDATE customers SET segment = 'vip'", "DELETE FROM customers")
    assert [sorted(ids) for source, _, ids, _ in moved if source == "segments"] == [["c2"], ["c1", "c2"]]  # type: ignore[call-overload]


@pytest.mark.parametrize("table", ["orders", "order_items", "refunds", "expenses", "products", "inventory_levels"])
def test_truncate_is_refused_to_the_owner_too(database: Database, tenant: Tenant, table: str) -> None:
    with database.owner() as conn, pytest.raises(errors.RaiseException, match="would not be logged"):
        conn.execute(f"TRUNCATE {table}")
    with database.connect(tenant.tenant_id) as conn, pytest.raises(errors.InsufficientPrivilege):
        conn.execute(f"TRUNCATE {table}")


@pytest.mark.parametrize("table", ["orders_202503", "order_items_202503", "order_fact_202503"])
@pytest.mark.parametrize(
    "statement", ["DELETE FROM {}", "UPDATE {} SET order_id = ''", "INSERT INTO {} DEFAULT VALUES", "SELECT FROM {}"]
)
def test_a_partition_is_reached_through_its_parent_only(
    database: Database, tenant: Tenant, table: str, statement: str
) -> None:
    with database.connect(tenant.tenant_id) as conn, pytest.raises(errors.InsufficientPrivilege):
        conn.execute(statement.format(table))


@pytest.mark.parametrize("statement", ["UPDATE change_log SET seq = 0", "TRUNCATE change_log"])
def test_the_log_is_not_rewritten(database: Database, tenant: Tenant, statement: str) -> None:
    with database.connect(tenant.tenant_id) as conn, pytest.raises(errors.InsufficientPrivilege):
        conn.execute(statement)


# --- reading it


def read(database: Database, tenant: Tenant, most: int = 1000) -> Changes:
    with database.connect(tenant.tenant_id, isolation="repeatable read") as conn:
        state = progress(conn, tenant.tenant_id)
        assert state is not None
        return pending(conn, state, most)


def step(database: Database, tenant: Tenant, most: int = 1000) -> rollups.Advance:
    with database.connect(tenant.tenant_id, isolation="repeatable read") as conn:
        return rollups.advance(conn, tenant, most=most)


def test_what_is_rolled_back_is_not_there(database: Database, tenant: Tenant) -> None:
    with pytest.raises(ZeroDivisionError), database.connect(tenant.tenant_id) as conn:
        conn.execute(order())
        raise ZeroDivisionError
    assert len(read(database, tenant)) == 0


@pytest.fixture
def other(database: Database, tenant: Tenant) -> Iterator[psycopg.Connection]:
    """A session of the application with a transaction of the tenant open."""
    with psycopg.connect(database.conninfo) as connection:
        connection.execute(
            "SELECT set_config('role', 'tallymark_app', true), set_config('search_path', 'tallymark', true),"
            " set_config('tallymark.tenant', %s, true), set_config('lock_timeout', '2s', true)",
            (str(tenant.tenant_id),),
        )
        yield connection
        connection.rollback()


def test_a_transaction_that_commits_late_is_not_missed(
    database: Database, tenant: Tenant, other: psycopg.Connection
) -> None:
    other.execute(order(1))
    with database.connect(tenant.tenant_id) as conn:
        conn.execute(order(2))
    assert step(database, tenant).applied.orders == 1
    with database.connect(tenant.tenant_id) as conn:
        assert purge(conn, tenant.tenant_id) == 1, "what is published goes, though an older transaction is in flight"
    other.commit()
    with database.connect(tenant.tenant_id) as conn:
        assert purge(conn, tenant.tenant_id) == 0, "the log of a transaction in flight must outlive it"
    assert {key for _, _, key in read(database, tenant).orders} == {"o1"}
    assert step(database, tenant).applied.orders == 1
    assert len(read(database, tenant)) == 0


def test_steps_end_where_they_began(database: Database, tenant: Tenant, other: psycopg.Connection) -> None:
    """A change too large for one step; what commits between the steps follows in the last one's snapshot."""
    other.execute(order(99))
    for number in range(4):
        with database.connect(tenant.tenant_id) as conn:
            conn.execute(order(number))
    seen = []
    for _ in range(20):
        seen.append(step(database, tenant, most=1))
        if len(seen) == 2:
            other.commit()
        if seen[-1].settled:
            break
    assert seen[-1].settled
    assert sum(each.applied.orders for each in seen) == 5
    with database.connect(tenant.tenant_id, isolation="repeatable read") as conn:
        assert rollups.verify(conn, tenant).ok


def test_keys_that_wait_are_counted(database: Database, tenant: Tenant) -> None:
    step(database, tenant)
    with database.connect(tenant.tenant_id) as conn:
        conn.execute(MANY.format(1500))
        state = progress(conn, tenant.tenant_id)
        assert state is not None
        assert pending_keys(conn, state) == 1500
    assert len(read(database, tenant, most=10)) in (501, 999), "one row of the log, whole"


def test_one_tenant_does_not_read_anothers(database: Database, tenant: Tenant) -> None:
    neighbour = open_shop(database, "neighbour")
    with database.connect(neighbour.tenant_id) as conn:
        place(conn, range(3))
    assert len(read(database, tenant)) == 0
    with database.connect(tenant.tenant_id) as conn:
        conn.execute("DELETE FROM change_log")
    with database.connect(neighbour.tenant_id) as conn:
        assert conn.execute("SELECT count(*) > 0 FROM change_log").fetchone() == (True,)


# --- new months


def test_a_new_month_waits_for_nobody(database: Database, tenant: Tenant, other: psycopg.Connection) -> None:
    """A load into a new month must neither wait for a long refresh nor hold up everybody who reads."""
    other.execute(order())
    other.execute("SELECT count(*) FROM order_fact, order_items").fetchone()
    with database.connect(tenant.tenant_id) as conn:
        conn.execute("SET LOCAL lock_timeout = '300ms'")
        conn.execute("SELECT ensure_months('2026-01-01Z', '2026-02-01Z')")
        conn.execute(order(2, "2026-01-05Z"))
        other.execute("SELECT count(*) FROM orders, order_fact").fetchone()
        other.execute(order(3, "2025-05-05Z"))
    other.commit()
    step(database, tenant)
    with database.connect(tenant.tenant_id, isolation="repeatable read") as conn:
        assert rollups.verify(conn, tenant).ok


def test_an_order_placed_while_its_customer_changes_segment_follows(
    database: Database, tenant: Tenant, other: psycopg.Connection
) -> None:
    """Neither transaction sees the other, and the order is counted before the new segment can be seen."""
    customer = "INSERT INTO customers (tenant_id, platform, customer_id, segment) VALUES (current_tenant(), 'shopify', "
    with database.connect(tenant.tenant_id) as conn:
        conn.execute(customer + "'c1', 'retail')")
    with database.connect(tenant.tenant_id) as conn:
        place(conn, [1])
        other.execute("UPDATE customers SET segment = 'vip'")
    assert_exact(database, tenant, current=False)
    other.commit()
    assert_exact(database, tenant, current=False)
    with database.connect(tenant.tenant_id) as conn:
        assert conn.execute("SELECT segment FROM order_fact").fetchall() == [("vip",)]


def test_an_order_that_goes_to_another_customer_goes_to_their_segment(database: Database, tenant: Tenant) -> None:
    """Nobody's segment changes, so what was last counted of the order may not stand for the new customer's."""
    with database.connect(tenant.tenant_id) as conn:
        conn.execute(
            "INSERT INTO customers (tenant_id, platform, customer_id, segment) VALUES"
            " (current_tenant(), 'shopify', 'c1', 'retail'), (current_tenant(), 'shopify', 'other', 'vip')"
        )
        place(conn, [1])
        conn.execute("UPDATE orders SET customer_id = 'c1'")
    assert_exact(database, tenant, current=False)
    for customer, segment in (("'other'", "vip"), ("NULL", ""), ("'c1'", "retail"), ("'nobody'", "")):
        with database.connect(tenant.tenant_id) as conn:
            conn.execute(f"UPDATE orders SET customer_id = {customer}")  # type: ignore[arg-type]
        assert_exact(database, tenant, current=False)
        with database.connect(tenant.tenant_id) as conn:
            assert conn.execute("SELECT segment FROM order_fact").fetchall() == [(segment,)]
