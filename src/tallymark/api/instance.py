"""What every route needs: the running server's parts, put together once by `app`."""

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cached_property
from importlib.metadata import version
from typing import Any

from fastapi import Request

from tallymark.api.auth.attempts import LoginGuard
from tallymark.api.auth.passwords import Verifier
from tallymark.api.checked import Checked
from tallymark.api.facts import Facts
from tallymark.api.lane import Lane
from tallymark.api.monitor import Monitor
from tallymark.api.people import People
from tallymark.api.quotas import Quotas
from tallymark.api.shown import Shown
from tallymark.api.standing import Standing
from tallymark.api.uploads import Uploads
from tallymark.api.waiting import Asked, Places, Shared
from tallymark.cache import Answers, Kept, SharedCache, Turns
from tallymark.db import Database
from tallymark.metrics import Catalog
from tallymark.settings import Settings
from tallymark.tasks import Flights

VERSION = version("tallymark")
WATCHERS = 100
IMPORTS = 2
SENDERS = 8
LIVE = 0.25
"""Seconds for which one look at the dashboard serves all who open it."""
LOOKS = 60.0
"""About how many such looks a second are made: of more than fifteen shops that are looked at, each has its share."""


@dataclass(frozen=True)
class Instance:
    settings: Settings
    secret: str
    database: Database
    catalog: Catalog
    flights: Flights
    guard: LoginGuard = field(default_factory=LoginGuard)
    passwords: Verifier = field(default_factory=Verifier)
    asked: Asked = field(default_factory=Asked)
    readings: Shared[bytes] = field(default_factory=Shared)
    ends: Shared[Mapping[str, Any]] = field(default_factory=Shared)
    streams: Places = field(default_factory=lambda: Places(WATCHERS))
    imports: Places = field(default_factory=lambda: Places(IMPORTS))
    senders: Places = field(default_factory=lambda: Places(SENDERS))
    reachable: Checked = field(default_factory=Checked)
    ready: Checked = field(default_factory=Checked)
    warming: bool = False
    noticed: dict[str, Any] = field(default_factory=dict)
    bodies: Turns[bytes] = field(default_factory=Turns)
    dashboards: Kept[Shown] = field(default_factory=lambda: Kept(LIVE, 2 * LIVE, most=LOOKS))
    standings: Turns[Facts] = field(default_factory=Turns)
    monitor: Monitor = field(default_factory=lambda: Monitor(VERSION))
    started: float = field(default_factory=time.monotonic)

    @cached_property
    def answers(self) -> Answers:
        return Answers(
            self.database,
            self.catalog,
            stale_after=timedelta(hours=self.settings.stale_threshold_hours),
            memory_bytes=self.settings.cache_memory_mb << 20,
            shared=self.shared,
        )

    @cached_property
    def shared(self) -> SharedCache | None:
        return SharedCache(self.settings.redis_url, self.secret) if self.settings.redis_url else None

    @cached_property
    def people(self) -> People:
        return People(self.secret, self.database)

    @cached_property
    def uploads(self) -> Uploads:
        return Uploads(self.settings.uploads_folder, self.settings.upload_mb << 20)

    @cached_property
    def quotas(self) -> Quotas:
        return Quotas(self.settings.requests_per_address, self.settings.requests_per_credential, self.shared)

    @cached_property
    def standing(self) -> Standing:
        return Standing(self.database, self.settings.stale_threshold_hours * 3600.0)

    @cached_property
    def lane(self) -> Lane:
        return Lane(self.people, self.monitor.traffic)


async def instance(request: Request) -> Instance:
    """The parts, as a dependency of a route."""
    parts = request.app.state.instance
    assert isinstance(parts, Instance)
    return parts
