"""What every route needs: the running server's parts, put together once by `app`."""

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from fastapi import Request

from tallymark.api.auth.attempts import LoginGuard
from tallymark.api.auth.passwords import Verifier
from tallymark.api.checked import Checked
from tallymark.api.waiting import Asked, Places, Shared
from tallymark.db import Database
from tallymark.metrics import Catalog
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
    started: float = field(default_factory=time.monotonic)


def instance(request: Request) -> Instance:
    """The parts, as a dependency of a route."""
    parts = request.app.state.instance
    assert isinstance(parts, Instance)
    return parts
