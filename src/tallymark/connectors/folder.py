"""A folder of files that grows: the simplest source there is, and the example for others.

Files in our own columns, named after their kind as everywhere (`orders.csv`, `orders.2024-05-01.csv.gz`), or exports
that a preset knows. Files of one folder whose names agree from the first dot to the ending (`orders.2024-05-01.csv`,
`order_items.2024-05-01.parquet`) belong together: they go in together or not at all. A file is new when its content is
new; when only its time is another, nothing is read twice.
"""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import file_digest, sha256
from pathlib import Path
from typing import Any, ClassVar

from tallymark.connectors.connector import Page, Source, Trouble
from tallymark.connectors.files import FORMATS, PRESETS, read
from tallymark.errors import BadQuestion, ImportRefused, SourceFailed
from tallymark.ingest import KINDS, Batch

UNFINISHED = (".part", ".partial", ".tmp", ".crdownload")


@dataclass(frozen=True, slots=True)
class File:
    """A file as it stands: `name` is its path within the folder."""

    name: str
    path: Path
    size: int
    mtime: int

    @property
    def kind(self) -> str:
        return self.path.name.split(".")[0]

    @property
    def belongs(self) -> tuple[str, str]:
        """What the files of one set share: their folder, and their name without kind and ending."""
        _, *parts = self.path.name.lower().removesuffix(".gz").split(".")
        return str(Path(self.name).parent), ".".join(parts[:-1])

    def known(self, done: Mapping[str, Any]) -> bool:
        seen = done.get(self.name, {})
        return (seen.get("size"), seen.get("mtime")) == (self.size, self.mtime)

    def seen(self) -> dict[str, Any]:
        """What is remembered of it."""
        with self.path.open("rb") as opened:
            return {"size": self.size, "mtime": self.mtime, "sha256": file_digest(opened, "sha256").hexdigest()}


class Folder:
    """Settings: `path`, and perhaps `preset`. It needs no secrets."""

    kind: ClassVar[str] = "folder"

    def check(self, source: Source) -> str:
        files = [file for file in self._files(source) if source.settings.get("preset") or file.kind in KINDS]
        size = sum(file.size for file in files)
        return f"{len(files)} files of {size:,} bytes in {_root(source)}"

    def mark(self, source: Source) -> str | None:
        stand = [(file.name, file.size, file.mtime) for file in self._files(source)]
        return sha256(repr(stand).encode()).hexdigest()

    def pages(self, source: Source, done: Mapping[str, Any]) -> Iterator[Page | Trouble]:
        sets: dict[tuple[str, str], list[File]] = {}
        preset = source.settings.get("preset")
        for file in self._files(source):
            if not preset and file.kind not in KINDS:
                if not file.known(done):
                    yield Trouble(file.name, f"there is no kind of record called {file.kind}")
            elif not file.known(done):
                sets.setdefault((file.name, "") if preset else file.belongs, []).append(file)
        for files in sets.values():
            try:
                seen = {file.name: file.seen() for file in files}
            except OSError as gone:
                yield Trouble(_names(files), f"cannot be read: {gone.strerror}")
                continue
            new = [file for file in files if done.get(file.name, {}).get("sha256") != seen[file.name]["sha256"]]
            yield Page(_names(files), lambda new=new: _opened(source, new), seen)  # type: ignore[misc]

    def _files(self, source: Source) -> list[File]:
        """Every file that may hold records, by name; what is hidden, unfinished or not a format of ours is not."""
        root, found = _root(source), []
        for folder, folders, names in os.walk(root, onerror=_unreadable):
            folders[:] = sorted(name for name in folders if not name.startswith("."))
            for name in names:
                ending = name.lower().removesuffix(".gz").rpartition(".")[2]
                if name.startswith((".", "~")) or name.lower().endswith(UNFINISHED) or ending not in FORMATS:
                    continue
                path = Path(folder, name)
                # A link that leads out of the folder leads to what nobody has connected.
                if path.is_file() and path.resolve().is_relative_to(root):
                    try:
                        stat = path.stat()
                    except FileNotFoundError:
                        continue  # Taken away meanwhile.
                    found.append(File(path.relative_to(root).as_posix(), path, stat.st_size, stat.st_mtime_ns))
        return sorted(found, key=lambda file: file.name)


def folder_settings(path: Path, preset: str | None = None) -> dict[str, str]:
    """The settings of a connected folder. Raises BadQuestion for a preset or a folder that is not there."""
    if preset is not None and preset not in PRESETS:
        raise BadQuestion(f"There is no preset {preset!r}.", hint=f"The presets are {', '.join(PRESETS)}.")
    if not path.is_dir():
        raise BadQuestion(f"{path}: there is no such folder.")
    settings = {"path": str(path.resolve())}
    return settings | ({"preset": preset} if preset else {})


@contextmanager
def _opened(source: Source, files: list[File]) -> Iterator[Batch]:
    """The files' records, and an error where a file was written to meanwhile: half of it may have been read."""
    if not files:
        yield Batch(source.platform, [])
        return
    paths, preset = [file.path for file in files], source.settings.get("preset")
    with read(paths, source.tenant, platform=source.platform, preset=preset) as batch:
        yield batch
    for file in files:
        stat = file.path.stat()
        if (stat.st_size, stat.st_mtime_ns) != (file.size, file.mtime):
            raise ImportRefused([], message=f"{file.name} was written to while it was read; the next sync takes it.")


def _root(source: Source) -> Path:
    root = Path(source.settings["path"])
    if not root.is_dir():
        raise SourceFailed(
            f"{root}: there is no such folder.", hint="Is its disk mounted? If it moved, connect it anew."
        )
    return root.resolve()


def _unreadable(failed: OSError) -> None:
    raise SourceFailed(f"{failed.filename} cannot be read: {failed.strerror}.", hint="Give the server access to it.")


def _names(files: list[File]) -> str:
    return ", ".join(file.name for file in files)
