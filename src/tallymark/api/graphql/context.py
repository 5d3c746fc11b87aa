"""What the resolvers of one execution share: who asks, at which moment, and what they were told."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from zoneinfo import ZoneInfo

from graphql import DocumentNode

from tallymark.api.graphql.records import Records
from tallymark.api.instance import Instance
from tallymark.api.rest.access import Visitor
from tallymark.metrics import Metric
from tallymark.model import ALL_PLATFORMS, Answer, Question
from tallymark.results import platforms_of, require_platform

AT_ONCE = 4
"""Questions of one request that are worked on at the same time: nobody takes all connections."""


@dataclass
class Context:
    """`ttl`: seconds for which all answers together may be kept."""

    parts: Instance
    visitor: Visitor
    document: DocumentNode
    now: datetime
    ttl: int
    answers: dict[str, Answer] = field(default_factory=dict)
    _once: dict[str, asyncio.Future[Answer]] = field(default_factory=dict)

    @cached_property
    def zone(self) -> ZoneInfo:
        return self.visitor.tenant.zone

    @cached_property
    def records(self) -> Records:
        return Records(self.parts.database, self.visitor.tenant)

    @cached_property
    def _places(self) -> asyncio.Semaphore:
        return asyncio.Semaphore(AT_ONCE)

    async def ask_once(self, metric: Metric, platform: str, params: Mapping[str, str], told_as: str) -> Answer:
        """The same for the many rows of one answer."""
        if told_as not in self._once:
            self._once[told_as] = asyncio.ensure_future(self.ask(metric, platform, params, told_as))
        return await self._once[told_as]

    async def platforms(self) -> list[str]:
        """Those with published data."""
        return platforms_of(await self.parts.answers.published(self.visitor.tenant))[1:]

    async def ask(self, metric: Metric, platform: str, params: Mapping[str, str], told_as: str) -> Answer:
        """The answer REST would give to the same question, from the same cache."""
        tenant, answers = self.visitor.tenant, self.parts.answers
        async with self._places:
            require_platform(platform, [ALL_PLATFORMS, *await self.platforms()])
            given = await answers.ask(tenant, Question(metric.name, platform, params, as_of=self.now))
        self.answers[told_as] = answer = given.answer(self.now)
        self.ttl = min(self.ttl, metric.ttl)
        return answer
