"""CSV in our own columns. Read by Python rather than DuckDB, for it knows on which line of the file a row begins."""

import csv
import io
from collections.abc import Iterator

from tallymark.connectors.files.source import Source
from tallymark.connectors.written import written
from tallymark.errors import ImportRefused, Problem
from tallymark.ingest import Table, Unreadable

DELIMITERS = ",;\t|"
NOT_UTF8 = "is not UTF-8; save the file with that encoding"


def header(source: Source) -> tuple[str, list[str]]:
    """The delimiter and the column names, from the first line; raises ImportRefused when there is none to read."""
    with source.open_text() as text:
        first = text.readline()
        if not first.strip():
            raise _refused(source, "there is no line of column names")
        delimiter = max(DELIMITERS, key=first.count)
        text.seek(0)
        try:
            names = next(csv.reader(text, delimiter=delimiter))
        except csv.Error as broken:
            raise _refused(source, f"cannot be read: {broken}") from None
    if "\0" in first or not encodable("".join(names)):
        raise _refused(source, NOT_UTF8)
    return delimiter, [name.strip() for name in names]


def encodable(text: str) -> bool:
    """Whether UTF-8 can hold it, as the database needs."""
    return text.isascii() or text == text.encode(errors="replace").decode()


def _refused(source: Source, reason: str) -> ImportRefused:
    return ImportRefused([Problem(source.origin, 1, None, reason)])


def table(source: Source) -> Table:
    """The file as records of the kind it is named after."""
    delimiter, names = header(source)
    unreadable = Unreadable()
    chunks = _chunks(source, delimiter, len(names), unreadable)
    return Table(source.name, source.origin, tuple(names), chunks, unreadable)


def rows(source: Source, unreadable: Unreadable) -> Iterator[tuple[int, list[str]]]:
    """Each row that can be read, with the line on which it begins."""
    delimiter, names = header(source)
    return _rows(source, delimiter, len(names), unreadable)


def _chunks(source: Source, delimiter: str, width: int, unreadable: Unreadable) -> Iterator[bytes]:
    for text in written((line, *row) for line, row in _rows(source, delimiter, width, unreadable)):
        yield _encoded(text, source, unreadable)


def _rows(source: Source, delimiter: str, width: int, unreadable: Unreadable) -> Iterator[tuple[int, list[str]]]:
    with source.open_text() as text:
        reader = csv.reader(text, delimiter=delimiter, strict=True)
        next(reader)
        while True:
            line = reader.line_num + 1
            try:
                for row in reader:
                    if len(row) == width:
                        yield line, row
                    elif row:
                        reason = f"has {len(row)} values where the header has {width} columns"
                        unreadable.add(Problem(source.origin, line, None, reason))
                    line = reader.line_num + 1
                return
            except csv.Error as broken:
                unreadable.add(Problem(source.origin, line, None, f"cannot be read: {broken}"))


def _encoded(text: str, source: Source, unreadable: Unreadable) -> bytes:
    if "\0" not in text:
        try:
            return text.encode()
        except UnicodeEncodeError:
            pass
    return _without_broken_rows(text, source, unreadable)


def _without_broken_rows(text: str, source: Source, unreadable: Unreadable) -> bytes:
    kept = []
    for row in csv.reader(io.StringIO(text, newline="")):
        values = "".join(row)
        if "\0" in values:
            unreadable.add(Problem(source.origin, int(row[0]), None, "holds a NUL character"))
        elif not encodable(values):
            unreadable.add(Problem(source.origin, int(row[0]), None, NOT_UTF8))
        else:
            kept.append(row)
    return "".join(written(kept)).encode()
