"""Files sent over HTTP: looked at, imported or refused in whole; by admins, of their own shop only."""

import gzip
import io
import shutil
import time
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from tests.conftest import Server
from tests.integration.conftest import Shop, opened
from tests.integration.test_http_openapi import Contract

from tallymark.connectors.files import PRESETS
from tallymark.db import Database
from tallymark.ingest import KINDS
from tallymark.settings import Settings

ORDERS = "order_id,placed_at,total_amount\nA1,2026-03-01T10:00:00Z,12.50\nA2,2026-03-02T10:00:00Z,7.25\n"
SALES = (
    "Receipt;Sold on;Article;Title;Pieces;Price\n"
    "7;31.01.2026 18:30;T1;Tea;2;1.204,50\n"
    "7;31.01.2026 18:30;C9;Cup;1;3,00\n"
    "8;01.02.2026 09:05;T1;Tea, loose;1;1.204,50\n"
)
SAMPLES = Path(__file__).parent / "import_samples"
NOBODYS = "00000000-0000-4000-8000-000000000000"


@dataclass(frozen=True)
class Sending:
    """A shop whose people are signed in once; what one test has sent is gone before the next."""

    shop: Shop
    headers: Mapping[str, dict[str, str]]
    contract: Contract


@pytest.fixture(scope="module")
def sending(postgres: Server, template: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sending]:
    conninfo = postgres.create(template)
    settings = Settings(home=tmp_path_factory.mktemp("home"), upload_mb=1)
    with Database(conninfo) as database, opened(database, settings) as shop:
        roles = ("admin", "analyst", "viewer", "outsider", "nobody")
        contract = Contract(shop.client.get("/openapi.json").json())
        yield Sending(shop, {role: shop.bearer(role) for role in roles}, contract)
    postgres.drop(conninfo)


@pytest.fixture
def shop(sending: Sending) -> Iterator[Sending]:
    yield sending
    shutil.rmtree(sending.shop.instance.uploads.folder, ignore_errors=True)


def send(shop: Sending, name: str, content: str | bytes, role: str = "admin") -> Any:
    return shop.shop.client.post(
        "/api/imports/files", params={"name": name}, content=content, headers=shop.headers[role]
    )


def sent(shop: Sending, name: str, content: str | bytes, role: str = "admin") -> str:
    answer = send(shop, name, content, role)
    assert answer.status_code == 201, answer.text
    number: str = answer.json()["data"]["id"]
    return number


def ask(shop: Sending, what: str, body: Any, role: str = "admin", **headers: str) -> Any:
    address = f"/api/imports{what}"
    answer = shop.shop.client.post(address, json=body, headers={**shop.headers[role], **headers})
    shop.contract.check(address, "post", answer)
    return answer


def rows(shop: Sending, statement: str) -> list[Any]:
    with shop.shop.instance.database.connect(shop.shop.tenant.tenant_id) as conn:
        return conn.execute(statement).fetchall()


def waiting(shop: Sending) -> list[str]:
    return sorted(path.name for path in shop.shop.instance.uploads.folder.glob("*/*/*"))


def previewed(shop: Sending, body: Any) -> Any:
    answer = ask(shop, "/preview", body)
    assert answer.status_code == 200, answer.text
    return answer.json()["data"]


def test_what_can_be_imported_is_told(shop: Sending) -> None:
    answer = shop.shop.client.get("/api/imports", headers=shop.headers["admin"])
    shop.contract.check("/api/imports", "get", answer)
    told = answer.json()["data"]
    assert [kind["name"] for kind in told["kinds"]] == list(KINDS)
    assert (told["presets"], told["largestBytes"]) == (list(PRESETS), 1 << 20)
    status = next(column for column in told["kinds"][4]["columns"] if column["name"] == "status")
    assert (status["type"], status["choices"]) == ("choice", ["pending", "completed", "cancelled"])


# What a preview says.


def test_a_preview_tells_columns_reading_and_bad_rows_and_stores_nothing(shop: Sending) -> None:
    file = sent(shop, "orders.csv", ORDERS + "A3,yesterday,1\n")
    told = previewed(shop, {"files": [file]})
    assert told["files"] == [
        {
            "id": file,
            "name": "orders.csv",
            "size": len(ORDERS) + 15,
            "columns": [
                {"name": "order_id", "type": "text", "samples": ["A1", "A2", "A3"]},
                {
                    "name": "placed_at",
                    "type": "text",
                    "samples": ["2026-03-01T10:00:00Z", "2026-03-02T10:00:00Z", "yesterday"],
                },
                {"name": "total_amount", "type": "number", "samples": ["12.50", "7.25", "1"]},
            ],
            "rows": [line.split(",") for line in [*ORDERS.splitlines()[1:], "A3,yesterday,1"]],
        }
    ]
    columns = {name: {"column": name} for name in ("order_id", "placed_at", "total_amount")}
    table = {"file": file, "kind": "orders", "columns": columns, "dates": "iso", "numbers": "point"}
    assert told["reading"] == {"why": "These are Tallymark’s own columns.", "preset": None, "tables": [table]}
    assert [fit["fits"] for fit in told["presets"]] == [False] * 4
    assert told["records"] == [
        {
            "kind": "orders",
            "rows": 2,
            "columns": ["order_id", "placed_at", "total_amount"],
            "first": told["files"][0]["rows"],
        }
    ]
    reason = "'yesterday' is not a date and time such as 2024-05-31T18:30:00+02:00"
    wrong = {"file": "orders.csv", "line": 4, "column": "placed_at", "reason": reason}
    assert (told["refused"]["total"], told["refused"]["problems"]) == (1, [wrong])
    assert rows(shop, "SELECT count(*) FROM orders") == [(3,)]
    assert waiting(shop) == ["orders.csv"]


@pytest.mark.parametrize(
    ("sample", "preset"),
    [("shopify-orders.csv", "shopify"), ("amazon-orders.txt", "amazon"), ("woocommerce-orders.csv", "woocommerce")],
)
def test_the_preset_that_fits_is_found_and_why(shop: Sending, sample: str, preset: str) -> None:
    told = previewed(shop, {"files": [sent(shop, sample, (SAMPLES / sample).read_bytes())]})
    first, *others = told["presets"]
    assert (first["name"], first["fits"], first["misses"]) == (preset, True, "")
    assert len(first["reads"]) > 8
    assert all(not other["fits"] and other["misses"] for other in others)
    assert told["reading"]["preset"] == preset
    assert {record["kind"] for record in told["records"]} >= {"products", "orders", "order_items"}
    assert told["refused"] is None


def test_columns_of_another_shop_are_matched_by_name_and_read_as_written(shop: Sending) -> None:
    """A German till: several kinds in one file, lines without numbers, a day and a price as people write them."""
    file = sent(shop, "till.csv", SALES)
    told = previewed(shop, {"files": [file]})
    tables = told["reading"]["tables"]
    assert [(table["kind"], table["dates"], table["numbers"]) for table in tables] == [
        ("orders", "day-first", "point"),
        ("order_items", "iso", "comma"),
        ("products", "iso", "comma"),
    ]
    assert told["refused"] is None, told["refused"]
    assert [record["rows"] for record in told["records"]] == [2, 3, 2]
    answer = ask(shop, "", {"files": [file], "platform": "till", "tables": tables})
    assert answer.status_code == 200, answer.text
    assert answer.json()["data"]["records"]["order_items"] == {"new": 3, "changed": 0, "unchanged": 0}
    stored = rows(
        shop,
        "SELECT order_id, line_id, product_id, quantity, unit_price::text, placed_at::text"
        " FROM order_items WHERE platform = 'till' ORDER BY 1, 2",
    )
    assert [(*row[:5],) for row in stored] == [
        ("7", "1", "T1", 2, "1204.50"),
        ("7", "2", "C9", 1, "3.00"),
        ("8", "1", "T1", 1, "1204.50"),
    ]
    assert [row[5][:16] for row in stored] == ["2026-01-31 18:30"] * 2 + ["2026-02-01 09:05"]
    assert rows(shop, "SELECT name FROM products WHERE platform = 'till' ORDER BY product_id") == [("Cup",), ("Tea",)]


# What an import does.


def test_an_import_is_told_of_as_it_goes_counted_and_noted(shop: Sending) -> None:
    files = [sent(shop, "orders.csv", ORDERS), sent(shop, "expenses.json", '[{"expense_id": "1", "amount": 3.1}]')]
    tables = previewed(shop, {"files": files[:1]})["reading"]["tables"]
    cost = {"expense_id": {"column": "expense_id"}, "amount": {"column": "amount"}}
    fixed = {"incurred_at": {"constant": "2026-03-01"}, "category": {"constant": "=HYPERLINK(1)"}}
    tables.append({"file": files[1], "kind": "expenses", "columns": cost | fixed})
    answer = ask(shop, "", {"files": files, "tables": tables}, Accept="text/event-stream")
    events = [part.partition("\ndata: ")[0] for part in answer.text.split("\n\n") if part.startswith("event: ")]
    assert set(events[:-1]) <= {"event: progress"}
    assert events[-1] == "event: completed", answer.text
    assert rows(shop, "SELECT amount::text, category FROM expenses WHERE platform = 'files'") == [
        ("3.1", "=HYPERLINK(1)")
    ]
    assert waiting(shop) == []
    admin = shop.headers["admin"]
    entry = shop.shop.client.get("/api/audit?action=import", headers=admin).json()["entries"][0]
    assert (entry["actor"], entry["subject"]) == ("admin@example.com", "orders.csv, expenses.json")
    assert entry["details"]["records"]["orders"] == {"new": 2, "changed": 0, "unchanged": 0}


def test_what_came_is_counted_without_being_asked_and_the_same_twice_changes_nothing(shop: Sending) -> None:
    told = []
    for _ in range(2):
        file = sent(shop, "orders.csv", ORDERS)
        tables = previewed(shop, {"files": [file]})["reading"]["tables"]
        body = {"files": [file], "platform": "market", "tables": tables}
        told.append(ask(shop, "", body).json()["data"])
    assert told[0]["records"] == {"orders": {"new": 2, "changed": 0, "unchanged": 0}}
    assert told[1] == {"records": {"orders": {"new": 0, "changed": 0, "unchanged": 2}}, "runId": None}
    address, deadline = f"/api/admin/analytics/runs/{told[0]['runId']}", time.monotonic() + 60
    status = "waiting"
    while status not in ("completed", "failed") and time.monotonic() < deadline:
        status = shop.shop.client.get(address, headers=shop.headers["admin"]).json()["data"]["status"]
    assert status == "completed"


@pytest.mark.parametrize("streamed", [False, True])
def test_a_bad_row_stops_all_of_it_and_the_file_waits_to_be_read_otherwise(shop: Sending, streamed: bool) -> None:
    file = sent(shop, "orders.csv", ORDERS + "A3,31/03/2026,1\n")
    tables = previewed(shop, {"files": [file]})["reading"]["tables"]
    body = {"files": [file], "platform": "kiosk", "tables": tables}
    answer = ask(shop, "", body, **({"Accept": "text/event-stream"} if streamed else {}))
    assert answer.status_code == (200 if streamed else 422)
    assert "event: failed" in answer.text or not streamed
    assert '"code": "import_refused"' in answer.text
    assert '"line": 4, "column": "placed_at"' in answer.text
    assert rows(shop, "SELECT count(*) FROM orders WHERE platform = 'kiosk'") == [(0,)]
    assert waiting(shop) == ["orders.csv"]


# What is refused.


@pytest.mark.parametrize(
    ("name", "content", "status", "said"),
    [
        ("orders.csv", b"", 422, "is empty"),
        ("orders.exe", b"x", 422, "not a kind of file"),
        ("../orders.csv", b"x", 400, "without folders"),
        (".orders.csv", b"x", 400, "without folders"),
        ("orders.csv.gz", b"not packed at all", 422, "cannot be unpacked"),
        ("orders.csv.gz", gzip.compress(ORDERS.encode(), mtime=0)[:-9], 422, "cannot be unpacked"),
        ("orders.csv.gz", gzip.compress(b"order_id,placed_at\n" * 200_000), 422, "holds more than 1 MB"),
        ("orders.csv", b"PK\x03\x04 an Excel file", 422, "is not text"),
        ("orders.xlsx", b"no Excel file", 422, "is not an Excel file"),
        ("orders.parquet", b"no table", 422, "could not be read"),
        ("orders.csv", b"a,b\n" * 300_000, 413, "at most 1048576 bytes"),
    ],
)  # fmt: skip
def test_what_cannot_be_a_file_of_records_is_refused_and_leaves_nothing(
    shop: Sending, name: str, content: bytes, status: int, said: str
) -> None:
    answer = send(shop, name, content)
    assert (answer.status_code, answer.json()["success"]) == (status, False), answer.text
    assert said in answer.json()["message"]
    assert waiting(shop) == []


def test_a_body_that_grows_beyond_the_limit_is_cut_off(shop: Sending) -> None:
    blocks = (b"a,b\n" * 65_536 for _ in range(8))
    answer = send(shop, "orders.csv", blocks)  # type: ignore[arg-type]
    assert (answer.status_code, answer.json()["code"]) == (413, "body_too_large")
    assert waiting(shop) == []


@pytest.mark.parametrize("route", ["/preview", ""])
def test_a_small_file_gives_no_more_records_than_may_be(shop: Sending, route: str) -> None:
    file = sent(shop, "goods.csv", "no\n" + "".join(f"p{number}\n" for number in range(50_000)))
    columns = {"product_id": {"column": "no"}, "name": {"constant": "x" * 120}}
    table = {"file": file, "kind": "products", "columns": columns}
    answer = ask(shop, route, {"files": [file], "platform": "kiosk", "tables": [table]})
    assert "gives more than 4 MB of products" in answer.text
    assert answer.status_code == (422 if route == "" else 200)
    assert rows(shop, "SELECT count(*) FROM products WHERE platform = 'kiosk'") == [(0,)]


def test_a_shop_has_room_for_so_much_and_gets_it_back(shop: Sending) -> None:
    half = b"order_id,placed_at\n" * 40_000
    first = sent(shop, "orders.csv", half)
    refused = send(shop, "orders.csv", half)
    assert (refused.status_code, refused.json()["code"]) == (409, "conflict")
    assert sent(shop, "expenses.csv", "a,b\n1,2\n", "outsider")
    admin = shop.headers["admin"]
    assert shop.shop.client.delete(f"/api/imports/files/{first}", headers=admin).status_code == 204
    assert shop.shop.client.delete(f"/api/imports/files/{first}", headers=admin).status_code == 404
    assert sent(shop, "orders.csv", half)


def test_what_nobody_imports_is_swept_whoever_left_it(shop: Sending) -> None:
    sent(shop, "orders.csv", ORDERS)
    uploads = shop.shop.instance.uploads
    assert uploads.sweep(time.time()) == 0
    assert uploads.sweep(time.time() + 7 * 3600) == 1
    assert waiting(shop) == []


def test_no_statement_of_a_browser_reaches_a_file_of_the_server(shop: Sending, tmp_path: Path) -> None:
    (tmp_path / "secret.csv").write_text("order_id,placed_at\nsecret,2026-01-01\n")
    file = sent(shop, "orders.csv", ORDERS)
    columns = {"order_id": {"column": f'" FROM "{tmp_path}/secret.csv'}, "placed_at": {"column": "placed_at"}}
    hostile = {"files": [file], "tables": [{"file": file, "kind": "orders", "columns": columns}]}
    told = previewed(shop, hostile)
    assert told["refused"]["problems"][0]["reason"] == "is not a column of the file"
    assert "secret," not in str(told["records"])
    for more in ({"mapping": "-- orders --\nSELECT 1"}, {"preset": "../../etc"}, {"tables": [{"kind": "users"}]}):
        assert ask(shop, "/preview", {"files": [file], **more}).status_code in (400, 422)


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"files": []}, 422),
        ({"files": [NOBODYS]}, 404),
        ({"files": ["orders.csv"]}, 422),
    ],
)
def test_files_that_are_not_there_cannot_be_looked_at(shop: Sending, body: Any, status: int) -> None:
    assert ask(shop, "/preview", body).status_code == status
    assert ask(shop, "", body).status_code == status


def test_only_admins_may_and_only_what_their_shop_has_sent(shop: Sending) -> None:
    file = sent(shop, "orders.csv", ORDERS)
    body = {"files": [file], "preset": "shopify"}
    for role, status in (("viewer", 403), ("analyst", 403), ("nobody", 401)):
        assert send(shop, "orders.csv", ORDERS, role).status_code == status
        assert ask(shop, "/preview", body, role).status_code == status
        assert ask(shop, "", body, role).status_code == status
        assert shop.shop.client.get("/api/imports", headers=shop.headers[role]).status_code == status
    for what in ("/preview", ""):
        assert ask(shop, what, body, "outsider").status_code == 404
    assert shop.shop.client.delete(f"/api/imports/files/{file}", headers=shop.headers["outsider"]).status_code == 404
    assert waiting(shop) == ["orders.csv"]


def test_a_workbook_is_looked_at_before_it_is_unpacked(shop: Sending) -> None:
    with zipfile.ZipFile(packed := io.BytesIO(), "w", zipfile.ZIP_DEFLATED) as book:
        book.writestr("xl/worksheets/sheet1.xml", b"0" * (2 << 20))
    answer = send(shop, "orders.xlsx", packed.getvalue())
    assert (answer.status_code, "holds more than 1 MB" in answer.text) == (422, True)
