"""CSV in our own columns. Read by Python rather than DuckDB, for it knows on which line of the file a row begins."""

import csv
import io
from collections.abc import Iterator

from tallymark.connectors.files.source import Source
from tallymark.errors import ImportRefused, Problem
from tallymark.ingest import Table, Unreadable

DELIMITERS = ",;\t|"
CHUNK = 1 << 18


def header(source: Source) -> tuple[str, list[str]]:
    """The delimiter and the column names, from the first line; raises ImportRefused when there is none."""
    with source.open_text() as text:
        first = text.readline()
        if not first.strip():
            raise ImportRefused([Problem(source.origin, 1, None, "there is no line of column names")])
        delimiter = max(DELIMITERS, key=first.count)
        text.seek(0)
        names = next(csv.reader(text, delimiter=delimiter))
    return delimiter, [name.strip() for name in names]


def table(source: Source) -> Table:
    """The file as records of the kind it is named after."""
    delimiter, names = header(source)
    unreadable = Unreadable()
    chunks = _chunks(source, delimiter, len(names), unreadable)
    return Table(source.name, source.origin, tuple(names), chunks, unreadable)


def _chunks(source: Source, delimiter: str, width: int, unreadable: Unreadable) -> Iterator[bytes]:
    # With this ending the writer quotes values that hold either of its characters.
    writer = csv.writer(buffer := io.StringIO(), lineterminator="\r\n")
    for line, row in _rows(source, delimiter, width, unreadable):
        writer.writerow((line, *row))
        if buffer.tell() >= CHUNK:
            yield _encoded(buffer, source, unreadable)
    yield _encoded(buffer, source, unreadable)


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


def _encoded(buffer: io.StringIO, source: Source, unreadable: Unreadable) -> bytes:
    text = buffer.getvalue()
    buffer.seek(0)
    buffer.truncate()
    if "\0" not in text:
        try:
            return text.encode()
        except UnicodeEncodeError:
            pass
    return _without_broken_rows(text, source, unreadable)


def _without_broken_rows(text: str, source: Source, unreadable: Unreadable) -> bytes:
    writer = csv.writer(kept := io.StringIO(), lineterminator="\r\n")
    for line, *row in csv.reader(io.StringIO(text, newline="")):
        values = "".join(row)
        if "\0" in values:
            unreadable.add(Problem(source.origin, int(line), None, "holds a NUL character"))
        elif not values.isascii() and values != values.encode(errors="replace").decode():
            reason = "is not UTF-8; save the file with that encoding"
            unreadable.add(Problem(source.origin, int(line), None, reason))
        else:
            writer.writerow((line, *row))
    return kept.getvalue().encode()
