"""What every route needs: the running server's parts, put together once by `app`."""

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from fastapi import Request

from tallymark.api.auth import Person
from tallymark.api.auth.attempts import LoginGuard
from tallymark.api.auth.passwords import Verifier
from tallymark.api.checked import Checked
from tallymark.api.facts import Facts
from tallymark.api.turns import Turns
from tallymark.api.waiting import Asked, Places, Shared
from tallymark.cache import Tier
from tallymark.db import Database
from tallymark.metrics import Catalog
from tallymark.model import Answer
from tallymark.settings import Settings
from tallymark.tasks import Flights

WATCHERS = 100


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
    reachable: Checked = field(default_factory=Checked)
    ready: Checked = field(default_factory=Checked)
    people: Turns[Person] = field(default_factory=Turns)
    bodies: Turns[bytes] = field(default_factory=Turns)
    answers: Turns[tuple[Answer, Tier]] = field(default_factory=Turns)
    standings: Turns[Facts] = field(default_factory=Turns)
    started: float = field(default_factory=time.monotonic)


def instance(request: Request) -> Instance:
    """The parts, as a dependency of a route."""
    parts = request.app.state.instance
    assert isinstance(parts, Instance)
    return parts
