"""What every worker sees to besides its own runs: due times, lost workers, and whose turn it is."""

import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import psycopg
import structlog

from tallymark.db import Database
from tallymark.errors import DatabaseUnavailable
from tallymark.tasks import ledger, records, schedules, watch

CHANNEL = "tallymark_jobs"
AWAY = (DatabaseUnavailable, psycopg.OperationalError)
PAUSE = 0.5

log = structlog.get_logger("tallymark.engine")


@dataclass(frozen=True, slots=True)
class Pace:
    """Seconds. A worker `beat`s; who was `silent` for so long is given up, and stops of itself well before, at `lease`.

    `look`: the longest that anything waits to be noticed where nobody has said that it is there. `grace`: what a run
    that shall stop may take to do so; `farewell`: what its worker may take besides to tell the database. `quiet` and
    `longest`: when a change is counted, as `take_on` says.
    """

    look: float = 1.0
    quiet: float = 5.0
    longest: float = 30.0
    beat: float = 3.0
    lease: float = 15.0
    silent: float = 25.0
    upkeep: float = 5.0
    settle: float = 8.0
    grace: float = 8.0
    farewell: float = 4.0


class Upkeep:
    """Two threads: one waits for word that there is something to do, the other does it, at the latest every second."""

    def __init__(
        self,
        database: Database,
        worker: str,
        concurrency: int,
        *,
        automatic: bool,
        pace: Pace,
        running: Callable[[], int],
        stop: Callable[[Iterable[str]], None],
    ) -> None:
        self._database = database
        self._worker = worker
        self._concurrency = concurrency
        self._automatic = automatic
        self._pace = pace
        self._running = running
        self._stop = stop
        self._wake = threading.Event()
        self._over = threading.Event()
        self._back_since = time.monotonic()
        self._kept = -pace.upkeep
        self._watched = -pace.look
        self._defined = False
        self._threads = [threading.Thread(target=work, daemon=True) for work in (self._look, self._listen)]

    def begin(self) -> None:
        for thread in self._threads:
            thread.start()

    def wake(self) -> None:
        """Something may be to do."""
        self._wake.set()

    def end(self) -> None:
        self._over.set()
        self._wake.set()
        for thread in self._threads:
            thread.join()

    def _look(self) -> None:
        while not self._over.is_set():
            try:
                self._once()
            except AWAY as failed:
                self._back_since = time.monotonic() + PAUSE
                log.debug("upkeep waits for the database", error=str(failed))
                self._over.wait(PAUSE)
                continue
            except Exception as failed:
                # Whatever it is, the next look may do better; a worker that looks no more would be of no use.
                log.error("upkeep failed", exc_info=failed)
                self._over.wait(self._pace.look)
            self._wake.wait(self._pace.look)
            self._wake.clear()

    def _once(self) -> None:
        now = time.monotonic()
        if now - self._kept >= self._pace.upkeep:
            self._keep(now)
            self._kept = now
        if self._automatic:
            with records.engine(self._database) as conn:
                schedules.tick(conn)
            if now - self._watched >= self._pace.look:
                self._watched = now
                with records.engine(self._database) as conn:
                    watch(conn, quiet=self._pace.quiet, longest=self._pace.longest)
        running = self._running()
        if running < self._concurrency:
            with records.engine(self._database) as conn:
                ledger.hand_over(conn, self._concurrency - running)
        if running:
            with records.engine(self._database) as conn:
                self._stop(ledger.to_stop(conn, self._worker))

    def _keep(self, now: float) -> None:
        with records.engine(self._database) as conn:
            if not self._defined:
                schedules.define(conn)
                self._defined = True
            ledger.seen(conn, self._worker, self._concurrency, self._automatic)
        # Right after the database was away every worker looks lost: first let them say that they are there.
        if now - self._back_since >= self._pace.settle:
            with records.engine(self._database) as conn:
                lost = ledger.reap(conn, self._pace.silent)
            if lost:
                log.warning("runs of lost workers are taken up again", runs=lost)

    def _listen(self) -> None:
        while not self._over.is_set():
            try:
                for _ in self._database.notices(CHANNEL, self._over):
                    self._wake.set()
            except AWAY:
                self._over.wait(PAUSE)
