"""Records by choosing columns: which kind a file's rows are, and where each of its columns comes from.

What somebody chooses in a browser is data and never SQL: a column of the file, the same text for every row, or a number
within the order; and how the file writes days and amounts. A value that does not look as it was said to stays as it is,
so that the import tells in which row it stands.
"""

import csv
import io
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from tallymark.connectors.written import written
from tallymark.errors import BadQuestion, ImportRefused, Problem
from tallymark.ingest import KINDS, Column, Kind, Table, Type

ONCE = ("categories", "products", "customers", "sales_reps", "orders")
"""Where a file holds several kinds, it repeats records of these on many rows: the first that names one counts."""
NUMBERED = "line_id"
"""The column that may be numbered: what has none in the file is told apart by its place within its order."""

Dates = Literal["iso", "day-first", "month-first"]
Numbers = Literal["point", "comma"]

_DAY = re.compile(
    r"(\d{1,2})[./-](\d{1,2})[./-](\d{4})(?:,?[ T]+(\d{1,2}):(\d{2})(?::(\d{2})(?:\.\d+)?)?(?: ?([AaPp])\.?[Mm]\.?)?)?"
)
_AMOUNT = {
    "point": re.compile(r"([-+]?)(\d{1,3}(?:[,' ]\d{3})+|\d+)?(?:\.(\d*))?"),
    "comma": re.compile(r"([-+]?)(\d{1,3}(?:[.' ]\d{3})+|\d+)?(?:,(\d*))?"),
}
_SIGNS = re.compile(r"[\u00a0\u2009\u202f]")
_CURRENCY = re.compile(r"^(?:[A-Z]{3} ?|[$€£¥₹] ?)|(?: ?[A-Z]{3}| ?[$€£¥₹])$")


@dataclass(frozen=True, slots=True)
class Filled:
    """Where the values of a column come from: a column of the file, a constant, or else a number within the order."""

    column: str | None = None
    constant: str | None = None


@dataclass(frozen=True, slots=True)
class Choice:
    """The rows of a file as records of a kind; `columns` are ours, each with where it comes from."""

    path: Path
    kind: str
    columns: Mapping[str, Filled]
    dates: Dates = "iso"
    numbers: Numbers = "point"


def chosen_table(choice: Choice, file: Table, *, of_several: bool) -> Table:
    """A file's rows as records. `of_several`: its rows are records of other kinds as well.

    Raises BadQuestion for what cannot be chosen, ImportRefused for a column that the file does not have.
    """
    kind = _kind(choice)
    named = {one.column for one in choice.columns.values() if one.column is not None}
    if missing := sorted(named - {*file.columns}):
        raise ImportRefused([Problem(file.origin, 1, name, "is not a column of the file") for name in missing])
    values = [_filling(kind[name], filled, choice, file.columns) for name, filled in choice.columns.items()]
    rows = _rows(file, values)
    names = tuple(choice.columns)
    if NUMBERED in names and choice.columns[NUMBERED] == Filled():
        rows = _numbered(rows, names.index(kind.key[0]), names.index(NUMBERED))
    if of_several and kind.name in ONCE:
        rows = _once(rows, names.index(kind.key[0]), skipping=kind.name != "orders")
    chunks = (text.encode() for text in written((line, *row) for line, row in rows))
    return Table(kind.name, file.origin, names, chunks, file.unreadable)


def as_iso(text: str, *, month_first: bool) -> str:
    """`31/05/2024 6:30 pm` as `2024-05-31T18:30:00`; what is no such day stays as it is."""
    found = _DAY.fullmatch(text.strip())
    if found is None:
        return text
    first, second, year, hour, minute, rest, half = found.groups()
    month, day = (first, second) if month_first else (second, first)
    if not (1 <= int(month) <= 12 and 1 <= int(day) <= 31):
        return text
    written = f"{year}-{int(month):02}-{int(day):02}"
    if hour is None:
        return written
    hours = int(hour)
    if half:
        if not 1 <= hours <= 12:
            return text
        hours = hours % 12 + (12 if half in "pP" else 0)
    return f"{written}T{hours:02}:{minute}:{rest or '00'}"


def as_number(text: str, numbers: Numbers) -> str:
    """`€ 1.234,50` as `1234.50`; what is no such amount stays as it is."""
    plain = _SIGNS.sub(" ", text).strip()
    negative = plain.startswith("(") and plain.endswith(")")
    plain = _CURRENCY.sub("", plain[1:-1] if negative else plain).strip()
    found = _AMOUNT[numbers].fullmatch(plain)
    if found is None or not (found[2] or found[3]):
        return text
    whole = re.sub(r"\D", "", found[2] or "0")
    fraction = f".{found[3]}" if found[3] else ""
    return f"{'-' if negative or found[1] == '-' else ''}{whole}{fraction}"


Value = Callable[[Sequence[str]], str]


def _kind(choice: Choice) -> Kind:
    if choice.kind not in KINDS:
        raise BadQuestion(f"There is no kind of record called {choice.kind!r}.", hint=f"There are {', '.join(KINDS)}.")
    kind = KINDS[choice.kind]
    unknown = [name for name in choice.columns if name not in kind.column_names]
    if unknown:
        raise BadQuestion(
            f"{unknown[0]!r} is not a column of {kind.name}.", hint=f"There are {', '.join(kind.column_names)}."
        )
    absent = [name for name in kind.required if name not in choice.columns]
    if absent:
        raise ImportRefused(
            [],
            message=f"{choice.path.name}: {', '.join(absent)} of {kind.name} is not chosen yet.",
            hint="Say which column of the file it is, or the same text for all rows.",
        )
    if any(filled == Filled() and name != NUMBERED for name, filled in choice.columns.items()):
        raise BadQuestion(f"Only {NUMBERED} can be numbered.")
    return kind


def _filling(column: Column, filled: Filled, choice: Choice, names: Sequence[str]) -> Value:
    if filled.column is None:
        constant = filled.constant or ""
        return lambda row: constant
    place = names.index(filled.column)
    if column.type in (Type.INSTANT, Type.DAY) and choice.dates != "iso":
        month_first = choice.dates == "month-first"
        return lambda row: as_iso(row[place], month_first=month_first)
    if column.type in (Type.MONEY, Type.COUNT, Type.RATE):
        numbers = choice.numbers
        return lambda row: as_number(row[place], numbers)
    return lambda row: row[place]


Row = tuple[str, list[str]]


def _rows(file: Table, values: Sequence[Value]) -> Iterator[Row]:
    for line, *row in parsed(file):
        yield line, [value(row) for value in values]


def parsed(file: Table) -> Iterator[list[str]]:
    """The rows of a file, each with its line before it: what reads files gives whole rows in each chunk."""
    line = 0
    for chunk in file.chunks:
        try:
            for row in csv.reader(io.StringIO(chunk.decode(), newline="")):
                line = int(row[0])
                yield row
        except csv.Error as broken:
            raise ImportRefused([Problem(file.origin, line + 1, None, f"cannot be read: {broken}")]) from None


def _numbered(rows: Iterator[Row], of: int, at: int) -> Iterator[Row]:
    counted = Counter[str]()
    for line, row in rows:
        counted[row[of]] += 1
        row[at] = str(counted[row[of]])
        yield line, row


def _once(rows: Iterator[Row], key: int, *, skipping: bool) -> Iterator[Row]:
    seen = set[str]()
    for line, row in rows:
        if row[key] not in seen and not (skipping and not row[key]):
            if row[key]:
                seen.add(row[key])
            yield line, row
