"""Records that are already at hand become a batch: what an interface or an event brought."""

from collections.abc import Iterator, Mapping, Sequence

from tallymark.connectors.written import as_text, written
from tallymark.ingest import Batch, Table


def as_batch(platform: str, records: Mapping[str, Sequence[Mapping[str, object]]], origin: str) -> Batch:
    """Canonical records by kind; a record's line is its number, from 1. Decimals keep their digits.

    A column that one record of a kind names is one that all of them have: left out, it is empty.
    """
    return Batch(platform, [_table(kind, f"{origin}, {kind}", rows) for kind, rows in records.items() if rows])


def _table(kind: str, origin: str, rows: Sequence[Mapping[str, object]]) -> Table:
    columns = tuple(dict.fromkeys(name for row in rows for name in row))
    return Table(kind, origin, columns, _chunks(rows, columns))


def _chunks(rows: Sequence[Mapping[str, object]], columns: Sequence[str]) -> Iterator[bytes]:
    for text in written((number, *(as_text(row.get(name)) for name in columns)) for number, row in enumerate(rows, 1)):
        # A character that PostgreSQL cannot hold would end the whole load; in its place stands the sign for such.
        yield text.replace("\0", "�").encode(errors="replace")
