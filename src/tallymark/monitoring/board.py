"""Where the processes of one server write down what they have measured, so that any of them can tell for all.

Each has a file of its own in a folder that the server makes for the time it runs. Whoever tells first writes down its
own: so no total that was told is ever followed by a smaller one. What a process has counted stays when it is no more.
"""

import json
import os
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import psutil


class Board:
    """The folder, seen from this process."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._mine = folder / f"{os.getpid()}.{_born(os.getpid()) or 0}.json"

    def write(self, content: Mapping[str, Any]) -> None:
        """Puts what this process tells in the place of what it told before."""
        draft = self._mine.with_suffix(".new")
        with suppress(FileNotFoundError):  # The server has ended, and taken the folder along.
            draft.write_text(json.dumps(content), "utf-8")
            draft.replace(self._mine)

    def others(self) -> Iterator[tuple[bool, Mapping[str, Any]]]:
        """What every other process told last, and whether it still lives."""
        for path in sorted(self._folder.glob("*.json")):
            if path == self._mine:
                continue
            with suppress(FileNotFoundError, ValueError):
                process, born, _ = path.name.split(".")
                yield _born(int(process)) == int(born), json.loads(path.read_text("utf-8"))


def _born(process: int) -> int | None:
    """When it began: its number alone may be somebody else's by now."""
    try:
        return int(psutil.Process(process).create_time() * 1000)
    except psutil.Error:
        return None
