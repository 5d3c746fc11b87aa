"""Answers are made ready before somebody waits for them, on the path that readers take.

After each publication what people asked within the last week is asked again, and the parameter sets that the metrics
declare; while a question is in use, it is asked again shortly before its answer is too old, each at a moment of its
own. One question at a time, and never more than half of the time: whoever reads comes first.
"""

import asyncio
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import datetime
from zlib import crc32

import structlog
from anyio import to_thread

from tallymark.cache.answers import Answers, Asked
from tallymark.cache.asked import Asking, known, write_down
from tallymark.cache.asked import Question as Known
from tallymark.db import Database
from tallymark.errors import BadQuestion, DatabaseUnavailable, NotBuilt, UnknownMetric
from tallymark.metrics import Catalog
from tallymark.model import ALL_PLATFORMS, Question, Tenant, exact_json

TENANTS, QUESTIONS = 200, 30
TICK = 1.0
NOTED = 60.0
"""Seconds between two notes of what was asked."""
EARLY = 0.7, 0.95
"""The part of an answer's time after which it is asked again: which exactly depends on the question."""
IN_USE = 600.0
"""Seconds since a question was last asked in which its answer is kept from getting too old."""

log = structlog.get_logger("tallymark.warming")


class Warming:
    """Keeps the answers of one process warm, as of what `clock` says. Use from its event loop."""

    def __init__(self, answers: Answers, database: Database, catalog: Catalog, clock: Callable[[], datetime]) -> None:
        self._clock = clock
        self._answers = answers
        self._database = database
        self._catalog = catalog
        self._asking: dict[int, Asking] = {}
        self._used: dict[tuple[int, Known], float] = {}
        self._seen: dict[int, object] = {}

    async def run(self) -> None:
        """Until it is cancelled."""
        noted = 0.0
        while True:
            try:
                if time.monotonic() - noted >= NOTED:
                    noted = time.monotonic()
                    await self.note()
                await self.warm()
            except DatabaseUnavailable:
                pass
            except Exception as failed:
                # Nobody waits for this; the next turn may do better.
                log.warning("warming failed", error=str(failed))
            await asyncio.sleep(TICK)

    async def note(self) -> None:
        """Writes down what was asked here, and reads what is asked everywhere."""
        counts = self._answers.tally.take()
        now = time.monotonic()
        self._used = {key: at for key, at in self._used.items() if now - at < IN_USE}
        self._used |= {(tenant_id, asked): now for tenant_id, found in counts.items() for asked in found}
        await to_thread.run_sync(write_down, self._database, counts)
        found = await to_thread.run_sync(known, self._database, TENANTS, QUESTIONS)
        self._asking = {asking.tenant.tenant_id: asking for asking in found}

    async def warm(self) -> int:
        """Asks what is not ready, or will soon be too old; returns how much that was."""
        asked = 0
        for asking in list(self._asking.values()):
            tenant = asking.tenant
            published = self._answers.publications.newest(tenant)
            fresh = published is None or self._seen.get(tenant.tenant_id) != published.mark
            for question in self._questions(asking, everything=fresh):
                asked += await self._warm(tenant, question)
            newest = self._answers.publications.newest(tenant)
            self._seen[tenant.tenant_id] = newest.mark if newest else None
        return asked

    def _questions(self, asking: Asking, *, everything: bool) -> Iterator[Known]:
        """After a publication all there are; else those in use."""
        for question in asking.questions:
            if everything or (asking.tenant.tenant_id, question) in self._used:
                yield question
        if everything:
            for name, metric in self._catalog.items():
                for params in metric.prewarm:
                    yield name, ALL_PLATFORMS, exact_json.canonical(dict(params))

    async def _warm(self, tenant: Tenant, question: Known) -> int:
        metric, platform, params = question
        now = self._clock()
        with suppress(UnknownMetric, BadQuestion, NotBuilt):  # The metric or its parameters may be others by now.
            asked = self._answers.asked(tenant, Question(metric, platform, exact_json.loads(params), as_of=now))
            if self._answers.ready(asked, early(asked)):
                return 0
            began = time.monotonic()
            await self._answers.renew(asked, now)
            await asyncio.sleep(time.monotonic() - began)
            return 1
        return 0


def early(asked: Asked) -> float:
    """The part of its time after which this question is asked again."""
    first, last = EARLY
    return first + (last - first) * (crc32(repr(asked.key).encode()) % 1000) / 1000
