"""Files in our own columns, as analysts have them."""

import gzip
import resource
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pytest

from tallymark.connectors.files import import_files, read
from tallymark.db import Database
from tallymark.errors import BadQuestion, ImportRefused
from tallymark.ingest import Counts, Loaded
from tallymark.model import Tenant


@pytest.fixture
def shop(make_tenant: Callable[..., int]) -> Tenant:
    return Tenant(make_tenant("shop"), "shop", "Shop", "Europe/London", "GBP")


def written(folder: Path, name: str, content: str | bytes) -> Path:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def products(database: Database, tenant: Tenant) -> list[tuple[Any, ...]]:
    with database.connect(tenant.tenant_id) as conn:
        return conn.execute("SELECT product_id, name, price::text FROM products ORDER BY 1").fetchall()


def problems(database: Database, tenant: Tenant, *paths: Path) -> list[str]:
    with pytest.raises(ImportRefused) as caught:
        import_files(database, tenant, paths)
    assert products(database, tenant) == []
    return [str(problem) for problem in caught.value.problems]


QUOTED = 'product_id,name,price\n0012,"Ball, ""red""\nor blue",0.001\n\n13,Ä,1.10\n'
ROWS = [("0012", 'Ball, "red"\nor blue', "0.001"), ("13", "Ä", "1.10")]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("products.csv", QUOTED),
        ("products.2024.csv.gz", gzip.compress(QUOTED.encode())),
        ("products.bom.csv", b"\xef\xbb\xbf" + QUOTED.replace("\n", "\r\n").replace('red""\r', 'red""').encode()),
        ("products.tsv", QUOTED.replace("Ball,", "Ball;").replace(",", "\t").replace("Ball;", "Ball,")),
        ("products.txt", QUOTED.replace("Ball,", "Ball\t").replace(",", ";").replace("Ball\t", "Ball,")),
        (
            "products.json",
            '\n [{"product_id": "0012", "name": "Ball, \\"red\\"\\nor blue", "price": 0.001},\n'
            ' {"price": 1.10, "product_id": 13, "name": "Ä"}]',
        ),
        (
            "products.ndjson",
            '{"product_id": "0012", "name": "Ball, \\"red\\"\\nor blue", "price": "0.001"}\n\n'
            '{"price": 1.10, "product_id": 13, "name": "\\u00c4"}\n',
        ),
    ],
    ids=lambda value: value if str(value).startswith("products.") else "",
)
def test_text_in_every_dress(database: Database, shop: Tenant, tmp_path: Path, name: str, content: str | bytes) -> None:
    path = written(tmp_path, name, content)
    assert import_files(database, shop, [path]) == Loaded({"products": Counts(2, 0, 0)})
    assert products(database, shop) == ROWS
    assert import_files(database, shop, [path]) == Loaded({"products": Counts(0, 0, 2)})


def test_parquet(database: Database, shop: Tenant, tmp_path: Path) -> None:
    path = tmp_path / "products.[1].parquet"
    values = "('0012', 'Ball, \"red\"\nor blue', 0.001), ('13', 'Ä', 1.10)"
    duckdb.execute(f"COPY (SELECT * FROM (VALUES {values}) t(product_id, name, price)) TO '{path}'")
    assert import_files(database, shop, [path]) == Loaded({"products": Counts(2, 0, 0)})
    assert products(database, shop) == [(ROWS[0]), ("13", "Ä", "1.100")]


def test_ids_that_a_data_frame_made_floats(database: Database, shop: Tenant, tmp_path: Path) -> None:
    path = tmp_path / "products.parquet"
    duckdb.execute(
        "COPY (SELECT * FROM (VALUES (17850.0::DOUBLE, 2.5::DOUBLE), (17851.0, 'NaN'::DOUBLE)) t(product_id, price))"
        f" TO '{path}'"
    )
    import_files(database, shop, [path])
    assert products(database, shop) == [("17850", None, "2.5"), ("17851", None, None)]


def test_several_files_of_several_kinds_are_one_import(database: Database, shop: Tenant, tmp_path: Path) -> None:
    paths = [
        written(tmp_path, "order_items.csv", "order_id,line_id,quantity,unit_price\na,1,1,2\nb,1,2,3\n"),
        written(tmp_path, "orders.2023.csv", "order_id,placed_at\na,2023-01-01\n"),
        written(tmp_path, "orders.2024.csv", "order_id,placed_at\nb,2024-01-01\n"),
    ]
    loaded = import_files(database, shop, paths, platform="till")
    assert loaded == Loaded({"orders": Counts(2, 0, 0), "order_items": Counts(2, 0, 0)})


def test_the_line_is_the_one_in_the_file(database: Database, shop: Tenant, tmp_path: Path) -> None:
    text = 'product_id,name,price\n1,"two\nlines",x\n\n\n2,fine,1\n3,"a\n\nb",y\n4,short\n5,z,z\n'
    assert problems(database, shop, written(tmp_path, "products.csv", text)) == [
        "products.csv, line 2, column price: 'x' is not a decimal number",
        "products.csv, line 7, column price: 'y' is not a decimal number",
        "products.csv, line 10: has 2 values where the header has 3 columns",
        "products.csv, line 11, column price: 'z' is not a decimal number",
    ]


def test_text_that_is_broken(database: Database, shop: Tenant, tmp_path: Path) -> None:
    text = b'product_id,name\n1,caf\xe9\n2,"a" b\n3,n\0l\n4,"never ends\n'
    assert problems(database, shop, written(tmp_path, "products.csv", text)) == [
        "products.csv, line 2: is not UTF-8; save the file with that encoding",
        "products.csv, line 3: cannot be read: ',' expected after '\"'",
        "products.csv, line 4: holds a NUL character",
        "products.csv, line 5: cannot be read: unexpected end of data",
    ]


def test_json_that_is_broken(database: Database, shop: Tenant, tmp_path: Path) -> None:
    lines = ['{"product_id": 1, "price": [1]}', "{", "7", '{"product_id": null}', '{"product_id": 5, "price": 1e400}']
    lines += ['{"product_id": "6\\u0000"}', '{"product_id": "7\\uD800"}', '{"product_id": "8", "name": ' + "[" * 9999]
    assert problems(database, shop, written(tmp_path, "products.ndjson", "\n".join(lines))) == [
        "products.ndjson, line 1, column price: is a list or an object, not a value",
        "products.ndjson, line 2: is not JSON: Expecting property name enclosed in double quotes",
        "products.ndjson, line 3: is not a JSON object",
        "products.ndjson, line 4, column product_id: is missing",
        "products.ndjson, line 5, column price: '1e400' is not a decimal number",
        "products.ndjson, line 6: holds a NUL character",
        r"products.ndjson, line 7: holds half a character: \ud800 to \udfff stand in pairs",
        "products.ndjson, line 8: holds lists or objects in each other without end",
    ]


def test_an_unknown_column_names_the_nearest(database: Database, shop: Tenant, tmp_path: Path) -> None:
    for name, content in (
        ("products.csv", "product_id,prise\n1,2\n"),
        ("products.json", '[{"product_id": 1}, {"product_id": 2, "prise": 2}]'),
    ):
        assert problems(database, shop, written(tmp_path, name, content)) == [
            f"{name}, line 1, column prise: is not a column of products; did you mean price?"
        ]


def test_files_that_are_no_records(database: Database, shop: Tenant, tmp_path: Path) -> None:
    not_utf8 = "is not UTF-8; save the file with that encoding"
    for name, content, message in (
        ("product.csv", "a\n", "product.csv: there is no kind of record called product."),
        ("products.doc", "a\n", "products.doc: this is not a kind of file that can be imported."),
        ("products.csv", "", "there is no line of column names"),
        ("products.csv", "product_id,café\n".encode("latin-1"), not_utf8),
        ("products.csv", "product_id\n1\n".encode("utf-16"), not_utf8),
        ("products.csv", "product_id\n1\n".encode("utf-16-le"), not_utf8),
        ("products.csv", "a" * 140_000, "cannot be read: field larger than field limit (131072)"),
        ("products.json", "[]", "there is no record"),
        ("products.json", "[7]", "is not a JSON object"),
        ("products.json", "[" * 99_999, "holds lists or objects in each other without end"),
    ):
        path = written(tmp_path, name, content)
        with pytest.raises(ImportRefused) as caught:
            import_files(database, shop, [path])
        assert message in (caught.value.message, *(problem.reason for problem in caught.value.problems))
    with pytest.raises(ImportRefused, match="there is no such file"):
        import_files(database, shop, [tmp_path / "orders.csv"])
    written(tmp_path, "orders.parquet", "not parquet")
    with pytest.raises(ImportRefused, match=r"orders\.parquet: this could not be read"):
        import_files(database, shop, [tmp_path / "orders.parquet"])


def test_excel_without_its_extension_says_what_to_do(
    database: Database, shop: Tenant, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    path = written(tmp_path, "products.xlsx", "")
    with pytest.raises(ImportRefused) as caught:
        import_files(database, shop, [path])
    assert caught.value.message == ("products.xlsx: Excel files need DuckDB's excel extension, which is not installed.")
    assert "Save the sheet as CSV" in (caught.value.hint or "")


@pytest.mark.parametrize("platform", ["", "all"])
def test_a_platform_has_a_name(database: Database, shop: Tenant, tmp_path: Path, platform: str) -> None:
    path = written(tmp_path, "products.csv", "product_id\n1\n")
    with pytest.raises(BadQuestion):
        import_files(database, shop, [path], platform=platform)


@pytest.mark.parametrize("name", ["activity.csv", "activity.parquet", "activity.json"])
def test_a_file_larger_than_memory(database: Database, shop: Tenant, tmp_path: Path, name: str) -> None:
    """Read and staged in a stream: no more than a fraction of the file is ever in memory."""
    rows = 110_000
    path = tmp_path / name
    source = (
        f"SELECT i AS activity_id, 'visit' AS kind, repeat(md5(i::VARCHAR), 20) AS visitor_id FROM range({rows}) t(i)"
    )
    options = (
        ", ARRAY true"
        if name.endswith("json")
        else ", COMPRESSION uncompressed, ROW_GROUP_SIZE 10000"
        if name.endswith("t")
        else ""
    )
    duckdb.execute(f"COPY ({source}) TO '{path}' (FORMAT {path.suffix[1:]}{options})")
    size = path.stat().st_size
    assert size > 70e6
    before = _peak()
    with read([path], shop, memory_limit="64MB") as batch:
        read_bytes = sum(len(chunk) for table in batch.tables for chunk in table.chunks)
    assert read_bytes > 70e6
    assert _peak() - before < 64e6 + 32e6


def _peak() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def test_a_json_list_that_breaks_off(database: Database, shop: Tenant, tmp_path: Path) -> None:
    text = '[{"product_id": 1}, {"product_id": 2}, {"product_id": 3'
    assert problems(database, shop, written(tmp_path, "products.json", text)) == [
        "products.json, line 3: is not JSON: Expecting ',' delimiter"
    ]
