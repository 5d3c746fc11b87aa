"""One month of lines in a Parquet file: written so that a power cut leaves all or nothing, read with its checksum."""

import csv
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from hashlib import sha256
from pathlib import Path

import duckdb

from tallymark.db.queries import load
from tallymark.errors import ArchiveUnreadable

SQL = load("tallymark.archive", "file.sql")
ROWS = 10_000
NULL = "\\N"
CONFIG: Mapping[str, str | bool | int | float | list[str]] = {"memory_limit": "256MB", "threads": 1}

Row = Sequence[str | None]


class Digest:
    """A checksum of rows, in their order."""

    def __init__(self) -> None:
        self._sum = sha256()
        self.rows = 0

    def add(self, row: Row) -> None:
        self._sum.update(repr(tuple(row)).encode())
        self.rows += 1

    @property
    def told(self) -> str:
        return self._sum.hexdigest()


def write(path: Path, columns: Sequence[str], rows: Iterable[Row]) -> Digest:
    """Writes the rows, all text; returns their checksum. Raises ArchiveUnreadable unless they read back the same."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    text, draft = path.with_suffix(".csv.part"), path.with_suffix(".part")
    digest = Digest()
    try:
        with text.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, quoting=csv.QUOTE_ALL)
            for row in rows:
                digest.add(row)
                writer.writerow([NULL if value is None else f"={value}" for value in row])
        types = ", ".join(f"'{name}': 'VARCHAR'" for name in columns)
        with duckdb.connect(config=dict(CONFIG)) as duck:
            values = ", ".join(f"CASE WHEN {name} <> '{NULL}' THEN substr({name}, 2) END AS {name}" for name in columns)
            source, target = _literal(text), _literal(draft)
            duck.execute(SQL.write.format(values=values, source=source, types=types, target=target))
        if _digest(draft).told != digest.told:
            raise ArchiveUnreadable(f"{draft}: the file does not read back as it was written.")
        _flush(draft)
        draft.replace(path)
        for folder in (path.parent, path.parent.parent):  # Either may be new.
            _flush(folder)
    finally:
        text.unlink(missing_ok=True)
        draft.unlink(missing_ok=True)
    return digest


def read(path: Path) -> Iterator[tuple[str | None, ...]]:
    """The rows as they were written. Raises ArchiveUnreadable."""
    if not path.is_file():
        raise ArchiveUnreadable(f"{path}: the archived order lines are not there.")
    try:
        with duckdb.connect(config=dict(CONFIG)) as duck:
            result = duck.execute(SQL.read.format(source=_literal(path)))
            while rows := result.fetchmany(ROWS):
                yield from rows
    except duckdb.Error as broken:
        raise ArchiveUnreadable(f"{path}: the archived order lines cannot be read: {broken}") from broken


def _digest(path: Path) -> Digest:
    digest = Digest()
    for row in read(path):
        digest.add(row)
    return digest


def _flush(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _literal(path: Path) -> str:
    quoted = str(path).replace("'", "''")
    return f"'{quoted}'"
