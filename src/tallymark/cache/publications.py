"""What each tenant has published, as this instance knows it: looked up once a second, and told of by PostgreSQL."""

import asyncio
import random
import threading
import time
from collections.abc import Callable
from contextlib import suppress

from tallymark.cache.kept import Held, Kept
from tallymark.db import Database
from tallymark.errors import DatabaseUnavailable
from tallymark.model import Tenant
from tallymark.results import Publication, publication

CHANNEL = "tallymark_published"
CLEAR = "clear "
"""What stands in the place of a version where answers are to be forgotten."""
FRESH, SERVED = 1.0, 2.0
"""Seconds without a look, and seconds after which everybody waits for one."""


class Publications:
    """Never tells of a version older than one that anybody was told of here."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._kept: Kept[Publication | None] = Kept(FRESH, SERVED)
        self._told: dict[int, tuple[int, float]] = {}
        self._lock = threading.Lock()

    def peek(self, tenant: Tenant) -> Held[Publication | None] | None:
        """What is known, where nobody need wait for it."""
        number = tenant.tenant_id
        return self._kept.peek(number, lambda: self._look(number), self._since(number))

    async def get(self, tenant: Tenant) -> Held[Publication | None]:
        """Raises DatabaseUnavailable where nothing is known that could stand in."""
        number = tenant.tenant_id
        return await self._kept.get(number, lambda: self._look(number), self._since(number))

    async def catch_up(self, tenant: Tenant, version: int) -> None:
        """Somebody has seen this version elsewhere: looks, unless it is known here."""
        number, newest = tenant.tenant_id, self.newest(tenant)
        if newest is None or newest.version < version:
            await self._kept.get(number, lambda: self._look(number), since=time.monotonic())

    def learn(self, tenant: Tenant, found: Publication, began: float) -> None:
        """Notes a publication that was read by a transaction that began then, perhaps of a replica that is behind."""
        newest = self.newest(tenant)
        if newest is None or (found.version, found.checked_at) >= (newest.version, newest.checked_at):
            self._kept.learn(tenant.tenant_id, found, began)

    def newest(self, tenant: Tenant) -> Publication | None:
        """The last one known, however long ago it was looked up."""
        return self._kept.last(tenant.tenant_id)

    def seen(self, tenant_id: int, version: int) -> None:
        """Somebody has seen this version: whoever asks from now on gets no older one. From any thread."""
        with self._lock:
            newest, _ = self._told.get(tenant_id, (0, 0.0))
            if version > newest:
                self._told[tenant_id] = (version, time.monotonic())

    def listen(self, cleared: Callable[[int, str], object] = lambda *_: None) -> Callable[[], None]:
        """Hears of new versions as they are published, whoever publishes them, and looks at those somebody asks about.

        `cleared` is told of a tenant and the pattern of metrics that somebody wants forgotten. Returns what ends it.
        While PostgreSQL cannot be heard, the looks go on.
        """
        loop, stopping = asyncio.get_running_loop(), threading.Event()

        def heard(tenant_id: int, version: int) -> None:
            self.seen(tenant_id, version)
            self._kept.renew(tenant_id, lambda: self._look(tenant_id))

        def listening() -> None:
            while not stopping.is_set():
                # The loop may have ended meanwhile, and everything with it.
                with suppress(DatabaseUnavailable, RuntimeError):
                    for payload in self._database.notices(CHANNEL, stopping):
                        tenant_id, _, said = payload.partition(":")
                        if said.isdigit():
                            loop.call_soon_threadsafe(heard, int(tenant_id), int(said))
                        else:
                            loop.call_soon_threadsafe(cleared, int(tenant_id), said.removeprefix(CLEAR))
                stopping.wait(random.uniform(0.5, 2.0))

        threading.Thread(target=listening, name="listener", daemon=True).start()
        return stopping.set

    def _since(self, tenant_id: int) -> float:
        told = self._told.get(tenant_id)
        return told[1] if told else 0.0

    def _look(self, tenant_id: int) -> Publication | None:
        with self._database.connect(tenant_id) as conn:
            return publication(conn, tenant_id)
