"""The steps of a run, noted where other processes can see them, beside the work and never in its way."""

from collections.abc import Callable, Sequence
from threading import Condition, Thread
from types import TracebackType

import structlog

from tallymark.db import Database
from tallymark.model import Tenant
from tallymark.tasks import runs
from tallymark.tasks.runs import Progress

TOGETHER = 0.05
"""Seconds for which steps are gathered into one note: less than anybody who watches waits between two looks."""

log = structlog.get_logger("tallymark.refresh")


class Notes:
    """Steps given to it are noted soon, from a thread of its own; of one step only how far it is by then.

    A run that ends well needs no notes any more, for it has been through all steps; those of one that fails are noted
    to the last.
    """

    def __init__(
        self, database: Database, tenant: Tenant, on_progress: Callable[[Progress], None] | None = None
    ) -> None:
        self._database = database
        self._tenant = tenant
        self._on_progress = on_progress
        self._waiting: dict[int, Progress] = {}
        self._changed = Condition()
        self._ended = False
        self._thread = Thread(target=self._work, name="progress", daemon=True)

    def add(self, progress: Progress) -> None:
        """`on_progress` is told at once; the work waits for it, and not for the note."""
        with self._changed:
            self._waiting[progress.index] = progress
            self._changed.notify()
        if self._on_progress is not None:
            self._on_progress(progress)

    def __enter__(self) -> "Notes":
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, _: BaseException | None, __: TracebackType | None) -> None:
        with self._changed:
            if kind is None:
                self._waiting.clear()
            self._ended = True
            self._changed.notify()
        self._thread.join()

    def _work(self) -> None:
        while steps := self._next():
            self._note(steps)

    def _next(self) -> Sequence[Progress]:
        """What has been given since the last note; empty once the run has ended."""
        with self._changed:
            self._changed.wait_for(lambda: self._waiting or self._ended)
            self._changed.wait_for(lambda: self._ended, TOGETHER)
            steps, self._waiting = [*self._waiting.values()], {}
        return steps

    def _note(self, steps: Sequence[Progress]) -> None:
        """In a thread where nobody else would hear of what goes wrong. No run fails for want of it."""
        try:
            runs.note_progress(self._database, self._tenant, steps)
        except Exception as failed:
            log.warning("progress not noted", tenant=self._tenant.slug, run=steps[0].run_id, error=str(failed))
