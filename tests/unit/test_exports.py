"""An answer as a file: what a spreadsheet reads back is what was told."""

import csv
import io
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from xml.etree import ElementTree
from zipfile import ZipFile

from hypothesis import given, settings
from hypothesis import strategies as st

from tallymark.exports import Exported, written
from tallymark.metrics import Catalog, Column
from tallymark.model import Answer, Notice, Tenant, exact_json

CATALOG = Catalog.load()
HARBOUR = Tenant(1, "harbour", "Harbour Coffee", "Europe/Berlin", "EUR")
AT = datetime(2026, 3, 5, 14, 0, tzinfo=UTC)
NAMES = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
BUILT_IN = {"0": "General", "3": "#,##0", "10": "0.00%", "49": "@"}
"""Formats that the format of files numbers, and leaves out where they are only used."""
ODD = '=HYPERLINK("http://example.com"), "x"'


def exported(metric: str, data: object, tenant: Tenant = HARBOUR, **params: object) -> Exported:
    answer = Answer(
        metric, params, "all", data, AT - timedelta(hours=1), AT, AT - timedelta(minutes=2), 7, 60.0, False,
        (Notice("cost_unknown", "of one product"),),
    )  # fmt: skip
    return Exported(answer, CATALOG[metric], tenant, AT)


class Book:
    """What a reader of the format finds: the sheets, and of a cell its text, its type and how it is shown."""

    def __init__(self, content: bytes) -> None:
        with ZipFile(io.BytesIO(content)) as packed:
            self._parts = {name: packed.read(name) for name in packed.namelist()}
        self._texts = [
            "".join(part.text or "" for part in one.iter(f"{NAMES}t"))
            for one in self._xml("xl/sharedStrings.xml").iter(f"{NAMES}si")
        ]
        styles = self._xml("xl/styles.xml")
        codes = BUILT_IN | {one.get("numFmtId"): one.get("formatCode") for one in styles.iter(f"{NAMES}numFmt")}
        shown = styles.find(f"{NAMES}cellXfs")
        assert shown is not None
        self._formats = [codes[one.get("numFmtId")] for one in shown]
        self.sheets = [str(one.get("name")) for one in self._xml("xl/workbook.xml").iter(f"{NAMES}sheet")]

    def _xml(self, name: str) -> ElementTree.Element:
        return ElementTree.fromstring(self._parts[name])

    def sheet(self, number: int) -> ElementTree.Element:
        return self._xml(f"xl/worksheets/sheet{number}.xml")

    def cells(self, number: int = 1) -> dict[str, tuple[Any, str]]:
        """By address: a text as str, a number as Decimal; and the format."""
        found = {}
        for cell in self.sheet(number).iter(f"{NAMES}c"):
            assert cell.find(f"{NAMES}f") is None, "a formula"
            value = cell.findtext(f"{NAMES}v")
            assert value is not None
            read = self._texts[int(value)] if cell.get("t") == "s" else Decimal(value)
            found[str(cell.get("r"))] = (read, str(self._formats[int(cell.get("s", 0))]))
        return found

    def pairs(self, number: int) -> Mapping[str, Any]:
        """Of a sheet of two columns: what stands beside each name, for the first time."""
        cells = self.cells(number)
        return {
            value: cells.get(f"B{address[1:]}", (None,))[0]
            for address, (value, _) in reversed(cells.items())
            if address.startswith("A")
        }


PRODUCT = {
    "productId": "0012", "platform": "shopify", "name": ODD, "totalSold": 1234, "revenue": Decimal("1234567.89"),
    "averagePrice": Decimal("10.00"), "profit": Decimal("-0.125"), "profitMargin": Decimal("12.50"),
}  # fmt: skip


def test_rows_are_numbers_in_the_currency_text_stays_text_and_the_header_stays() -> None:
    nothing = dict.fromkeys(PRODUCT) | {"productId": "2", "platform": "amazon", "name": "Cup"}
    params = {"from": "2026-03-01", "to": "2026-03-05", "limit": 2, "sort": "revenue"}
    given = exported("top_products", [PRODUCT, nothing | {"totalSold": 0, "revenue": Decimal("0.00")}], **params)
    book = Book(written(given, "xlsx"))
    assert book.sheets == ["Top products", "About"]
    cells = book.cells()
    assert [cells[f"{column}1"][0] for column in "ABCDEFGH"] == [
        "Product id", "Platform", "Name", "Total sold", "Revenue", "Average price", "Profit", "Profit margin",
    ]  # fmt: skip
    assert {address: cell for address, cell in cells.items() if address.endswith(("2", "3"))} == {
        "A2": ("0012", "@"), "B2": ("shopify", "@"), "C2": (ODD, "@"), "D2": (1234, "#,##0"),
        "E2": (Decimal("1234567.89"), "#,##0.00 [$EUR]"), "F2": (10, "#,##0.00 [$EUR]"),
        "G2": (Decimal("-0.125"), "#,##0.000 [$EUR]"), "H2": (Decimal("0.125"), "0.00%"),
        "A3": ("2", "@"), "B3": ("amazon", "@"), "C3": ("Cup", "@"), "D3": (0, "#,##0"), "E3": (0, "#,##0.00 [$EUR]"),
    }  # fmt: skip
    pane = book.sheet(1).find(f".//{NAMES}pane")
    assert pane is not None
    assert (pane.get("state"), pane.get("ySplit"), pane.get("topLeftCell")) == ("frozen", "1", "A2")
    told = {
        "Shop": "Harbour Coffee",
        "Platform": "All platforms",
        "Days": "2026-03-01 to 2026-03-05, of Europe/Berlin",
        "Limit": "2",
        "Sort": "revenue",
        "Currency": "EUR",
        "Computed at": "2026-03-05 14:00:00 Europe/Berlin",
        "Data through": "2026-03-05 14:58:00 Europe/Berlin",
        "Version": "7",
        "To be known": "of one product",
        "Profit margin": CATALOG["top_products"].columns["profit_margin"].doc,
    }
    about = book.pairs(2)
    assert {name: about[name] for name in told} == told


def test_an_answer_that_is_no_list_has_a_row_for_each_figure_and_says_what_it_is_compared_with() -> None:
    names = [name.split(".") for name in exported("sales_overview", {}).columns]
    figures = {name[0]: Decimal("5.50") if len(name) == 1 else None for name in names}
    params = {"compare": "previous", "beforeFrom": "2026-02-01", "beforeTo": "2026-02-28", "clock": "event"}
    book = Book(written(exported("sales_overview", figures, **params), "xlsx"))
    assert (book.cells()["A2"][0], book.cells()["B2"]) == ("Gross sales", (Decimal("5.50"), "#,##0.00 [$EUR]"))
    assert book.pairs(1)["Growth: net sales"] is None
    assert book.pairs(2)["Compared with"] == "The period before, 2026-02-01 to 2026-02-28"


def test_days_are_days_by_the_clock_of_the_shop() -> None:
    def first(metric: str, column: str, value: str) -> tuple[Any, str]:
        given = exported(metric, [])
        row = dict.fromkeys(name.split(".")[0] for name in given.columns) | {column: value}
        cells = Book(written(replace(given, answer=replace(given.answer, data=[row])), "xlsx")).cells()
        return next(cell for address, cell in cells.items() if address.endswith("2"))

    epoch = datetime(1899, 12, 30)  # noqa: DTZ001  what spreadsheets count from, by nobody's clock
    for metric, column, value, meant, shown in (
        ("recent_activity", "occurredAt", "2026-03-05T23:30:00Z", datetime(2026, 3, 6, 0, 30), "yyyy-mm-dd hh:mm:ss"),  # noqa: DTZ001
        ("sales_trends", "period", "2026-03-05T07:00", datetime(2026, 3, 5, 7), "yyyy-mm-dd hh:mm"),  # noqa: DTZ001
        ("sales_trends", "period", "2026-03-05", datetime(2026, 3, 5), "yyyy-mm-dd"),  # noqa: DTZ001
        ("monthly_trends", "month", "2026-03", datetime(2026, 3, 1), "yyyy-mm"),  # noqa: DTZ001
    ):
        number, pattern = first(metric, column, value)
        assert (epoch + timedelta(seconds=round(float(number) * 86_400)), pattern) == (meant, shown)
    assert first("sales_trends", "period", "1850-01-01")[0] == "1850-01-01"


AMOUNTS = st.decimals(allow_nan=False, allow_infinity=False, places=2, min_value=-(10**18), max_value=10**18)


@settings(max_examples=10)
@given(st.lists(AMOUNTS, min_size=30))
def test_no_digit_of_an_amount_is_lost(amounts: list[Decimal]) -> None:
    rows = [{"category": "Rent", "amount": amount, "count": 1, "percentage": None} for amount in amounts]
    given = exported("expense_breakdown", rows)
    cells = Book(written(given, "xlsx")).cells()
    for row, amount in enumerate(amounts, 2):
        read, _ = cells[f"B{row}"]
        assert Decimal(read) == amount
        assert isinstance(read, str) or Decimal(repr(float(read))) == amount
    assert list(csv.reader(io.StringIO(written(given, "csv").decode())))[1:] == [
        ["Rent", f"{amount:f}", "1", ""] for amount in amounts
    ]


def test_a_currency_without_a_minor_unit_has_no_places_and_csv_runs_no_formula() -> None:
    yen = replace(HARBOUR, currency="JPY")
    given = exported(
        "expense_breakdown", [{"category": ODD, "amount": Decimal(150), "count": 1, "percentage": None}], yen
    )
    assert Book(written(given, "xlsx")).cells()["B2"] == (150, "#,##0 [$JPY]")
    assert written(given, "csv").decode().split("\r\n")[1].startswith("\"'=HYPERLINK(")
    assert exact_json.loads(written(given, "json"))["data"][0]["category"] == ODD


def test_every_metric_can_be_a_workbook() -> None:
    def value(column: Column) -> object:
        told = {"instant": "2026-03-05T14:00:00Z", "day": "2026-03-05", "month": "2026-03", "period": "2026-03"}
        return told.get(column.kind, "=1") if column.kind in {*told, "text", "id"} else Decimal(1)

    for name, metric in CATALOG.items():
        row: dict[str, Any] = {}
        given = exported(name, [])
        for path, column in given.columns.items():
            *groups, last = path.split(".")
            within = row
            for group in groups:
                within = within.setdefault(group, {})
            within[last] = value(column)
        whole = replace(given.answer, data=row if metric.shape == "object" else [row], params={"compare": "none"})
        book = Book(written(replace(given, answer=whole), "xlsx"))
        count = len(book.cells())
        assert count == 2 * (len(given.columns) + (metric.shape == "object")), name
