"""How far long work has come: a bar on a terminal, plain lines anywhere else."""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from tallymark.cli import terminal

SECONDS_BETWEEN_LINES = 5.0


class Report(Protocol):
    """Called with the step under way and how much of it is done, of how much where that is known."""

    def __call__(self, step: str, done: int | None = None, total: int | None = None) -> None: ...


@contextmanager
def progress() -> Iterator[Report]:
    """A way to report, for as long as the work takes."""
    if not sys.stderr.isatty():
        yield _Lines()
        return
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.fields[count]}"),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        yield _Bar(bar)


class _Bar:
    def __init__(self, bar: Progress) -> None:
        self._bar = bar
        self._task = bar.add_task("", total=None, count="")

    def __call__(self, step: str, done: int | None = None, total: int | None = None) -> None:
        self._bar.update(self._task, description=step, completed=done or 0, total=total, count=_count(done, total))


class _Lines:
    """A line where a step begins, and one now and then while it goes on."""

    def __init__(self) -> None:
        self._step = ""
        self._said = 0.0

    def __call__(self, step: str, done: int | None = None, total: int | None = None) -> None:
        now = time.monotonic()
        begins = step != self._step
        if not begins and now - self._said < SECONDS_BETWEEN_LINES:
            return
        self._step, self._said = step, now
        count = "" if begins else _count(done, total)
        terminal.note(f"{step}: {count}" if count else step)


def _count(done: int | None, total: int | None) -> str:
    if not done:
        return ""
    return f"{done:,} of {total:,}" if total else f"{done:,}"
