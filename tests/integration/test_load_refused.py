"""Bad rows: all are counted, the first are named with file, line, column and reason, and nothing is written."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from tallymark.db import Database
from tallymark.errors import ImportRefused
from tallymark.ingest import KINDS, Batch, Table, load


def table(kind: str, columns: tuple[str, ...], *rows: str, origin: str | None = None) -> Table:
    text = "".join(f"{line},{row}\n" for line, row in enumerate(rows, start=2))
    return Table(kind, origin or f"{kind}.csv", columns, [text.encode()])


@pytest.fixture
def shop(make_tenant: Callable[..., int]) -> int:
    return make_tenant("shop")


def refused(database: Database, tenant: int, *tables: Table) -> tuple[int, list[str]]:
    with database.connect(tenant) as conn, pytest.raises(ImportRefused) as caught:
        load(conn, Batch("files", tables))
    with database.connect(tenant) as conn:
        for kind in KINDS:
            assert conn.execute(f"SELECT count(*) FROM {kind}").fetchall() == [(0,)]
        assert conn.execute("SELECT count(*) FROM change_log").fetchall() == [(0,)]
    return caught.value.total, [str(problem) for problem in caught.value.problems]


def test_every_kind_of_bad_value(database: Database, shop: int) -> None:
    orders = (
        "order_id", "placed_at", "status", "currency", "discount", "cancelled_at", "test",
    )  # fmt: skip
    ok = "2024-01-01T00:00:00Z"
    total, problems = refused(
        database,
        shop,
        table(
            "orders",
            orders,
            f"fine,{ok},pending,EUR,-1.50,,",
            f",{ok},,,,,",
            "o2,,,,,,",
            "o3,2024-02-30,,,,,",
            "o4,01/02/2024,,,,,",
            "o5,now,,,,,",
            "o6,2024-01-01T25:00,,,,,",
            f"o7,{ok},Completed,,,,",
            f"o8,{ok},,euro,,,",
            f'o9,{ok},,,"1,000.00",,',
            f"o10,{ok},,,NaN,,",
            f"o11,{ok},,,,yesterday,",
            f"o12,{ok},,,,,maybe",
            "o13,0024-01-01,,,,,",
            "o14,2200-01-01T00:00:00Z,,,,,",
            "o15,1970-01-01T00:00:00+01:00,,,,,",
            f"{'x' * 501},{ok},,,,,",
            f"o17,{ok},x,y,z,,",
        ),
        table(
            "order_items",
            ("order_id", "line_id", "quantity", "unit_price"),
            "fine,1,1.5,2",
            "fine,2,1,two",
        ),
    )  # fmt: skip
    assert total == 19
    instant = "is not a date and time such as 2024-05-31T18:30:00+02:00"
    assert problems == [
        "orders.csv, line 3, column order_id: is missing",
        "orders.csv, line 4, column placed_at: is missing",
        f"orders.csv, line 5, column placed_at: '2024-02-30' {instant}",
        f"orders.csv, line 6, column placed_at: '01/02/2024' {instant}",
        f"orders.csv, line 7, column placed_at: 'now' {instant}",
        f"orders.csv, line 8, column placed_at: '2024-01-01T25:00' {instant}",
        "orders.csv, line 9, column status: 'Completed' is not one of pending, completed, cancelled",
        "orders.csv, line 10, column currency: 'euro' is not a currency code of three capital letters",
        "orders.csv, line 11, column discount: '1,000.00' is not a decimal number",
        "orders.csv, line 12, column discount: 'NaN' is not a decimal number",
        f"orders.csv, line 13, column cancelled_at: 'yesterday' {instant}",
        "orders.csv, line 14, column test: 'maybe' is neither true nor false",
        f"orders.csv, line 15, column placed_at: '0024-01-01' {instant}",
        "orders.csv, line 16, column placed_at: is outside the years 1970 to 2199",
        "orders.csv, line 17, column placed_at: is outside the years 1970 to 2199",
        f"orders.csv, line 18, column order_id: '{'x' * 60}' is longer than 500 bytes",
        "orders.csv, line 19, column status: 'x' is not one of pending, completed, cancelled",
        "orders.csv, line 19, column currency: 'y' is not a currency code of three capital letters",
        "orders.csv, line 19, column discount: 'z' is not a decimal number",
        "order_items.csv, line 2, column quantity: '1.5' is not a whole number",
    ]


@pytest.mark.parametrize(
    "instant",
    [
        "2024-13-01T00:00:00Z",
        "2024-00-01T00:00:00Z",
        "2024-02-00T00:00:00Z",
        "2023-02-29T00:00:00Z",
        "2024-04-31T00:00:00Z",
        "2024-04-01T24:00:00Z",
        "2024-04-01T10:60:00Z",
        "2024-04-01T10:00:60Z",
        "0024-04-01T10:00:00Z",
        "2024-4--01T10:00:00Z",
        "20-4-04-01T10:00:00Z",
        "2024-04-01T1T:00:00Z",
        "2024-04-01T10:0::00Z",
        "2024-04-01T10:00:0ZZ",
    ],
)
def test_an_instant_that_nearly_looks_like_one(database: Database, shop: int, instant: str) -> None:
    found = refused(
        database, shop, table("expenses", ("expense_id", "incurred_at", "category", "amount"), f"e,{instant},Rent,1")
    )
    reason = "is not a date and time such as 2024-05-31T18:30:00+02:00"
    assert found == (1, [f"expenses.csv, line 2, column incurred_at: '{instant}' {reason}"])


@pytest.mark.parametrize("amount", [".", "1.2.3", "..5", "-", "1e", "1 000", "0x1F", "1_000", "Infinity"])
def test_an_amount_that_nearly_looks_like_one(database: Database, shop: int, amount: str) -> None:
    found = refused(database, shop, table("products", ("product_id", "price"), f"p,{amount}"))
    assert found == (1, [f"products.csv, line 2, column price: '{amount}' is not a decimal number"])


def test_the_same_record_with_different_content(database: Database, shop: int) -> None:
    columns = ("order_id", "line_id", "quantity", "unit_price")
    total, problems = refused(
        database,
        shop,
        table("orders", ("order_id", "placed_at"), "o1,2024-01-01"),
        table("order_items", columns, "o1,1,1,1", "o1,1,1,1.00", "o1,1,2,1", origin="order_items.a.csv"),
        table("order_items", columns, "o1,1,1,3", origin="order_items.b.csv"),
    )
    assert total == 2
    key = "column order_id, line_id: o1, 1 is already at"
    assert problems == [
        f"order_items.a.csv, line 4, {key} line 2, with other values",
        f"order_items.b.csv, line 2, {key} order_items.a.csv, line 2, with other values",
    ]


def test_a_line_needs_its_order_and_a_refund_does_not(database: Database, shop: int) -> None:
    total, problems = refused(
        database,
        shop,
        table("orders", ("order_id", "placed_at"), "o1,2024-01-01", "o2,soon"),
        table("order_items", ("order_id", "line_id", "quantity", "unit_price"), "o1,1,1,1", "o2,1,1,1", "o3,1,1,1"),
    )
    assert total == 2
    assert problems == [
        "orders.csv, line 3, column placed_at: 'soon' is not a date and time such as 2024-05-31T18:30:00+02:00",
        "order_items.csv, line 4, column order_id: order 'o3' is neither in this import nor imported before",
    ]
    with database.connect(shop) as conn:
        refund = table("refunds", ("refund_id", "order_id", "refunded_at", "amount"), "f1,o3,2024-01-01,5")
        load(conn, Batch("files", [refund]))


@pytest.mark.parametrize(
    ("columns", "problem"),
    [
        (("product_id", "nmae"), "products.csv, line 1, column nmae: is not a column of products; did you mean name?"),
        (("name",), "products.csv, line 1, column product_id: is missing"),
        (("product_id", "name", "name"), "products.csv, line 1, column name: is there twice"),
    ],
)
def test_wrong_columns(database: Database, shop: int, columns: tuple[str, ...], problem: str) -> None:
    assert refused(database, shop, table("products", columns, ",".join("x" for _ in columns))) == (1, [problem])


def test_tables_of_one_kind_with_different_columns(database: Database, shop: int) -> None:
    _, problems = refused(
        database,
        shop,
        table("products", ("product_id", "name"), "p1,x", origin="products.1.csv"),
        table("products", ("product_id", "cost"), "p1,1", origin="products.2.csv"),
    )
    assert problems == [
        "products.2.csv, line 1: has other columns than products.1.csv (cost, name); import them one by one"
    ]


def test_an_unknown_kind(database: Database, shop: int) -> None:
    with database.connect(shop) as conn, pytest.raises(ImportRefused, match="no kind of record called shoes"):
        load(conn, Batch("files", [table("shoes", ("id",), "1")]))


def test_all_bad_rows_are_counted_and_twenty_shown(database: Database, shop: int) -> None:
    total, problems = refused(
        database, shop, table("products", ("product_id", "price"), *(f"p{n},much" for n in range(1000)))
    )
    assert (total, len(problems)) == (1000, 20)
    assert problems[19] == "products.csv, line 21, column price: 'much' is not a decimal number"


def test_what_was_stored_survives_a_refusal_and_the_transaction_goes_on(database: Database, shop: int) -> None:
    with database.connect(shop) as conn:
        load(conn, Batch("files", [table("products", ("product_id", "price"), "p1,1")]))
        with pytest.raises(ImportRefused):
            load(conn, Batch("files", [table("products", ("product_id", "price"), "p1,2", "p2,x")]))
        load(conn, Batch("files", [table("products", ("product_id", "price"), "p3,3")]))
    with database.connect(shop) as conn:
        stored = conn.execute("SELECT product_id, price::text FROM products ORDER BY 1").fetchall()
    assert stored == [("p1", "1"), ("p3", "3")]


def test_loads_of_one_platform_at_once_keep_an_order_in_one_place(database: Database, shop: int) -> None:
    def one(month: int) -> None:
        with database.connect(shop) as conn:
            order = table("orders", ("order_id", "placed_at"), *(f"o{n},2024-0{month}-01T00:00:00Z" for n in range(50)))
            items = ("order_id", "line_id", "quantity", "unit_price")
            lines = table("order_items", items, *(f"o{n},1,1,{month}" for n in range(50)))
            load(conn, Batch("files", [order, lines]))

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(one, (1, 2, 3, 4, 5, 6)))
    with database.connect(shop) as conn:
        for kind in ("orders", "order_items"):
            found = conn.execute(
                f"SELECT count(*), count(DISTINCT order_id), count(DISTINCT placed_at) FROM {kind}"
            ).fetchall()
            assert found == [(50, 50, 1)]
