"""An answer as it is kept: its figures once, and how they were printed last."""

import sys
import time
from collections.abc import Hashable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

from tallymark.cache.bodies import Body
from tallymark.cache.figures import Figures, Tier
from tallymark.cache.memory import Memory
from tallymark.model import Answer, Tenant
from tallymark.results import Publication

OVERHEAD = 2048
"""Bytes that an entry takes besides its text."""


class Entry:
    """Figures as they are kept: since when, for how long, and printed."""

    __slots__ = ("digest", "figures", "fresh", "printed", "since")

    def __init__(self, tenant: Tenant, figures: Figures, fresh: float, age: float = 0.0) -> None:
        self.figures = figures
        self.since = time.monotonic() - age
        self.fresh = fresh
        said = (tenant.tenant_id, figures.metric, figures.platform, figures.params, figures.data)
        self.digest = sha256(repr(said).encode())
        self.printed: dict[bool, Printed] = {}

    @property
    def size(self) -> int:
        text = sys.getsizeof(self.figures.data) + sys.getsizeof(self.figures.params)
        return OVERHEAD + text + sum(printed.body.size for printed in self.printed.values())


@dataclass(frozen=True, slots=True)
class Printed:
    """An answer in print, good for the second in which it was printed; older, its age would be wrong.

    `made`: what whoever sends it made of it, for as long as it is in print.
    """

    second: int
    publication: Publication
    unverified: bool
    answer: Answer
    body: Body
    made: dict[bytes, Any] = field(default_factory=dict, compare=False)


@dataclass(slots=True)
class Given:
    """Figures with the publication they are told against. `overdue`: kept for longer than they count as fresh."""

    entry: Entry
    publication: Publication
    unverified: bool
    tier: Tier
    overdue: bool
    _key: Hashable
    _memory: Memory[Entry]
    _stale_after: timedelta

    def age(self, now: datetime) -> float:
        """Seconds since the figures were last found to be current."""
        return max(0.0, (now - self.checked_at).total_seconds())

    @property
    def checked_at(self) -> datetime:
        return self.entry.figures.computed_at if self.entry.figures.own else self.publication.checked_at

    def answer(self, now: datetime) -> Answer:
        """As it stands now."""
        figures = self.entry.figures
        return figures.told(self.publication, now, self._stale_after, unverified=self.unverified)

    def printed(self, now: datetime, max_age: float | None = None) -> Printed:
        """The same as JSON; printed anew at most once a second."""
        second = int(now.timestamp())
        refused = max_age is not None and self.age(now) > max_age
        known = self.entry.printed.get(refused)
        if (
            known is not None
            and known.second == second
            and known.unverified == self.unverified
            and (known.publication is self.publication or known.publication == self.publication)
        ):
            return known
        printed = self.entry.printed[refused] = self._print(now, refused)
        self._memory.resize(self._key, self.entry.size)
        return printed

    def grew(self) -> None:
        """To be told after a body was encoded."""
        self._memory.resize(self._key, self.entry.size)

    def _print(self, now: datetime, refused: bool) -> Printed:
        figures = self.entry.figures
        told = figures.told(self.publication, now, self._stale_after, unverified=self.unverified, parsed=False)
        if refused:
            told = replace(told, stale=True)
        digest = self.entry.digest.copy()
        digest.update(repr((told.version, told.stale, [notice.code for notice in told.warnings])).encode())
        # Weak: the same figures of the same standing, while their age in the body goes on.
        body = Body(told.to_json(), f'W/"{digest.hexdigest()[:32]}"')
        return Printed(int(now.timestamp()), self.publication, self.unverified, told, body)
