"""From a question to its answer, through the tiers: memory, the shared cache, stored results, rollups.

A key names the tenant, the metric and its definition, the platform, the parameters with their days worked out, whoever
may see it, and the publication. So an entry is never wrong, only of no use any more, and nothing is invalidated.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Hashable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from fnmatch import fnmatchcase
from hashlib import sha256

from anyio import to_thread

from tallymark.cache.asked import Tally
from tallymark.cache.entry import Entry, Given
from tallymark.cache.figures import Figures, Found, Tier, find
from tallymark.cache.kept import Held
from tallymark.cache.memory import Memory
from tallymark.cache.publications import CLEAR, Publications
from tallymark.cache.shared import SharedCache
from tallymark.db import Database
from tallymark.db.queries import load
from tallymark.errors import DatabaseUnavailable, NotBuilt
from tallymark.metrics import Catalog, Plan, plan
from tallymark.model import Question, Tenant
from tallymark.monitoring import tracing
from tallymark.results import Publication

SQL = load("tallymark.cache", "cache.sql")
MEMORY_BYTES = 64 << 20
OVERDUE = 2.0
"""How many times as long as it is fresh an answer is given while somebody looks again; then everybody waits."""
UNSETTLED = 1.0
"""Seconds that figures are kept which may still move, or which have an age of their own."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A question made ready to be looked for."""

    tenant: Tenant
    plan: Plan
    key: tuple[Hashable, ...]

    @property
    def fresh(self) -> float:
        return float(self.plan.metric.ttl)


class Answers:
    """The answers of this instance. Use from one event loop."""

    def __init__(
        self,
        database: Database,
        catalog: Catalog,
        *,
        stale_after: timedelta,
        memory_bytes: int = MEMORY_BYTES,
        shared: SharedCache | None = None,
    ) -> None:
        self._database = database
        self._catalog = catalog
        self._stale_after = stale_after
        self._shared = shared
        self.memory: Memory[Entry] = Memory(memory_bytes)
        self.publications = Publications(database)
        self.tally = Tally()
        self.also_clear: list[Callable[[int], object]] = []
        self._cleared: dict[int, float] = {}
        self._flights: dict[Hashable, asyncio.Task[tuple[Entry, Publication, Tier]]] = {}

    @asynccontextmanager
    async def listening(self) -> AsyncIterator[None]:
        """Hears of new versions meanwhile, and lets go of the shared cache at the end."""
        end = self.publications.listen(self.clear)
        try:
            yield
        finally:
            end()
            if self._shared:
                await self._shared.close()

    def clear(self, tenant_id: int, pattern: str) -> int:
        """Forgets the tenant's answers of the metrics that the pattern names (`sales_*`); how many were in memory.

        What other instances have shared before now does not count either. See `forget` for all instances.
        """
        self._cleared[tenant_id] = time.monotonic()
        for also in self.also_clear:
            also(tenant_id)
        return self.memory.drop_all(
            lambda key: isinstance(key, tuple) and key[0] == tenant_id and fnmatchcase(key[3], pattern)
        )

    def forget(self, tenant_id: int, pattern: str) -> int:
        """The same in every process of every instance; how many were in the memory of this one."""
        kept = self.part(tenant_id, pattern)[0]
        with self._database.connect(tenant_id) as conn:
            conn.execute(SQL.clear, {"tenant": str(tenant_id), "said": CLEAR + pattern})
        return kept

    def part(self, tenant_id: int, pattern: str = "*") -> tuple[int, int]:
        """How many of the tenant's answers are in memory, and their bytes."""
        return self.memory.part(
            lambda key: isinstance(key, tuple) and key[0] == tenant_id and fnmatchcase(key[3], pattern)
        )

    def asked(self, tenant: Tenant, question: Question) -> Asked:
        """Raises UnknownMetric, and BadQuestion."""
        ready = plan(self._catalog, question, tenant)
        metric = ready.metric
        key = (
            tenant.tenant_id, tenant.timezone, tenant.currency, metric.name, metric.definition, metric.roles,
            ready.platform, ready.resolved,
        )  # fmt: skip
        return Asked(tenant, ready, key)

    async def published(self, tenant: Tenant) -> Publication | None:
        """What is published, as far as is known here; None: nothing ever was."""
        return (await self.publications.get(tenant)).value

    async def ask(self, tenant: Tenant, question: Question) -> Given:
        """The answer, from the first tier that has it. Raises NotBuilt where nothing was ever published."""
        return await self.get(self.asked(tenant, question), question.as_of)

    def peek(self, asked: Asked, now: datetime) -> Given | None:
        """The answer where it is in memory and nobody need wait for anything."""
        held = self.publications.peek(asked.tenant)
        given = self._in_memory(asked, held, now) if held is not None else None
        if given is not None:
            self._count(asked)
        return given

    async def get(self, asked: Asked, now: datetime) -> Given:
        """The answer; the figures are looked for once, however many ask."""
        self._count(asked)
        held = await self.publications.get(asked.tenant)
        if given := self._in_memory(asked, held, now):
            return given
        published = held.value
        if published is None:
            raise NotBuilt(hint=f"Refresh first: tallymark refresh --tenant {asked.tenant.slug}")
        try:
            entry, found_in, tier = await asyncio.shield(self._flight(asked, published, now))
        except DatabaseUnavailable:
            key = (*asked.key, published.mark)
            if (last := self.memory.get(key)) is None:
                raise
            return self._given(last, published, key, unverified=True, overdue=True)
        return self._given(entry, found_in, (*asked.key, found_in.mark), tier=tier)

    def ready(self, asked: Asked, part: float) -> bool:
        """Whether the answer of what is published is in memory, with no more than this part of its time gone."""
        published = self.publications.newest(asked.tenant)
        if published is None:
            return False
        entry = self.memory.get((*asked.key, published.mark))
        return entry is not None and time.monotonic() - entry.since <= part * entry.fresh

    async def renew(self, asked: Asked, now: datetime) -> None:
        """Looks for the figures as for a reader, whatever is in memory. Raises NotBuilt where nothing is published."""
        published = (await self.publications.get(asked.tenant)).value
        if published is None:
            raise NotBuilt
        await asyncio.shield(self._flight(asked, published, now))

    def _count(self, asked: Asked) -> None:
        ready = asked.plan
        self.tally.count(asked.tenant.tenant_id, (ready.name, ready.platform, ready.parameters))

    def _in_memory(self, asked: Asked, held: Held[Publication | None], now: datetime) -> Given | None:
        published = held.value
        if published is None:
            return None
        key = (*asked.key, published.mark)
        if published.settling:
            # Figures of the version itself are better than any worked out while a change is half applied.
            settled = (*asked.key, replace(published, settling=False).mark)
            if entry := self.memory.get(settled):
                return self._given(entry, published, settled)
        entry = self.memory.get(key)
        if entry is None:
            return None
        age = time.monotonic() - entry.since
        overdue = age > entry.fresh
        if overdue and not held.failing:
            if age > OVERDUE * entry.fresh:
                return None
            self._flight(asked, published, now)
        return self._given(entry, published, key, unverified=held.failing, overdue=overdue)

    def _given(
        self,
        entry: Entry,
        published: Publication,
        key: Hashable,
        *,
        tier: Tier = "memory",
        unverified: bool = False,
        overdue: bool = False,
    ) -> Given:
        return Given(entry, published, unverified, tier, overdue, key, self.memory, self._stale_after)

    def _flight(
        self, asked: Asked, published: Publication, now: datetime
    ) -> "asyncio.Task[tuple[Entry, Publication, Tier]]":
        key = (*asked.key, published.mark)
        flight = self._flights.get(key)
        if flight is None:
            flight = self._flights[key] = asyncio.create_task(self._find(asked, published, now))
            flight.add_done_callback(lambda done: self._landed(key, done))
        return flight

    def _landed(self, key: Hashable, done: "asyncio.Task[tuple[Entry, Publication, Tier]]") -> None:
        del self._flights[key]
        if not done.cancelled():
            done.exception()  # Whoever waits is told of it; nobody may.

    async def _find(self, asked: Asked, published: Publication, now: datetime) -> tuple[Entry, Publication, Tier]:
        if self._shared is None or published.settling:
            found = await self._read(asked, published, now)
            return self._keep(asked, found.published, found.figures), found.published, found.tier
        name = sha256(repr((*asked.key, published.mark)).encode()).hexdigest()
        if entry := self._fetched(asked, published, await self._shared.get(name), now):
            return entry, published, "shared"
        token = await self._shared.lease(name)
        if token is None and (entry := self._fetched(asked, published, await self._shared.awaited(name), now)):
            return entry, published, "shared"
        try:
            found = await self._read(asked, published, now)
            if found.figures.own is None and found.published.mark == published.mark:
                await self._shared.put(name, found.figures.packed(now), OVERDUE * asked.fresh)
        finally:
            if token:
                await self._shared.release(name, token)
        return self._keep(asked, found.published, found.figures), found.published, found.tier

    async def _read(self, asked: Asked, published: Publication, now: datetime) -> Found:
        """Stored, or worked out; the publication it is of is learnt by the way."""
        began = time.monotonic()
        with tracing.span(f"question {asked.plan.name}", {"tallymark.metric": asked.plan.name}):
            found = await to_thread.run_sync(find, self._database, asked.tenant, asked.plan, now, published.version)
        self.publications.learn(asked.tenant, found.published, began)
        return found

    def _fetched(self, asked: Asked, published: Publication, packed: bytes | None, now: datetime) -> Entry | None:
        """What another instance has found, unless that is too long ago."""
        if packed is None:
            return None
        figures, found_at = Figures.unpacked(packed)
        age = max(0.0, (now - found_at).total_seconds())
        cleared = self._cleared.get(asked.tenant.tenant_id)
        if age > asked.fresh or (cleared is not None and time.monotonic() - age <= cleared):
            return None
        return self._keep(asked, published, figures, age)

    def _keep(self, asked: Asked, published: Publication, figures: Figures, age: float = 0.0) -> Entry:
        """In memory, under the publication that the figures really are of."""
        passing = published.settling or figures.own is not None
        fresh = min(asked.fresh, UNSETTLED) if passing else asked.fresh
        entry = Entry(asked.tenant, figures, fresh, age)
        self.memory.put((*asked.key, published.mark), entry, entry.size)
        return entry
