"""A worker: sees to what is due, hands runs to the queue in turn, takes them from it and has them done.

Any number of them, on any number of machines, share one database. A worker that dies is noticed by the others, or by
itself once it is started again, and its runs are taken up anew. While the database is away it waits.
"""

import asyncio
import os
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import Any, TypeVar
from uuid import uuid4

import structlog
from procrastinate import JobContext
from procrastinate.worker import Worker as QueueWorker
from psycopg import Connection

from tallymark.db import Database, open_database
from tallymark.engine.hands import Hands, Reason, Stop
from tallymark.engine.queue import PatientConnector, queue
from tallymark.engine.upkeep import AWAY, PAUSE, Pace, Upkeep
from tallymark.settings import Settings
from tallymark.tasks import find_job, ledger, records

AT_ONCE = 2
"""How many runs a worker has under way unless told otherwise."""

T = TypeVar("T")

log = structlog.get_logger("tallymark.engine")


def work(settings: Settings, concurrency: int = AT_ONCE, *, beside: bool = False, pace: Pace | None = None) -> None:
    """Works until SIGTERM or SIGINT, or with `beside` until standard input ends. Raises what `open_database` raises."""
    pace = pace or Pace(quiet=settings.debounce_seconds, longest=settings.debounce_longest_seconds)
    with open_database(settings) as database:
        asyncio.run(Worker(database, settings, concurrency, pace=pace).run(beside=beside))


class Worker:
    """One process that works; `run` it in an event loop of its own."""

    def __init__(
        self,
        database: Database,
        settings: Settings,
        concurrency: int = AT_ONCE,
        *,
        pace: Pace,
        program: str = "tallymark.engine.child",
    ) -> None:
        self.name = f"{socket.gethostname()}:{os.getpid()}:{uuid4().hex[:8]}"
        self._database = database
        self._concurrency = concurrency
        self._pace = pace
        self._app = queue(database.conninfo)
        self._app.task(name="run", pass_context=True)(self._do)
        self._hands = Hands(database.conninfo, settings, pace.grace, program)
        self._under_way: dict[str, Stop] = {}
        self._stopping = asyncio.Event()
        self._stopped = threading.Event()
        self._upkeep = Upkeep(
            database,
            self.name,
            concurrency,
            automatic=not settings.disable_auto_sync,
            pace=pace,
            running=lambda: len(self._under_way),
            stop=self._stop_runs,
        )

    async def run(self, *, beside: bool = False) -> None:
        """Works until it is told to stop; then what is under way is handed back, unless it ends in time."""
        self._loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            self._loop.add_signal_handler(number, self.stop)
        if beside:
            threading.Thread(target=self._stop_with_input, daemon=True).start()
        log.info("worker started", worker=self.name, concurrency=self._concurrency)
        async with self._app.open_async():
            self._upkeep.begin()
            await self._hands.warm()
            watch = asyncio.create_task(self._watch_lease())
            try:
                while not self._stopping.is_set():
                    await self._take_runs()
            finally:
                watch.cancel()
                self._hands.close()
                await asyncio.to_thread(self._upkeep.end)
                with suppress(*AWAY):
                    await asyncio.to_thread(self._once, lambda conn: ledger.gone(conn, self.name))
        self._stopped.set()
        log.info("worker stopped", worker=self.name)

    def stop(self) -> None:
        """Takes up nothing more, lets go of what is under way, and ends in time whatever the database does."""
        if not self._stopping.is_set():
            log.info("worker stops", worker=self.name, under_way=len(self._under_way))
            threading.Thread(target=self._leave, daemon=True).start()
        self._stopping.set()
        for stop in self._under_way.values():
            stop.set("worker")

    def _leave(self) -> None:
        """Ends the process where the database keeps it: nothing interrupts who waits for its answer."""
        if self._stopped.wait(self._pace.grace + self._pace.farewell):
            return
        log.warning("worker leaves without a word to the database: its runs are taken up by others", worker=self.name)
        os._exit(0)

    def _stop_with_input(self) -> None:
        while os.read(sys.stdin.fileno(), 1024):
            pass
        self._loop.call_soon_threadsafe(self.stop)

    async def _take_runs(self) -> None:
        taker = QueueWorker(
            self._app,
            concurrency=self._concurrency,
            install_signal_handlers=False,
            delete_jobs="always",
            fetch_job_polling_interval=self._pace.look,
            update_heartbeat_interval=self._pace.beat,
            stalled_worker_timeout=self._pace.silent,
        )
        taking = asyncio.create_task(taker.run())  # type: ignore[no-untyped-call]
        told = asyncio.create_task(self._stopping.wait())
        await asyncio.wait({taking, told}, return_when=asyncio.FIRST_COMPLETED)
        told.cancel()
        if not taking.done():
            taker.stop()  # type: ignore[no-untyped-call]
        try:
            await taking
        except Exception as failed:
            # Whatever it was, the next one may do better: a worker that ends by itself is of no use to anybody.
            log.error("taking runs failed; it is begun anew", exc_info=failed)
            await asyncio.sleep(PAUSE)

    async def _do(self, context: JobContext, *, tenant: int, run: str) -> None:
        queue_job = context.job.id
        assert queue_job is not None
        started = await self._lasting(lambda conn: ledger.start(conn, tenant, run, queue_job, self.name))
        if started is None:
            return
        stop = self._under_way[run] = Stop()
        if self._stopping.is_set():
            stop.set("worker")
        began = time.monotonic()
        try:
            ended = await self._hands.do(started, find_job(started.job).time_limit, stop)
        except Exception as failed:
            log.error("a run could not be done", job=started.job, run=run, exc_info=failed)
            ended = ledger.Ended("failed", error=f"{type(failed).__name__}: {failed}")
        finally:
            del self._under_way[run]
        status = await self._lasting(lambda conn: ledger.end(conn, started, ended))
        log.info(
            "job ended", job=started.job, run=run, tenant=tenant, status=status or "no longer ours", error=ended.error,
            attempt=started.attempt, ms=round((time.monotonic() - began) * 1000),
        )  # fmt: skip
        self._upkeep.wake()

    async def _lasting(self, write: Callable[[Connection[Any]], T]) -> T:
        """Writes to the ledger, as soon as the database lets it."""
        while True:
            try:
                return await asyncio.to_thread(self._once, write)
            except AWAY:
                await asyncio.sleep(PAUSE)

    def _once(self, write: Callable[[Connection[Any]], T]) -> T:
        with records.engine(self._database) as conn:
            return write(conn)

    def _stop_runs(self, runs: Iterable[str]) -> None:
        """Called by the upkeep's thread: somebody wants these stopped."""
        for run in runs:
            self._loop.call_soon_threadsafe(self._stop_run, run, "user")

    def _stop_run(self, run: str, reason: Reason) -> None:
        if run in self._under_way:
            self._under_way[run].set(reason)

    async def _watch_lease(self) -> None:
        """Who cannot reach the database for long lets go of its runs before the others take them up."""
        connector = self._app.connector
        assert isinstance(connector, PatientConnector)
        while True:
            await asyncio.sleep(self._pace.look)
            if time.monotonic() - connector.heard > self._pace.lease:
                for stop in self._under_way.values():
                    stop.set("lease")
