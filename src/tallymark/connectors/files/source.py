"""A file on disk: what it is called, and how it is read."""

import gzip
import io
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, cast

from tallymark.errors import ImportRefused

FORMATS = {
    "csv": "delimited",
    "tsv": "delimited",
    "txt": "delimited",
    "json": "documents",
    "ndjson": "documents",
    "jsonl": "documents",
    "parquet": "parquet",
    "xlsx": "excel",
}


@dataclass(frozen=True, slots=True)
class Source:
    """One file to import. `name` is its file name up to the first dot: the kind, or the view in a mapping."""

    path: Path
    name: str
    format: str

    @property
    def origin(self) -> str:
        return self.path.name

    def open(self) -> BinaryIO:
        """The bytes of the file, unpacked."""
        if self.path.suffix.lower() == ".gz":
            return cast(BinaryIO, gzip.open(self.path))
        return self.path.open("rb")

    def open_text(self) -> io.TextIOWrapper:
        """Its text. Bytes that are not UTF-8 come through as lone surrogates, so that each can be told of."""
        return io.TextIOWrapper(self.open(), "utf-8-sig", "surrogateescape", newline="")


def source(path: Path) -> Source:
    """What is at `path`; raises ImportRefused when there is nothing, or nothing that we can read."""
    if not path.is_file():
        raise ImportRefused([], message=f"{path}: there is no such file.")
    _, *extensions = path.name.lower().split(".")
    packed = extensions[-1:] == ["gz"]
    extension = (extensions[:-1] if packed else extensions)[-1:]
    format = FORMATS.get("".join(extension))
    if format is None or (packed and format not in ("delimited", "documents")):
        raise ImportRefused(
            [],
            message=f"{path.name}: this is not a kind of file that can be imported.",
            hint=f"Known endings: {', '.join(f'.{known}' for known in FORMATS)}; the text ones may be .gz.",
        )
    return Source(path.resolve(), path.name.split(".")[0], format)
