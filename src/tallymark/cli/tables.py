"""Figures as a person reads them: columns side by side, digits as they are."""

import re
import sys
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal

from rich.console import Console
from rich.table import Table
from rich.text import Text

# Where nobody looks, nothing is folded or cut: a file and a pipe are as wide as it takes.
WIDE = 1000
UNKNOWN = "–"


def show(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """A table on standard output; numbers are set to the right."""
    rows = list(rows)
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold", show_header=any(columns))
    for index, name in enumerate(columns):
        numeric = any(_is_number(row[index]) for row in rows)
        table.add_column(name, justify="right" if numeric else "left", overflow="fold")
    for row in rows:
        table.add_row(*(Text(text(value)) for value in row))
    Console(file=sys.stdout, width=None if sys.stdout.isatty() else WIDE, highlight=False).print(table)


def show_data(data: object) -> None:
    """An answer's data: an object as names and figures, rows as a table."""
    if isinstance(data, Mapping):
        show(("", ""), flat(data))
        return
    assert isinstance(data, Sequence)
    flats = [dict(flat(row)) for row in data]
    names = list(dict.fromkeys(name for row in flats for name in row))
    show(names, [[row.get(name) for name in names] for row in flats])


def flat(data: Mapping[str, object], before: str = "") -> list[tuple[str, object]]:
    """Names in words with their figures; a group's names follow the group's."""
    pairs: list[tuple[str, object]] = []
    for name, value in data.items():
        words = f"{before}{_words(name)}"
        if isinstance(value, Mapping):
            pairs += flat(value, f"{words}: ")
        else:
            pairs.append((words, value))
    return pairs


def text(value: object) -> str:
    """One value; a number keeps its digits."""
    if value is None:
        return UNKNOWN
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, datetime):
        return value.isoformat(sep=" ", timespec="minutes")
    return f"{value:,}" if _is_number(value) else str(value)


def ago(seconds: float) -> str:
    """A length of time in its largest unit: 90 is "1 minute"."""
    for unit, length in (("day", 86_400), ("hour", 3_600), ("minute", 60)):
        count = int(seconds // length)
        if count:
            return f"{count} {unit}{'s' if count > 1 else ''}"
    return f"{max(0, round(seconds))} s"


def _is_number(value: object) -> bool:
    return isinstance(value, int | float | Decimal) and not isinstance(value, bool)


def _words(name: str) -> str:
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", name).lower()
