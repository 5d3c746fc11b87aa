"""Rows as the CSV that a table is made of."""

import csv
import io
from collections.abc import Iterable, Iterator

CHUNK = 1 << 18


def written(rows: Iterable[Iterable[object]]) -> Iterator[str]:
    """The rows, each with the number of its line first, in pieces of some hundred kilobytes that end with a row."""
    # With this ending the writer quotes values that hold either of its characters.
    writer = csv.writer(buffer := io.StringIO(), lineterminator="\r\n")
    for row in rows:
        writer.writerow(row)
        if buffer.tell() >= CHUNK:
            yield buffer.getvalue()
            buffer.seek(0)
            buffer.truncate()
    yield buffer.getvalue()


def as_text(value: object) -> str:
    """A value of JSON as it is written; null is empty."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else str(value)
