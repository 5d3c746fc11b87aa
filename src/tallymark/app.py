"""The composition root: settings, then the database, the catalogue, the refreshes, and the server around them."""

from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

import structlog
from fastapi import FastAPI
from granian import Granian
from granian.constants import Interfaces

from tallymark.api import Instance, build
from tallymark.db import open_database
from tallymark.metrics import Catalog
from tallymark.settings import Settings
from tallymark.tasks import Flights

REFRESHES_AT_ONCE = 4
BACKLOG = 2048
BACKPRESSURE = 2048

log = structlog.get_logger("tallymark.app")


def create_app(settings: Settings | None = None) -> FastAPI:
    """The application of these settings, of the environment's when none are given. Raises what its parts raise."""
    settings = settings or Settings.from_environment()
    secret = settings.require_secret()
    database = open_database(settings)
    catalog = Catalog.load()
    executor = ThreadPoolExecutor(REFRESHES_AT_ONCE, thread_name_prefix="refresh")
    flights = Flights(database, catalog, executor, slow_ms=settings.slow_query_threshold_ms)

    def close() -> None:
        executor.shutdown(wait=True, cancel_futures=True)
        database.close()

    return build(Instance(settings, secret, database, catalog, flights), close)


def serve(settings: Settings, host: str, port: int, workers: int) -> None:
    """Serves until SIGINT or SIGTERM; each worker is a process of its own."""
    # Opened once here first: the schema is brought up to date before any worker looks, and what is wrong is said once.
    open_database(settings).close()
    settings.require_secret()
    server = Granian(
        "tallymark.app:create_app",
        address=host,
        port=port,
        interface=Interfaces.ASGI,
        workers=workers,
        backlog=BACKLOG,
        backpressure=BACKPRESSURE,
        factory=True,
        websockets=False,
        respawn_failed_workers=True,
        log_access=False,
    )
    server.serve(target_loader=partial(_load, settings), wrap_loader=False)


def _load(settings: Settings, *_: Any) -> FastAPI:
    return create_app(settings)
