"""Mappings: any shape in, and nothing but the named files within reach."""

from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest

from tallymark.connectors.files import PRESETS, import_files, read
from tallymark.db import Database
from tallymark.errors import BadQuestion, ImportRefused
from tallymark.ingest import Counts, Loaded
from tallymark.model import Tenant

REPOSITORY = Path(__file__).parents[2]
SAMPLES = Path(__file__).parent / "import_samples"


@pytest.fixture
def shop(make_tenant: Callable[..., int]) -> Tenant:
    return Tenant(make_tenant("shop"), "shop", "Shop", "Europe/London", "GBP")


def written(folder: Path, name: str, content: str) -> Path:
    path = folder / name
    path.write_text(content, "utf-8")
    return path


def stored(database: Database, tenant: Tenant, kind: str, columns: str) -> list[tuple[Any, ...]]:
    """The rows of a table as text, trailing zeros of numbers dropped."""
    with database.connect(tenant.tenant_id) as conn:
        return conn.execute(f"SELECT {columns} FROM {kind} ORDER BY 1, 2").fetchall()


def test_a_mapping_of_your_own(database: Database, shop: Tenant, tmp_path: Path) -> None:
    till = written(
        tmp_path, "till-2024.03.csv", "Receipt;Time;Article;Pieces;Price\n0012;2024-03-01 09:30;007;2;0.001\n"
    )
    more = written(
        tmp_path, "till-2024.04.csv", "Receipt;Time;Article;Pieces;Price\n0013;2024-04-01 09:30;007;1;5.00\n"
    )
    names = written(tmp_path, "articles.json", '[{"id": "007", "title": "Ball"}]')
    mapping = written(
        tmp_path,
        "till.sql",
        """-- What stands before the first query is a comment.
-- products --
SELECT id AS product_id, title AS name FROM articles;

-- orders --
SELECT DISTINCT Receipt AS order_id, Time AS placed_at FROM "till-2024" -- trailing words

-- order_items --
SELECT Receipt AS order_id, 1 AS line_id, Article AS product_id, Pieces AS quantity, Price AS unit_price
FROM "till-2024"
""",
    )
    loaded = import_files(database, shop, [till, more, names], mapping=mapping)
    assert loaded == Loaded({"products": Counts(1, 0, 0), "orders": Counts(2, 0, 0), "order_items": Counts(2, 0, 0)})
    columns = "order_id, line_id, placed_at::text, product_id, quantity, unit_price::text"
    assert stored(database, shop, "order_items", columns) == [
        ("0012", "1", "2024-03-01 09:30:00+00", "007", 2, "0.001"),
        ("0013", "1", "2024-04-01 08:30:00+00", "007", 1, "5.00"),
    ]


def test_bad_rows_of_a_mapping_are_named_by_query_and_row(database: Database, shop: Tenant, tmp_path: Path) -> None:
    data = written(tmp_path, "data.csv", "id,price\n1,2\n2,much\n")
    mapping = written(tmp_path, "m.sql", "-- products --\nSELECT id AS product_id, price FROM data ORDER BY id DESC")
    with pytest.raises(ImportRefused) as caught:
        import_files(database, shop, [data], mapping=mapping)
    assert [str(problem) for problem in caught.value.problems] == [
        "m.sql, query products, line 1, column price: 'much' is not a decimal number"
    ]


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        (
            "2024-06-04 09:00:00 +0100",
            "soon",
            "line 6, column placed_at: 'soon' is not a date and time such as 2024-05-31T18:30:00+02:00",
        ),
        (",Bob Ray,", ",", "line 5: has 33 values where the header has 34 columns"),
        ("12.50,,BALL-RED", "much,,BALL-RED", "line 5, column Lineitem price: 'much' is not a decimal number"),
    ],
)
def test_bad_rows_of_a_preset_are_named_by_the_line_of_the_file(
    database: Database, shop: Tenant, tmp_path: Path, before: str, after: str, told: str
) -> None:
    text = (SAMPLES / "shopify-orders.csv").read_text()
    assert before in text
    good = written(tmp_path, "june.csv", text.replace("#1", "#2"))
    bad = written(tmp_path, "july.csv", text.replace(before, after))
    with pytest.raises(ImportRefused) as caught:
        import_files(database, shop, [good, bad], preset="shopify")
    assert str(caught.value.problems[0]) == f"july.csv, {told}"


def test_a_record_that_contradicts_another_is_named_by_both_lines(
    database: Database, shop: Tenant, tmp_path: Path
) -> None:
    mapping = written(tmp_path, "m.sql", "-- products --\nSELECT id AS product_id, name, came_from FROM export")
    one = written(tmp_path, "one.csv", 'id,name\n1,"a\nb"\n2,Mug\n')
    two = written(tmp_path, "two.json", '[{"id": "1", "name": "Cap"}, {"id": "2", "name": "Cup"}]')
    with pytest.raises(ImportRefused) as caught:
        import_files(database, shop, [one, two], mapping=mapping)
    assert [str(problem) for problem in caught.value.problems] == [
        "two.json, line 1, column product_id: 1 is already at one.csv, line 2, with other values",
        "two.json, line 2, column product_id: 2 is already at one.csv, line 4, with other values",
    ]


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("-- shoes --\nSELECT 1", "m.sql: there is no kind shoes."),
        ("SELECT 1", "m.sql: it needs one query for each kind that it gives."),
        ("-- products --\nSELECT 1 AS product_id\n-- products --\nSELECT 2", "m.sql: it needs one query for each"),
        ("-- products --\nSELECT nothing FROM data", "m.sql, query products: this could not be read"),
        ("-- products --\nDROP VIEW data", "m.sql, query products: this has to be one SELECT."),
        ("-- products --\nSELECT 1; SELECT 2", "m.sql, query products: this has to be one SELECT."),
        ("-- products --\nSELECT CAST(price AS DECIMAL(9, 2)) AS price, id AS product_id FROM data", "this could not"),
    ],
)
def test_a_mapping_that_is_wrong(database: Database, shop: Tenant, tmp_path: Path, query: str, message: str) -> None:
    data = written(tmp_path, "data.csv", "id,price\n1,much\n")
    with pytest.raises(ImportRefused) as caught:
        import_files(database, shop, [data], mapping=written(tmp_path, "m.sql", query))
    assert message in caught.value.message


@pytest.mark.parametrize(
    "query",
    [
        "SELECT content AS product_id FROM read_text('{secret}')",
        "SELECT column0 AS product_id FROM read_csv('{secret}', header = false)",
        "SELECT file AS product_id FROM glob('{folder}/*')",
        "SELECT * FROM '{secret}'",
        "SELECT * FROM read_csv('https://example.com/products.csv')",
        "SELECT getenv('HOME') AS product_id",
        "SELECT * FROM shop",
        "COPY (SELECT 1) TO '{folder}/out.csv'",
        "COPY (SELECT 1) TO '{folder}/data.csv'",
        "ATTACH '{folder}/x.db'",
        "INSTALL httpfs",
        "SET enable_external_access = true",
    ],
)
def test_a_mapping_reaches_only_the_files_it_was_given(
    database: Database, shop: Tenant, tmp_path: Path, query: str
) -> None:
    secret = written(tmp_path, "secret.csv", "s3cret\n")
    data = written(tmp_path, "data.csv", "id\n1\n")
    text = "-- products --\n" + query.format(secret=secret, folder=tmp_path)
    with pytest.raises(ImportRefused):
        import_files(database, shop, [data], mapping=written(tmp_path, "m.sql", text))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["data.csv", "m.sql", "secret.csv"]
    assert data.read_text() == "id\n1\n"


def test_what_spills_goes_to_disk(database: Database, shop: Tenant, tmp_path: Path) -> None:
    """A mapping that has to see everything at once, with less memory than that takes."""
    path = tmp_path / "big.parquet"
    duckdb.execute(
        f"COPY (SELECT md5(i::VARCHAR) AS id, repeat(md5(i::VARCHAR), 4) AS name FROM range(800000) t(i)) TO '{path}'"
    )
    mapping = written(tmp_path, "m.sql", "-- products --\nSELECT id AS product_id, name FROM big ORDER BY name")
    with read([path], shop, mapping=mapping, memory_limit="256MB") as batch:
        rows = sum(chunk.count(b"\n") for table in batch.tables for chunk in table.chunks)
    assert rows == 800_000


def test_presets_are_the_example_mappings() -> None:
    examples = {path.stem: path for path in (REPOSITORY / "examples/mappings").glob("*.sql")}
    assert PRESETS == ("amazon", "online-retail", "shopify", "woocommerce") == tuple(sorted(examples))
    shipped = REPOSITORY / "src/tallymark/connectors/files/presets"
    assert all(path.samefile(shipped / path.name) for path in examples.values())


def test_presets_and_mappings_that_do_not_exist(database: Database, shop: Tenant, tmp_path: Path) -> None:
    data = written(tmp_path, "data.csv", "id\n1\n")
    with pytest.raises(BadQuestion, match="no preset 'etsy'"):
        import_files(database, shop, [data], preset="etsy")
    with pytest.raises(BadQuestion, match="no such mapping"):
        import_files(database, shop, [data], mapping=tmp_path / "none.sql")
    with pytest.raises(BadQuestion, match="exclude each other"):
        import_files(database, shop, [data], mapping=data, preset="shopify")


ORDER = (
    "order_id, placed_at::text, status, customer_id, currency, trim_scale(total_amount)::text,"
    " trim_scale(discount)::text, trim_scale(shipping)::text, trim_scale(tax)::text, cancelled_at::text"
)
LINE = (
    "order_id, line_id, product_id, quantity, trim_scale(unit_price)::text, trim_scale(discount)::text,"
    " trim_scale(tax)::text"
)
REFUND = "refund_id, line_id, order_id, product_id, customer_id, refunded_at::text, quantity, trim_scale(amount)::text"


def imported_twice(database: Database, tenant: Tenant, preset: str, file: str) -> None:
    first = import_files(database, tenant, [SAMPLES / file], platform=preset, preset=preset)
    again = import_files(database, tenant, [SAMPLES / file], platform=preset, preset=preset)
    assert again == Loaded({kind: Counts(0, 0, counts.new) for kind, counts in first.counts.items()})


def test_shopify(database: Database, shop: Tenant) -> None:
    imported_twice(database, shop, "shopify", "shopify-orders.csv")
    assert stored(database, shop, "orders", ORDER) == [
        ("#1001", "2024-03-01 17:30:45+00", "completed", "ann@example.com", "GBP", "44", "5", "4", "0", None),
        ("#1002", "2024-06-02 08:00:00+00", "cancelled", "bob@example.com", "GBP", "12.5", "0", "0", "2.08",
         "2024-06-03 09:00:00+00"),
        ("#1003", "2024-06-04 08:00:00+00", "pending", None, "EUR", "7", "0", "0", "0", None),
    ]  # fmt: skip
    assert stored(database, shop, "order_items", LINE) == [
        ("#1001", "1", "BALL-RED", 2, "10", "0", "0"),
        ("#1001", "2", "BAT", 1, "26.5", "1.5", "0"),
        ("#1002", "1", "BALL-RED", 1, "12.5", "0", "0"),
        ("#1003", "1", "Gift wrapping", 1, "7", "0", "0"),
    ]
    assert stored(database, shop, "refunds", REFUND) == [
        ("#1001", "", "#1001", None, "ann@example.com", "2024-03-01 17:30:45+00", 0, "10")
    ]
    assert stored(database, shop, "products", "product_id, sku, name") == [
        ("BALL-RED", "BALL-RED", "Ball - red"),
        ("BAT", "BAT", 'Bat, "long"'),
        ("Gift wrapping", None, "Gift wrapping"),
    ]
    assert stored(database, shop, "customers", "customer_id, name, email") == [
        ("ann@example.com", "Ann Lee", "ann@example.com"),
        ("bob@example.com", "Bob Ray", "bob@example.com"),
    ]


def test_amazon(database: Database, shop: Tenant) -> None:
    imported_twice(database, shop, "amazon", "amazon-orders.txt")
    assert stored(database, shop, "orders", ORDER) == [
        ("111-0000001-0000001", "2024-01-05 08:12:33+00", "completed", None, "USD", None, "0", "4.49", "3.1", None),
        ("111-0000002-0000002", "2024-01-06 10:00:00+00", "cancelled", None, None, None, "0", "0", "0",
         "2024-01-06 11:00:00+00"),
        ("111-0000003-0000003", "2024-01-07 10:00:00+00", "pending", None, None, None, "0", "0", "0", None),
    ]  # fmt: skip
    assert stored(database, shop, "order_items", LINE) == [
        ("111-0000001-0000001", "1", "BALL-RED", 3, "12.99", "2", "2.5"),
        ("111-0000001-0000001", "1+", "BALL-RED", 0, "12.9901", "0", "0"),
        ("111-0000001-0000001", "2", "BAT", 1, "5", "0", "0.4"),
    ]
    assert stored(database, shop, "products", "product_id, sku, name") == [
        ("BALL-RED", "BALL-RED", 'Ball 12" red'),
        ("BAT", "BAT", "Bat"),
    ]


def test_woocommerce(database: Database, shop: Tenant) -> None:
    imported_twice(database, shop, "woocommerce", "woocommerce-orders.csv")
    assert stored(database, shop, "orders", ORDER) == [
        ("501", "2024-07-01 11:00:00+00", "completed", "7", "GBP", "40.8", "0", "5", "5.8", None),
        ("502", "2024-07-02 11:00:00+00", "cancelled", "guest@example.com", "GBP", "9", "0", "0", "0", None),
    ]
    assert stored(database, shop, "order_items", LINE) == [
        ("501", "31", "11", 2, "10", "2", "3.6"),
        ("501", "31+", "11", 0, "10.0001", "0", "0"),
        ("501", "32", "12", 1, "12", "0", "2.2"),
        ("502", "33", "11", 1, "9", "0", "0"),
    ]
    assert stored(database, shop, "refunds", REFUND) == [
        ("501", "31", "501", "11", "7", "2024-07-01 11:00:00+00", 1, "9")
    ]
    assert stored(database, shop, "customers", "customer_id, name, email") == [
        ("7", "Ann Lee", "ann@example.com"),
        ("guest@example.com", "Gus Guest", "guest@example.com"),
    ]


@pytest.mark.parametrize(
    ("preset", "file", "before", "after"),
    [
        ("amazon", "amazon-orders.txt", "1\tUSD\t5.00", "7\tUSD\t10.00"),
        ("woocommerce", "woocommerce-orders.csv", "BALL,2,20.00", "BALL,7,10.00"),
    ],
)
def test_a_price_that_does_not_divide_adds_up(
    database: Database, shop: Tenant, tmp_path: Path, preset: str, file: str, before: str, after: str
) -> None:
    text = (SAMPLES / file).read_text()
    assert before in text
    path = written(tmp_path, file, text.replace(before, after))
    import_files(database, shop, [path], platform=preset, preset=preset)
    rows = stored(database, shop, "order_items", "line_id, quantity, unit_price")
    assert [row[1:] for row in rows if row[2] < 2] == [(2, Decimal("1.4285")), (5, Decimal("1.4286"))]
