"""The composition root: settings, then the database, the catalogue, the refreshes, and the server around them."""

import gc
import multiprocessing
import os
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from multiprocessing.synchronize import Event
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import structlog
from fastapi import FastAPI
from granian.constants import HTTPModes, Interfaces
from granian.http import HTTP1Settings
from granian.server.mp import MPServer

from tallymark.api import Instance, build
from tallymark.api.instance import VERSION, WATCHERS
from tallymark.api.monitor import Monitor
from tallymark.api.waiting import Places
from tallymark.db import open_database
from tallymark.engine import Beside
from tallymark.metrics import Catalog
from tallymark.monitoring import STATEMENTS, lines_of_logging, tracing
from tallymark.settings import Settings
from tallymark.tasks import Flights

REFRESHES_AT_ONCE = 4
GRACE = 30
"""Seconds that a worker may take to end what it has begun."""
CONNECTIONS = 2048
"""How many connections a worker has at once; more wait to be taken."""
RECEIPT = 15_000
"""Milliseconds within which the head of the next request must have arrived on a connection, or it is closed."""
OPTIONS: Mapping[str, Any] = {
    "interface": Interfaces.ASGI,
    "http": HTTPModes.http1,
    "http1_settings": HTTP1Settings(header_read_timeout=RECEIPT),
    "backlog": CONNECTIONS,
    "backpressure": CONNECTIONS,
    "websockets": False,
    "respawn_failed_workers": True,
    "workers_kill_timeout": GRACE,
    "log_access": False,
}
"""How the server around the application is set up."""

log = structlog.get_logger("tallymark.app")


def create_app(
    settings: Settings | None = None, stopping: Callable[[], bool] = lambda: False, board: Path | None = None
) -> FastAPI:
    """The application of these settings, of the environment's when none are given. Raises what its parts raise.

    `stopping` says that the server wants to end, so that what streams without end does too. `board`: the folder where
    the processes of one server write down what they have measured.
    """
    settings = settings or Settings.from_environment()
    secret = settings.require_secret()
    if settings.otlp_endpoint:
        tracing.start(VERSION)
    database = open_database(settings)
    catalog = Catalog.load(*settings.metric_folders, ttl=settings.cache_ttl)
    executor = ThreadPoolExecutor(REFRESHES_AT_ONCE, thread_name_prefix="refresh")
    flights = Flights(database, catalog, executor, slow_ms=settings.slow_query_threshold_ms)

    def close() -> None:
        executor.shutdown(wait=True, cancel_futures=True)
        database.close()
        tracing.stop()

    STATEMENTS.watch(settings.slow_query_threshold_ms if settings.monitoring else None)
    streams, monitor = Places(WATCHERS, stopping), Monitor(VERSION, board)
    parts = Instance(settings, secret, database, catalog, flights, streams=streams, monitor=monitor, warming=True)
    return build(parts, close)


def serve(settings: Settings, host: str, port: int, workers: int, *, working: bool = False) -> None:
    """Serves until SIGINT or SIGTERM; each worker is a process of its own.

    `working`: background work is done beside it, in one more process that reads the same environment.
    """
    # Opened once here first: the schema is brought up to date before any worker looks, and what is wrong is said once.
    open_database(settings).close()
    settings.require_secret()
    stopping = multiprocessing.Event()
    beside = Beside() if working else None
    server = _Server(
        stopping,
        beside,
        "tallymark.app:create_app",
        address=host,
        port=port,
        workers=workers,
        factory=True,
        log_dictconfig=lines_of_logging(settings.log_format),
        **OPTIONS,
    )
    server.drain = settings.drain_seconds
    with TemporaryDirectory(prefix="tallymark-") as board:
        loader = partial(_load, settings, stopping, Path(board))
        if beside is None:
            server.serve(target_loader=loader, wrap_loader=False)
            return
        beside.begin()
        try:
            server.serve(target_loader=loader, wrap_loader=False)
        finally:
            beside.end()


class _Server(MPServer):
    """Tells its workers that it stops before it waits for them: an open event stream would keep it waiting."""

    def __init__(self, stopping: Event, beside: Beside | None, target: str, **options: Any) -> None:
        super().__init__(target, **options)
        self._stopping = stopping
        self._beside = beside
        self.drain = 0.0

    def signal_handler_interrupt(self, *args: Any, **named: Any) -> None:
        """Goes on answering for as long as is set, while `/readyz` says that it stops; told twice, it stops at once."""
        again = self._stopping.is_set()
        self._stopping.set()
        if self.drain and not again:
            waiting = threading.Timer(self.drain, self.signal_handler_interrupt, args, named)
            waiting.daemon = True
            waiting.start()
            return
        if self._beside is not None:
            self._beside.stop()
        super().signal_handler_interrupt(*args, **named)  # type: ignore[no-untyped-call]


def _load(settings: Settings, stopping: Event, board: Path, *_: Any) -> FastAPI:
    threading.Thread(target=_end_with_server, daemon=True).start()
    made = create_app(settings, stopping.is_set, board)
    # What is there now stays for good: every full collection would look through all of it while requests wait.
    gc.collect()
    gc.freeze()
    return made


def _end_with_server() -> None:
    """A worker whose server was killed ends as it did: nobody could stop it, and it would keep the address."""
    server = multiprocessing.parent_process()
    assert server is not None
    server.join()
    log.error("the server is gone: this worker of it ends too")
    os._exit(1)
