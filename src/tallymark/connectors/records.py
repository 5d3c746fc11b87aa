"""Records that are already at hand become a batch: what an interface or an event brought."""

import csv
import io
from collections.abc import Iterator, Mapping, Sequence

from tallymark.ingest import Batch, Table

CHUNK = 1 << 18


def as_batch(platform: str, records: Mapping[str, Sequence[Mapping[str, object]]], origin: str) -> Batch:
    """Canonical records by kind; a record's line is its number, from 1. Decimals keep their digits.

    A column that one record of a kind names is one that all of them have: left out, it is empty.
    """
    return Batch(platform, [_table(kind, f"{origin}, {kind}", rows) for kind, rows in records.items() if rows])


def _table(kind: str, origin: str, rows: Sequence[Mapping[str, object]]) -> Table:
    columns = tuple(dict.fromkeys(name for row in rows for name in row))
    return Table(kind, origin, columns, _chunks(rows, columns))


def _chunks(rows: Sequence[Mapping[str, object]], columns: Sequence[str]) -> Iterator[bytes]:
    writer = csv.writer(buffer := io.StringIO(), lineterminator="\r\n")
    for number, row in enumerate(rows, start=1):
        writer.writerow((number, *(_text(row.get(name)) for name in columns)))
        if buffer.tell() >= CHUNK:
            yield buffer.getvalue().encode()
            buffer.seek(0)
            buffer.truncate()
    yield buffer.getvalue().encode()


def _text(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    # A character that PostgreSQL cannot hold would end the whole load; in its place stands the sign for such.
    return "" if value is None else str(value).replace("\0", "�").encode(errors="replace").decode()
