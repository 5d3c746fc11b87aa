"""Where in the files a record comes from that a query made of them: the file, and the line of it."""

from array import array
from collections.abc import Iterator, Sequence

from tallymark.connectors.files import delimited, documents
from tallymark.connectors.files.source import Source
from tallymark.errors import ImportRefused, Problem
from tallymark.ingest import Unreadable

COLUMN = "came_from"
"""What the views that a query reads have besides their own columns, if it asks for it: which row of which file."""
KINDS = {"DECIMAL": "a decimal number", "INT32": "a whole number", "INT64": "a whole number"}
"""What DuckDB's types are to a person."""
ROWS = 1 << 40
"""More than any file has."""


class Places:
    """Of each record of one query, noted as it is read: its file and the number of the row there."""

    def __init__(self, sources: Sequence[Source]) -> None:
        self._sources = sources
        self._noted = array("q")
        self._lines: dict[int, array[int]] = {}

    def note(self, place: int | None) -> None:
        self._noted.append(-1 if place is None else place)

    def of(self, record: int) -> tuple[str, int] | None:
        """The file and the line of a record, counted from 1; None where its query did not say."""
        noted = self._noted[record - 1]
        if noted < 0:
            return None
        file, row = divmod(noted, ROWS)
        if file not in self._lines:
            self._lines[file] = array("q", _lines(self._sources[file]))
        lines = self._lines[file]
        return self._sources[file].origin, lines[row - 1] if row <= len(lines) else row


def refusal(sources: Sequence[Source], value: str | None, kind: str) -> ImportRefused | None:
    """What a query could not read of these files: rows that are none, or a value that is not of its kind."""
    unreadable = Unreadable()
    for source in sources:
        if source.format != "delimited":
            continue
        _, names = delimited.header(source)
        for line, row in delimited.rows(source, unreadable):
            if value is not None and value in row:
                reason = f"{value!r} is not {KINDS.get(kind, kind)}"
                return ImportRefused([Problem(source.origin, line, names[row.index(value)], reason)])
    return ImportRefused(unreadable.first, unreadable.total) if unreadable.total else None


def _lines(source: Source) -> Iterator[int]:
    """The line on which each row begins; of what has no lines, nothing."""
    if source.format == "delimited":
        return (line for line, _ in delimited.rows(source, Unreadable()))
    if source.format == "documents":
        return documents.lines(source)
    return iter(())
