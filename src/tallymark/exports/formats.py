"""The kinds of files there are."""

import csv
import io
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Literal

from tallymark.exports.exported import Exported
from tallymark.exports.workbook import workbook

Format = Literal["csv", "json", "xlsx"]
FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""How a text begins that a spreadsheet takes for a formula."""


@dataclass(frozen=True, slots=True)
class Kind:
    media_type: str
    write: Callable[[Exported], bytes]


def written(exported: Exported, format: Format) -> bytes:
    """The whole file."""
    return FORMATS[format].write(exported)


def _csv(exported: Exported) -> bytes:
    """UTF-8 with a header; unknown is empty, and figures have the digits they have."""
    writer = csv.writer(text := io.StringIO(), lineterminator="\r\n")
    writer.writerow(exported.columns)
    writer.writerows([_plain(value) for value in row] for row in exported.rows())
    return text.getvalue().encode()


def _plain(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        return f"'{value}" if value.startswith(FORMULA) else value
    return f"{value:f}" if isinstance(value, Decimal) else str(value)


FORMATS: Mapping[Format, Kind] = {
    "csv": Kind("text/csv; charset=utf-8; header=present", _csv),
    "json": Kind("application/json", lambda exported: exported.answer.to_json()),
    "xlsx": Kind("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", workbook),
}
