"""JSON in our own columns: a list of objects, or one object a line. Numbers keep the digits they are written with."""

import io
import json
import re
from collections.abc import Iterator

from tallymark.connectors.files.delimited import NOT_UTF8, encodable
from tallymark.connectors.files.source import Source
from tallymark.connectors.written import as_text, written
from tallymark.errors import ImportRefused, Problem
from tallymark.ingest import Table, Unreadable

CHUNK = 1 << 18
LARGEST_RECORD = 1 << 24
_DECODER = json.JSONDecoder(parse_float=str, parse_int=str, parse_constant=str)
_SURROGATE = re.compile(r"\\ud[89a-f]", re.IGNORECASE)


class _Broken(Exception):
    pass


def table(source: Source) -> Table:
    """The file as records of the kind it is named after; it is read twice, first for the names of its columns."""
    names: dict[str, None] = {}
    broken = Unreadable()
    for _, record in _records(source, broken):
        names.update(dict.fromkeys(record))
    if not names:
        nothing = Problem(source.origin, 1, None, "there is no record")
        raise ImportRefused(broken.first or [nothing], max(1, broken.total))
    unreadable = Unreadable()
    return Table(source.name, source.origin, tuple(names), _chunks(source, tuple(names), unreadable), unreadable)


def lines(source: Source) -> Iterator[int]:
    """The line on which each object stands, or its place in the list."""
    return (line for line, _ in _records(source, Unreadable()))


def _chunks(source: Source, names: tuple[str, ...], unreadable: Unreadable) -> Iterator[bytes]:
    for text in written(_rows(source, names, unreadable)):
        yield text.encode()


def _rows(source: Source, names: tuple[str, ...], unreadable: Unreadable) -> Iterator[tuple[object, ...]]:
    for line, record in _records(source, unreadable):
        nested = [name for name, value in record.items() if isinstance(value, dict | list)]
        if nested:
            unreadable.add(Problem(source.origin, line, nested[0], "is a list or an object, not a value"))
        else:
            yield line, *(as_text(record.get(name)) for name in names)


def _records(source: Source, unreadable: Unreadable) -> Iterator[tuple[int, dict[str, object]]]:
    """Each object with its line in the file, or its place in the list."""
    with source.open_text() as text:
        start = text.read(1)
        while start.isspace():
            start = text.read(1)
        found = _list_items(text) if start == "[" else _lines(source)
        for line, item in found:
            try:
                record = _record(item)
            except _Broken as broken:
                unreadable.add(Problem(source.origin, line, None, str(broken)))
            else:
                yield line, record


def _record(text: str) -> dict[str, object]:
    """Raises _Broken, which says why it cannot be taken."""
    if not encodable(text):
        raise _Broken(NOT_UTF8)
    try:
        record = _DECODER.decode(text)
    except json.JSONDecodeError as wrong:
        raise _Broken(f"is not JSON: {wrong.msg}") from None
    except RecursionError:
        raise _Broken("holds lists or objects in each other without end") from None
    if not isinstance(record, dict):
        raise _Broken("is not a JSON object")
    if "\\u0000" in text:
        raise _Broken("holds a NUL character")
    if _SURROGATE.search(text) and not encodable(json.dumps(record, ensure_ascii=False)):
        raise _Broken("holds half a character: \\ud800 to \\udfff stand in pairs")
    return record


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
        except RecursionError:
            yield number + 1, rest
            return
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
