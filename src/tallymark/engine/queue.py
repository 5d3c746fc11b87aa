"""The queue: Procrastinate on our own connections, through whatever the database does meanwhile."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterable
from typing import Any, LiteralString, TypeVar

import psycopg
import structlog
from procrastinate import App, exceptions
from procrastinate.connector import Notify
from procrastinate.psycopg_connector import PsycopgConnector
from psycopg import AsyncConnection
from psycopg_pool import PoolClosed, PoolTimeout

from tallymark.db.queries import load

SQL = load("tallymark.engine", "queue.sql")

PATIENCE, ANSWER = 2.0, 15.0
"""Seconds that one attempt may wait for a connection, and for what the database says on it."""
PAUSE = 0.5
AWAY = (psycopg.OperationalError, psycopg.InterfaceError, PoolTimeout, PoolClosed, TimeoutError, OSError)
# The other side may vanish without a word: a connection that says nothing is given up.
KEEP_ALIVE = {"keepalives_idle": 10, "keepalives_interval": 5, "keepalives_count": 3, "connect_timeout": 5}

T = TypeVar("T")

log = structlog.get_logger("tallymark.engine")


class PatientConnector(PsycopgConnector):
    """Tries again until the database is back, so that no worker ends for want of it.

    `heard` is when the database last answered, by the monotonic clock.
    """

    def __init__(self, conninfo: str) -> None:
        self._settings: dict[str, Any] = {
            "conninfo": conninfo,
            "min_size": 1,
            "max_size": 4,
            "timeout": PATIENCE,
            "reconnect_timeout": PATIENCE,
            "kwargs": {"application_name": "tallymark queue", **KEEP_ALIVE},
            "configure": _configure,
        }
        super().__init__(**self._settings)
        self.heard = time.monotonic()
        self._away = False

    async def open_async(self, pool: Any = None) -> None:
        """Opens the pool without waiting for the database: who asks waits."""
        if self._async_pool is None:
            self._async_pool = await self._create_pool(self._settings)
            await self._async_pool.open(wait=False)

    async def execute_query_async(self, query: LiteralString, **arguments: Any) -> None:
        await self._answered(lambda: super(PatientConnector, self).execute_query_async(query, **arguments))

    async def execute_query_one_async(self, query: LiteralString, **arguments: Any) -> dict[str, Any]:
        return await self._answered(lambda: super(PatientConnector, self).execute_query_one_async(query, **arguments))

    async def execute_query_all_async(self, query: LiteralString, **arguments: Any) -> list[dict[str, Any]]:
        return await self._answered(lambda: super(PatientConnector, self).execute_query_all_async(query, **arguments))

    async def listen_notify(self, on_notification: Notify, channels: Iterable[str]) -> None:
        names = list(channels)
        while True:
            try:
                await super().listen_notify(on_notification, names)
            except exceptions.ConnectorException as failed:
                if not _is_away(failed):
                    raise
            except AWAY:
                pass
            await asyncio.sleep(PAUSE)

    async def _answered(self, ask: Callable[[], Awaitable[T]]) -> T:
        while True:
            try:
                answer = await asyncio.wait_for(ask(), ANSWER)
            except exceptions.ConnectorException as failed:
                if not _is_away(failed):
                    self.heard = time.monotonic()
                    raise
            except AWAY:
                pass
            else:
                self._back()
                return answer
            self._gone()
            await asyncio.sleep(PAUSE)

    def _gone(self) -> None:
        if not self._away:
            self._away = True
            log.warning("the database is away: waiting for it")

    def _back(self) -> None:
        self.heard = time.monotonic()
        if self._away:
            self._away = False
            log.info("the database is back")


def queue(conninfo: str) -> App:
    """The queue of this database; the name of its one task is `run`."""
    return App(connector=PatientConnector(conninfo))


def _is_away(failed: BaseException) -> bool:
    return isinstance(failed.__cause__, AWAY)


async def _configure(connection: AsyncConnection[Any]) -> None:
    await connection.execute(SQL.configure)
    await connection.commit()
