"""What each tenant has published, as this instance knows it: looked up once a second, and told of by PostgreSQL."""

import threading
import time

from tallymark.cache.kept import Held, Kept
from tallymark.db import Database
from tallymark.model import Tenant
from tallymark.results import Publication, publication

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

    def learn(self, tenant: Tenant, found: Publication, began: float) -> None:
        """Notes a publication that was read by a transaction that began then, perhaps of a replica that is behind."""
        newest = self.newest(tenant)
        if newest is None or found.version >= newest.version:
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

    def _since(self, tenant_id: int) -> float:
        told = self._told.get(tenant_id)
        return told[1] if told else 0.0

    def _look(self, tenant_id: int) -> Publication | None:
        with self._database.connect(tenant_id) as conn:
            return publication(conn, tenant_id)
