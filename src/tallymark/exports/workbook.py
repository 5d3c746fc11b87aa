"""An answer as an Excel workbook: a sheet of figures, and one that says what they are and how old."""

import io
from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from xlsxwriter import Workbook
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from tallymark.exports.exported import Exported
from tallymark.metrics import Column
from tallymark.model import ALL_PLATFORMS, money

DIGITS = 15
"""As many as a spreadsheet keeps of a number; one with more is written as text, so that none is lost."""
FIRST_YEAR = 1900
"""Before it a spreadsheet knows no days."""
TITLE_LENGTH = 31
WIDEST = 60
AS_TEXT = {"strings_to_numbers": False, "strings_to_formulas": False, "strings_to_urls": False}
COMPARISONS = {"previous": "The period before", "year": "The year before", "none": "Nothing"}
DERIVED = {"from", "to", "compare", "beforeFrom", "beforeTo", "asOfDay", "asOfHour"}


def workbook(exported: Exported) -> bytes:
    """Amounts are numbers in the format of the currency, days are days; no text is ever a formula."""
    book = Workbook(buffer := io.BytesIO(), {"in_memory": True, **AS_TEXT})
    book.set_properties({"title": exported.metric.title, "author": exported.tenant.name, "created": exported.at})
    pen = _Pen(book, exported)
    sheet = book.add_worksheet(exported.metric.title[:TITLE_LENGTH])
    if exported.metric.shape == "object":
        _figures(pen, sheet, exported)
    else:
        _rows(pen, sheet, exported)
    _about(pen, book.add_worksheet("About"), exported)
    book.close()
    return buffer.getvalue()


class _Pen:
    """Writes a value as the kind of its column asks for."""

    def __init__(self, book: Workbook, exported: Exported) -> None:
        self._book = book
        self._zone = exported.tenant.zone
        self._currency = exported.tenant.currency
        self._formats: dict[str, Format] = {}
        self.head = book.add_format({"bold": True, "bottom": 1, "valign": "top"})
        self.name = book.add_format({"bold": True, "valign": "top"})
        self.prose = book.add_format({"text_wrap": True, "valign": "top"})

    def write(self, sheet: Worksheet, row: int, place: int, value: Any, column: Column) -> None:
        """Leaves the cell empty where the value is unknown."""
        if value is None:
            return
        if isinstance(value, str):
            self._write_text(sheet, row, place, value, column.kind)
            return
        shown = Decimal(value) / 100 if column.kind == "percent" else Decimal(value)
        if len(shown.normalize().as_tuple().digits) > DIGITS:
            sheet.write_string(row, place, f"{value:f}", self._format("@", right=True))
        else:
            sheet.write_number(row, place, shown, self._format(self._pattern(column.kind, Decimal(value))))

    def _write_text(self, sheet: Worksheet, row: int, place: int, value: str, kind: str) -> None:
        found = self._when(value, kind)
        if found is None:
            sheet.write_string(row, place, value, self._format("@"))
        else:
            sheet.write_datetime(row, place, found[0], self._format(found[1]))

    def _when(self, value: str, kind: str) -> tuple[date, str] | None:
        """The day or hour, by the local clock, and how it is shown; None for what is text."""
        if kind not in {"instant", "day", "month", "period"}:
            return None
        if kind == "instant":
            local = datetime.fromisoformat(value).astimezone(self._zone).replace(tzinfo=None)
            found, pattern = local, "yyyy-mm-dd hh:mm:ss"
        elif "T" in value:
            found, pattern = datetime.fromisoformat(value), "yyyy-mm-dd hh:mm"
        else:
            whole = len(value) > len("2026-03")
            found = datetime.fromisoformat(value if whole else f"{value}-01")
            pattern = "yyyy-mm-dd" if whole else "yyyy-mm"
        return (found, pattern) if found.year >= FIRST_YEAR else None

    def _pattern(self, kind: str, value: Decimal) -> str:
        if kind == "count":
            return "#,##0"
        if kind == "percent":
            return "0.00%"
        if kind == "ratio":
            return "#,##0.0000"
        exponent = value.as_tuple().exponent
        assert isinstance(exponent, int)
        places = max(money.exponent(self._currency), -exponent)
        return f"#,##0{'.' if places else ''}{'0' * places} [${self._currency}]"

    def _format(self, pattern: str, *, right: bool = False) -> Format:
        key = f"{pattern} {right}"
        if key not in self._formats:
            self._formats[key] = self._book.add_format({"num_format": pattern, **({"align": "right"} if right else {})})
        return self._formats[key]


def _rows(pen: _Pen, sheet: Worksheet, exported: Exported) -> None:
    """One row for each of the answer's, below a header that stays and can be filtered by."""
    columns = exported.columns
    for place, name in enumerate(columns):
        sheet.write_string(0, place, _words(name), pen.head)
    last = 0
    for last, row in enumerate(exported.rows(), 1):
        for place, (value, column) in enumerate(zip(row, columns.values(), strict=True)):
            pen.write(sheet, last, place, value, column)
    sheet.autofilter(0, 0, last, len(columns) - 1)
    _laid_out(sheet)


def _figures(pen: _Pen, sheet: Worksheet, exported: Exported) -> None:
    """One row for each figure."""
    for place, name in enumerate(("Figure", "Value")):
        sheet.write_string(0, place, name, pen.head)
    (values,) = exported.rows()
    for row, ((name, column), value) in enumerate(zip(exported.columns.items(), values, strict=True), 1):
        sheet.write_string(row, 0, _words(name), pen.name)
        pen.write(sheet, row, 1, value, column)
    _laid_out(sheet)


def _laid_out(sheet: Worksheet) -> None:
    sheet.freeze_panes(1, 0)
    sheet.repeat_rows(0)
    sheet.set_landscape()
    sheet.fit_to_pages(1, 0)
    sheet.autofit(max_width=WIDEST * 7)


def _about(pen: _Pen, sheet: Worksheet, exported: Exported) -> None:
    """Of what, for whom, as of when; then what each column means."""
    told = list(_told(exported))
    meanings = [(_words(name), column.doc) for name, column in exported.columns.items()]
    head = len(told) + 1
    for row, (name, value) in [*enumerate(told), *enumerate(meanings, head + 1)]:
        sheet.write_string(row, 0, name, pen.name)
        sheet.write_string(row, 1, value, pen.prose)
    for place, name in enumerate(("Column", "What it is")):
        sheet.write_string(head, place, name, pen.head)
    sheet.set_column(0, 0, 24)
    sheet.set_column(1, 1, 90)


def _told(exported: Exported) -> Iterator[tuple[str, str]]:
    answer, metric, tenant = exported.answer, exported.metric, exported.tenant
    params = answer.params

    def local(at: datetime) -> str:
        return f"{at.astimezone(tenant.zone):%Y-%m-%d %H:%M:%S} {tenant.timezone}"

    yield metric.title, metric.description
    yield "Formula", metric.formula
    yield "Shop", tenant.name
    yield "Platform", "All platforms" if answer.platform == ALL_PLATFORMS else answer.platform
    if metric.has_window:
        yield "Days", f"{params.get('from') or 'the first'} to {params.get('to') or 'the last'}, of {tenant.timezone}"
    if metric.compares:
        before = f", {params['beforeFrom']} to {params['beforeTo']}" if params.get("beforeFrom") else ""
        yield "Compared with", COMPARISONS[str(params["compare"])] + before
    for name, value in params.items():
        if name not in DERIVED and value not in (None, ""):
            yield _words(name), str(value)
    yield "Currency", tenant.currency
    yield "Computed at", local(answer.computed_at)
    yield "Known to be current at", local(answer.checked_at)
    yield "Data through", local(answer.data_through) if answer.data_through else "no data yet"
    yield "Version", f"{answer.version}{', older than it should be' if answer.stale else ''}"
    yield "Exported at", local(exported.at)
    for warning in answer.warnings:
        yield "To be known", warning.message


def _words(name: str) -> str:
    """`growth.netSales` as `Growth: net sales`, `group_by` as `Group by`."""
    spaced = "".join(f" {letter.lower()}" if letter.isupper() else letter for letter in name)
    words = spaced.replace("_", " ").replace(".", ": ")
    return words[0].upper() + words[1:]
