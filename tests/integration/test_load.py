"""Loading a batch: what is written, what is not, and what is left alone."""

from collections.abc import Callable
from typing import Any

import pytest

from tallymark.db import Database
from tallymark.errors import ImportRefused
from tallymark.ingest import KINDS, Batch, Counts, Loaded, Table, load

ORDERS = ("order_id", "placed_at", "status", "customer_id")
ITEMS = ("order_id", "line_id", "product_id", "quantity", "unit_price")
BASE = "orders", "order_items", "refunds", "products", "inventory_levels"


def table(kind: str, columns: tuple[str, ...], *rows: str) -> Table:
    """Rows are CSV without the line number, which counts from 2 as in a file with a header."""
    text = "".join(f"{line},{row}\n" for line, row in enumerate(rows, start=2))
    return Table(kind, f"{kind}.csv", columns, [text.encode()])


@pytest.fixture
def shop(make_tenant: Callable[..., int]) -> int:
    return make_tenant("shop")


def loaded(database: Database, tenant: int, *tables: Table, platform: str = "files") -> Loaded:
    with database.connect(tenant) as conn:
        return load(conn, Batch(platform, tables))


def rows(database: Database, tenant: int, columns: str, source: str) -> list[tuple[Any, ...]]:
    with database.connect(tenant) as conn:
        return conn.execute(f"SELECT {columns} FROM {source} ORDER BY {columns}").fetchall()


def orders(database: Database, tenant: int) -> list[tuple[Any, ...]]:
    return rows(database, tenant, "platform, order_id, placed_at::text, status, customer_id", "orders")


def lines(database: Database, tenant: int) -> list[tuple[Any, ...]]:
    columns = "platform, order_id, line_id, placed_at::text, product_id, quantity, unit_price::text"
    return rows(database, tenant, columns, "order_items")


def versions(database: Database, tenant: int) -> list[tuple[Any, ...]]:
    """Which transaction wrote each row: unchanged when nothing was written."""
    with database.connect(tenant) as conn:
        return [conn.execute(f"SELECT xmin::text, ctid::text FROM {name} ORDER BY 2").fetchall() for name in BASE]


def log(database: Database, tenant: int) -> list[tuple[Any, ...]]:
    with database.connect(tenant) as conn:
        found = conn.execute("SELECT source, ids, instants::text[] FROM change_log ORDER BY seq").fetchall()
    return [
        (source, sorted(filter(None, ids or [])), sorted(filter(None, instants or [])))
        for source, ids, instants in found
    ]


def test_every_column_of_every_kind_arrives(database: Database, shop: int) -> None:
    values = {
        "categories": "c1,Toys,c0",
        "products": "p1,SKU 1,Ball,c1,0.001,12.3456,no,2024-01-01T00:00:00Z",
        "customers": "a1,Ann,ann@example.com,gold,2024-01-01",
        "sales_reps": "r1,Rob,rob@example.com,North,0.05",
        "orders": "o1,2024-05-01T12:00:00+02:00,cancelled,a1,r1,EUR,24.2,1.1,2,3,2024-05-02T00:00:00Z,true",
        "order_items": "o1,1,p1,2,12.3456,0.001,0.5,0.25",
        "refunds": "f1,1,o1,p1,a1,2024-06-01T00:00:00Z,1,12.34",
        "exchange_rates": "USD,2024-05-01,0.92050",
        "expenses": 'e1,2024-05-01,Rent,1000,"Shop, May"',
        "inventory_levels": "p1,London,5,1,2,2024-05-01T00:00:00Z",
        "activity": "v1,2024-05-01T12:00:00.123456Z,view,x,a1,p1",
    }
    tables = [table(kind, KINDS[kind].column_names, row) for kind, row in values.items()]
    result = loaded(database, shop, *tables)
    assert result == Loaded({kind: Counts(1, 0, 0) for kind in KINDS})
    stored = {}
    for kind in KINDS:
        columns = ", ".join(f"{name}::text" for name in KINDS[kind].column_names)
        [row] = rows(database, shop, columns, kind)
        stored[kind] = ",".join(row)
    assert stored == {
        **values,
        "products": "p1,SKU 1,Ball,c1,0.001,12.3456,false,2024-01-01 00:00:00+00",
        "customers": "a1,Ann,ann@example.com,gold,2024-01-01 00:00:00+00",
        "orders": "o1,2024-05-01 10:00:00+00,cancelled,a1,r1,EUR,24.2,1.1,2,3,2024-05-02 00:00:00+00,true",
        "refunds": "f1,1,o1,p1,a1,2024-06-01 00:00:00+00,1,12.34",
        "expenses": "e1,2024-04-30 23:00:00+00,Rent,1000,Shop, May",
        "inventory_levels": "p1,London,5,1,2,2024-05-01 00:00:00+00",
        "activity": "v1,2024-05-01 12:00:00.123456+00,view,x,a1,p1",
    }


def test_empty_values_and_absent_columns_become_null_or_the_default(database: Database, shop: int) -> None:
    required = {kind.name: kind.required for kind in KINDS.values()}
    full = {
        "categories": "c1,Toys",
        "products": "p1",
        "customers": "a1",
        "sales_reps": "r1",
        "orders": "o1,2024-05-01T00:00:00Z",
        "order_items": "o1,1,2,3.5",
        "refunds": "f1,2024-05-01T00:00:00Z,7",
        "exchange_rates": "USD,2024-05-01,0.92",
        "expenses": "e1,2024-05-01T00:00:00Z,Rent,1",
        "inventory_levels": "p1,London,5,2024-05-01T00:00:00Z",
        "activity": "v1,2024-05-01T00:00:00Z,visit",
    }
    loaded(database, shop, *[table(kind, required[kind], row) for kind, row in full.items()])
    absent = {kind: rows(database, shop, ", ".join(KINDS[kind].column_names), kind) for kind in KINDS}
    empty = []
    for kind, row in full.items():
        given = dict(zip(required[kind], row.split(","), strict=True))
        names = KINDS[kind].column_names
        empty.append(table(kind, names, ",".join(given.get(name, '""') for name in names)))
    result = loaded(database, shop, *empty)
    assert result == Loaded({kind: Counts(0, 0, 1) for kind in KINDS})
    assert {kind: rows(database, shop, ", ".join(KINDS[kind].column_names), kind) for kind in KINDS} == absent
    assert rows(database, shop, "status, discount, shipping, test, currency, total_amount, tax", "orders") == [
        ("completed", 0, 0, False, None, None, None)
    ]


def test_a_column_that_is_not_given_keeps_what_is_stored(database: Database, shop: int) -> None:
    loaded(database, shop, table("products", ("product_id", "name", "cost"), "p1,Ball,2.5"))
    result = loaded(database, shop, table("products", ("product_id", "name"), "p1,Big ball", "p2,Bat"))
    assert result == Loaded({"products": Counts(1, 1, 0)})
    assert rows(database, shop, "product_id, name, cost::text", "products") == [
        ("p1", "Big ball", "2.5"),
        ("p2", "Bat", None),
    ]
    loaded(database, shop, table("products", ("product_id", "cost"), "p1,"))
    assert rows(database, shop, "product_id, cost", "products") == [("p1", None), ("p2", None)]


@pytest.mark.parametrize("many", [1, 3000], ids=["probing", "reading"])
def test_the_same_batch_again_writes_nothing(database: Database, shop: int, many: int) -> None:
    def batch() -> list[Table]:
        numbers = range(many)
        return [
            table("products", ("product_id", "price"), *(f"p{n},1.50" for n in numbers)),
            table("orders", ORDERS, *(f"o{n},2024-0{1 + n % 3}-01T10:00:00Z,completed,a" for n in numbers)),
            table("order_items", ITEMS, *(f"o{n},1,p{n},1,1.50" for n in numbers)),
            table("refunds", ("refund_id", "refunded_at", "amount"), *(f"f{n},2024-04-01,1" for n in numbers)),
            table(
                "inventory_levels",
                ("product_id", "location", "on_hand", "counted_at"),
                *(f"p{n},London,5,2024-04-01" for n in numbers),
            ),
        ]

    kinds = ("products", "orders", "order_items", "refunds", "inventory_levels")
    assert loaded(database, shop, *batch()) == Loaded({kind: Counts(many, 0, 0) for kind in kinds})
    before = versions(database, shop), log(database, shop)
    assert loaded(database, shop, *batch()) == Loaded({kind: Counts(0, 0, many) for kind in kinds})
    assert (versions(database, shop), log(database, shop)) == before


@pytest.mark.parametrize("many", [20, 6000], ids=["probing", "reading"])
def test_a_batch_that_is_partly_there_adds_the_rest(database: Database, shop: int, many: int) -> None:
    def batch(first: int) -> list[Table]:
        numbers = range(first, first + many)
        return [
            table("customers", ("customer_id", "name"), *(f"a{n},Ann" for n in numbers)),
            table("orders", ORDERS, *(f"o{n},2024-0{1 + n % 3}-01T10:00:00Z,completed,a{n}" for n in numbers)),
            table("order_items", ITEMS, *(f"o{n},1,p,1,1.50" for n in numbers)),
            table("activity", ("activity_id", "occurred_at", "kind"), *(f"v{n},2024-04-01,visit" for n in numbers)),
        ]

    kinds = ("customers", "orders", "order_items", "activity")
    half = many // 2
    assert loaded(database, shop, *batch(0)) == Loaded({kind: Counts(many, 0, 0) for kind in kinds})
    assert loaded(database, shop, *batch(half)) == Loaded({kind: Counts(half, 0, half) for kind in kinds})
    assert loaded(database, shop, *batch(half)) == Loaded({kind: Counts(0, 0, many) for kind in kinds})
    for kind in kinds:
        assert rows(database, shop, "count(*)", kind) == [(many + half,)]


def test_a_first_load_of_one_platform_beside_another_that_has_the_same_ids(database: Database, shop: int) -> None:
    order = table("orders", ORDERS, "o1,2024-05-01T10:00:00Z,completed,a")
    line = table("order_items", ITEMS, "o1,1,p1,1,1.50")
    loaded(database, shop, order, line, platform="shopify")
    both = {"orders": Counts(1, 0, 0), "order_items": Counts(1, 0, 0)}
    assert loaded(database, shop, order, line, platform="amazon") == Loaded(both)
    with pytest.raises(ImportRefused) as orphan:
        loaded(database, shop, line, platform="ebay")
    assert [problem.reason for problem in orphan.value.problems] == [
        "order 'o1' is neither in this import nor imported before"
    ]


def test_other_kinds_of_one_platform_do_not_wait_for_each_other(database: Database, shop: int) -> None:
    with database.connect(shop) as one, database.connect(shop, statement_timeout=60) as other:
        load(one, Batch("files", [table("orders", ORDERS, "o1,2024-05-01T10:00:00Z,completed,a")]))
        load(other, Batch("files", [table("customers", ("customer_id",), "a")]))
    assert rows(database, shop, "customer_id", "customers") == [("a",)]


@pytest.mark.parametrize("many", [0, 6000], ids=["probing", "reading"])
def test_only_what_differs_is_written(database: Database, shop: int, many: int) -> None:
    same = [f"x{n},2024-01-01T00:00:00Z,completed,a" for n in range(many)]
    loaded(
        database,
        shop,
        table("orders", ORDERS, "o1,2024-01-05T00:00:00Z,pending,a", "o2,2024-01-06T00:00:00Z,pending,b", *same),
        table("order_items", ITEMS, "o1,1,p1,1,1.0", "o1,2,p2,2,2", "o2,1,p1,1,1"),
    )
    seen = len(log(database, shop))
    result = loaded(
        database,
        shop,
        table("orders", ORDERS, "o1,2024-01-05T00:00:00Z,completed,a", "o2,2024-01-06T00:00:00Z,pending,b", *same),
        table("order_items", ITEMS, "o1,1,p1,1,1.00", "o1,2,p2,3,2", "o2,2,p9,1,9.999"),
    )
    assert result == Loaded({"orders": Counts(0, 1, 1 + many), "order_items": Counts(1, 1, 1)})
    assert orders(database, shop)[:2] == [
        ("files", "o1", "2024-01-05 00:00:00+00", "completed", "a"),
        ("files", "o2", "2024-01-06 00:00:00+00", "pending", "b"),
    ]
    assert lines(database, shop) == [
        ("files", "o1", "1", "2024-01-05 00:00:00+00", "p1", 1, "1.0"),
        ("files", "o1", "2", "2024-01-05 00:00:00+00", "p2", 3, "2"),
        ("files", "o2", "1", "2024-01-06 00:00:00+00", "p1", 1, "1"),
        ("files", "o2", "2", "2024-01-06 00:00:00+00", "p9", 1, "9.999"),
    ]
    assert log(database, shop)[seen:] == [
        ("orders", ["o1"], ["2024-01-05 00:00:00+00"]),
        ("orders", ["o1"], ["2024-01-05 00:00:00+00"]),
        ("orders", ["o2"], ["2024-01-06 00:00:00+00"]),
    ]


@pytest.mark.parametrize("many", [0, 6000], ids=["probing", "reading"])
@pytest.mark.parametrize("to", ["2024-01-09T00:00:00Z", "2024-03-09T00:00:00Z"], ids=["same month", "other month"])
def test_a_moved_order_takes_all_its_lines_along(database: Database, shop: int, to: str, many: int) -> None:
    others = [f"x{n},2024-01-01T00:00:00Z,completed,a" for n in range(many)]
    loaded(
        database,
        shop,
        table("orders", ORDERS, "o1,2024-01-05T00:00:00Z,pending,a", *others),
        table("order_items", ITEMS, "o1,1,p1,1,1", "o1,2,p2,2,2"),
    )
    seen = len(log(database, shop))
    result = loaded(
        database,
        shop,
        table("orders", ORDERS, f"o1,{to},pending,a", *others),
        table("order_items", ITEMS, "o1,2,p2,2,2.5", "o1,3,p3,3,3"),
    )
    assert result == Loaded({"orders": Counts(0, 1, many), "order_items": Counts(1, 1, 0)})
    placed = to.replace("T", " ").replace("Z", "+00")
    assert [row for row in orders(database, shop) if row[1] == "o1"] == [("files", "o1", placed, "pending", "a")]
    assert lines(database, shop) == [
        ("files", "o1", "1", placed, "p1", 1, "1"),
        ("files", "o1", "2", placed, "p2", 2, "2.5"),
        ("files", "o1", "3", placed, "p3", 3, "3"),
    ]
    both = sorted(["2024-01-05 00:00:00+00", placed])
    assert log(database, shop)[seen : seen + 2] == [("orders", ["o1", "o1"], both)] * 2


def test_a_late_line_finds_its_order(database: Database, shop: int) -> None:
    loaded(database, shop, table("orders", ORDERS, "o1,2024-01-05T00:00:00Z,pending,a"))
    result = loaded(database, shop, table("order_items", ITEMS, "o1,1,p1,1,1"))
    assert result == Loaded({"order_items": Counts(1, 0, 0)})
    assert lines(database, shop) == [("files", "o1", "1", "2024-01-05 00:00:00+00", "p1", 1, "1")]


def test_lines_that_a_later_import_does_not_name_stay(database: Database, shop: int) -> None:
    order = "o1,2024-01-05T00:00:00Z,pending,a"
    loaded(
        database,
        shop,
        table("orders", ORDERS, order),
        table("order_items", ITEMS, "o1,1,p1,1,1", "o1,2,p2,1,1"),
    )
    before = lines(database, shop)
    loaded(database, shop, table("orders", ORDERS, order), table("order_items", ITEMS, "o1,1,p1,1,1"))
    assert lines(database, shop) == before


def test_tenants_and_platforms_are_kept_apart(database: Database, make_tenant: Callable[..., int]) -> None:
    one, two = make_tenant("one"), make_tenant("two")
    for tenant, platform, price in ((one, "files", 1), (one, "shop", 2), (two, "files", 3)):
        loaded(
            database,
            tenant,
            table("products", ("product_id", "price"), f"p1,{price}"),
            table("orders", ORDERS, f"o1,2024-0{price}-05T00:00:00Z,completed,a"),
            table("order_items", ITEMS, f"o1,1,p1,1,{price}"),
            platform=platform,
        )
    assert lines(database, one) == [
        ("files", "o1", "1", "2024-01-05 00:00:00+00", "p1", 1, "1"),
        ("shop", "o1", "1", "2024-02-05 00:00:00+00", "p1", 1, "2"),
    ]
    assert lines(database, two) == [("files", "o1", "1", "2024-03-05 00:00:00+00", "p1", 1, "3")]
    assert rows(database, one, "platform, price::text", "products") == [("files", "1"), ("shop", "2")]


def test_an_older_count_never_replaces_a_newer_one(database: Database, shop: int) -> None:
    columns = ("product_id", "location", "on_hand", "counted_at")
    stock = "product_id, on_hand, counted_at::text"
    loaded(
        database,
        shop,
        table("inventory_levels", columns, "p1,L,1,2024-05-01T00:00:00Z", "p1,L,2,2024-05-03T00:00:00Z"),
    )
    assert rows(database, shop, stock, "inventory_levels") == [("p1", 2, "2024-05-03 00:00:00+00")]
    older = loaded(database, shop, table("inventory_levels", columns, "p1,L,9,2024-05-02T00:00:00Z"))
    assert older == Loaded({"inventory_levels": Counts(0, 0, 1)})
    newer = loaded(database, shop, table("inventory_levels", columns, "p1,L,4,2024-05-04T00:00:00Z"))
    assert newer == Loaded({"inventory_levels": Counts(0, 1, 0)})
    assert rows(database, shop, stock, "inventory_levels") == [("p1", 4, "2024-05-04 00:00:00+00")]


def test_a_record_that_is_there_twice_and_says_the_same_is_taken_once(database: Database, shop: int) -> None:
    result = loaded(
        database,
        shop,
        table("products", ("product_id", "price"), "p1,1", "p1,1.0", "p2,2"),
        table("products", ("product_id", "price"), "p1,1"),
    )
    assert result == Loaded({"products": Counts(2, 0, 0)})


@pytest.mark.parametrize(
    ("local", "instant"),
    [
        ("2024-01-15", "2024-01-15 00:00:00+00"),
        ("2024-07-15", "2024-07-14 23:00:00+00"),
        ("2024-07-15 12:30", "2024-07-15 11:30:00+00"),
        ("2024-07-15T12:30:00+05:30", "2024-07-15 07:00:00+00"),
        ("2024-07-15 12:30:00 -0400", "2024-07-15 16:30:00+00"),
        ("2024-07-15T12:30:00.25Z", "2024-07-15 12:30:00.25+00"),
        ("2024-03-31 01:30", "2024-03-31 01:30:00+00"),  # Never shown by a clock in London: an hour on.
        ("2024-10-27 01:30", "2024-10-27 01:30:00+00"),  # Shown twice: the second time, standard time.
        ("2024-02-29", "2024-02-29 00:00:00+00"),
    ],
)
def test_times_without_an_offset_are_the_shops_own(database: Database, shop: int, local: str, instant: str) -> None:
    loaded(database, shop, table("orders", ORDERS, f"o1,{local},completed,a"))
    assert [row[2] for row in orders(database, shop)] == [instant]


def test_only_months_that_have_orders_are_made(database: Database, shop: int) -> None:
    loaded(
        database,
        shop,
        table("orders", ORDERS, "o1,1971-02-03T00:00:00Z,completed,a", "o2,2024-01-01T00:00:00Z,completed,a"),
    )
    with database.owner() as conn:
        made = conn.execute(
            "SELECT inhrelid::regclass::text FROM pg_inherits WHERE inhparent = 'orders'::regclass ORDER BY 1"
        ).fetchall()
    assert made == [("orders_197102",), ("orders_202401",)]


def test_batches_follow_each_other_in_one_transaction(database: Database, shop: int) -> None:
    with database.connect(shop) as conn:
        load(conn, Batch("one", [table("orders", ORDERS, "o1,2024-01-01T00:00:00Z,completed,a")]))
        load(conn, Batch("two", [table("orders", ORDERS, "o1,2024-02-01T00:00:00Z,completed,a")]))
        settings = "timezone", "enable_nestloop", "enable_hashjoin", "enable_mergejoin", "enable_material"
        current = [conn.execute(f"SHOW {name}").fetchone() for name in settings]
    assert current == [("UTC",), ("on",), ("on",), ("on",), ("on",)]
    assert [row[:2] for row in orders(database, shop)] == [("one", "o1"), ("two", "o1")]


def test_progress_is_told(database: Database, shop: int) -> None:
    told: list[tuple[str, int]] = []
    with database.connect(shop) as conn:
        batch = Batch("files", [table("products", ("product_id",), "p1", "p2")])
        load(conn, batch, on_progress=lambda what, done: told.append((what, done)))
    assert told == [
        ("Reading products.csv", 2),
        ("Checking products", 0),
        ("Writing products", 0),
        ("Writing products", 2),
    ]
