"""Files that came from elsewhere are looked through before anything reads them: they may be larger than they look."""

import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from tallymark.connectors.files import duck
from tallymark.connectors.files.source import Source, source
from tallymark.errors import ImportRefused
from tallymark.ingest import Batch, Table

LONGEST_LINE = 1 << 20
MOST_ROWS = 50_000_000
BLOCK = 1 << 20


def require_sound(path: Path, most_bytes: int) -> int:
    """How many bytes a file has once it is unpacked. Raises ImportRefused where that is more than may be, or cannot be.

    A text file whose lines never end, and a table of more rows than any shop has, are refused likewise.
    """
    file = source(path)
    if file.format == "excel":
        return _workbook(file, most_bytes)
    if file.format == "parquet":
        return _parquet(file)
    return _text(file, most_bytes)


def bounded(batch: Batch, most_bytes: int) -> Batch:
    """The same batch, which stops with ImportRefused where its records are more than may be: a small file can hold
    the same value a billion times.
    """
    return replace(batch, tables=[replace(table, chunks=_bounded(table, most_bytes)) for table in batch.tables])


def _bounded(table: Table, most_bytes: int) -> Iterator[bytes]:
    size = 0
    for chunk in table.chunks:
        size += len(chunk)
        if size > most_bytes:
            raise ImportRefused(
                [],
                message=f"{table.origin} gives more than {most_bytes >> 20} MB of {table.kind}.",
                hint="Send it in parts, or import it with the command line, which has no limit.",
            )
        yield chunk


def _text(file: Source, most_bytes: int) -> int:
    size, line = 0, 0
    try:
        with file.open() as opened:
            while block := opened.read(BLOCK):
                if size == 0 and block.startswith((b"PK\x03\x04", b"\x1f\x8b", b"PAR1")):
                    raise _refused(file, "is not text, whatever its ending says", "Give it the ending of what it is.")
                size += len(block)
                if size > most_bytes:
                    raise _too_large(file, most_bytes)
                ends = block.rfind(b"\n")
                line = line + len(block) if ends < 0 else len(block) - ends - 1
                # A list in JSON may well be one line.
                if line > LONGEST_LINE and file.format == "delimited":
                    raise _refused(file, "has a line of more than a megabyte", "Does it have line breaks at all?")
    except (OSError, EOFError, zlib.error):
        raise _refused(file, "cannot be unpacked", "Was it sent in whole? Pack it anew.") from None
    if size == 0:
        raise _refused(file, "is empty", "Was it saved before it was chosen?")
    return size


def _workbook(file: Source, most_bytes: int) -> int:
    try:
        with zipfile.ZipFile(file.path) as packed:
            size = sum(part.file_size for part in packed.infolist())
    except zipfile.BadZipFile:
        raise _refused(file, "is not an Excel file, whatever its ending says", "Save it as .xlsx, or as CSV.") from None
    if size > most_bytes:
        raise _too_large(file, most_bytes)
    return size


def _parquet(file: Source) -> int:
    with duck.opened([file], "UTC", "256MB") as engine:
        rows = duck.rows(engine, file)
    if rows > MOST_ROWS:
        raise _refused(file, f"has {rows:,} rows; {MOST_ROWS:,} is the most", "Send it in several parts.")
    return file.path.stat().st_size


def _too_large(file: Source, most_bytes: int) -> ImportRefused:
    return _refused(
        file,
        f"holds more than {most_bytes >> 20} MB once it is unpacked",
        "Send it in parts, or import it with the command line, which has no limit.",
    )


def _refused(file: Source, reason: str, hint: str) -> ImportRefused:
    return ImportRefused([], message=f"{file.origin} {reason}.", hint=hint)
