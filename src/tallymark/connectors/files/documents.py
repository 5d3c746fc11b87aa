"""JSON in our own columns: a list of objects, or one object a line. Numbers keep the digits they are written with."""

import csv
import io
import json
from collections.abc import Iterator

from tallymark.connectors.files.source import Source
from tallymark.errors import ImportRefused, Problem
from tallymark.ingest import Table, Unreadable

CHUNK = 1 << 18
LARGEST_RECORD = 1 << 24
_DECODER = json.JSONDecoder(parse_float=str, parse_int=str, parse_constant=str)


def table(source: Source) -> Table:
    """The file as records of the kind it is named after; it is read twice, first for the names of its columns."""
    names: dict[str, None] = {}
    for _, record in _records(source, Unreadable()):
        names.update(dict.fromkeys(record))
    if not names:
        raise ImportRefused([Problem(source.origin, 1, None, "there is no record")])
    unreadable = Unreadable()
    return Table(source.name, source.origin, tuple(names), _chunks(source, tuple(names), unreadable), unreadable)


def _chunks(source: Source, names: tuple[str, ...], unreadable: Unreadable) -> Iterator[bytes]:
    writer = csv.writer(buffer := io.StringIO(), lineterminator="\r\n")
    for line, record in _records(source, unreadable):
        nested = [name for name, value in record.items() if isinstance(value, dict | list)]
        if nested:
            unreadable.add(Problem(source.origin, line, nested[0], "is a list or an object, not a value"))
        else:
            writer.writerow((line, *(_text(record.get(name)) for name in names)))
        if buffer.tell() >= CHUNK:
            yield buffer.getvalue().encode()
            buffer.seek(0)
            buffer.truncate()
    yield buffer.getvalue().encode()


def _text(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else str(value)


def _records(source: Source, unreadable: Unreadable) -> Iterator[tuple[int, dict[str, object]]]:
    """Each object with its line in the file, or its place in the list."""
    with source.open_text() as text:
        start = text.read(1)
        while start.isspace():
            start = text.read(1)
        found = _list_items(text) if start == "[" else _lines(source)
        for line, written in found:
            problem = "is not a JSON object"
            try:
                if not written.isascii():
                    written.encode()
                record = _DECODER.decode(written)
                if isinstance(record, dict) and "\\u0000" not in written:
                    yield line, record
                    continue
            except UnicodeEncodeError:
                problem = "is not UTF-8; save the file with that encoding"
            except json.JSONDecodeError as broken:
                problem = f"is not JSON: {broken.msg}"
            unreadable.add(Problem(source.origin, line, None, problem))


def _lines(source: Source) -> Iterator[tuple[int, str]]:
    with source.open_text() as text:
        for number, line in enumerate(text, start=1):
            if line.strip():
                yield number, line


def _list_items(text: io.TextIOWrapper) -> Iterator[tuple[int, str]]:
    """The items of a list whose `[` has been read, cut at their ends, without holding more than one and a bit."""
    number, rest = 0, ""
    scanner = json.JSONDecoder()
    while True:
        rest = rest.lstrip(" \t\r\n,")
        try:
            if rest.startswith("]"):
                return
            _, end = scanner.raw_decode(rest)
        except ValueError:
            more = text.read(CHUNK) if len(rest) < LARGEST_RECORD else ""
            if not more:
                # The end, or nothing that ever becomes a record.
                if rest:
                    yield number + 1, rest[:CHUNK]
                return
            rest += more
            continue
        number += 1
        yield number, rest[:end]
        rest = rest[end:]
