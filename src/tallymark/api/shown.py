"""The dashboard as it was at one look, for all who open it within the same moment."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from tallymark.api.cached import Cached
from tallymark.cache import Body
from tallymark.results import Publication, Stored


@dataclass(frozen=True, slots=True)
class Figures:
    """The stored figures that a look saw: JSON by metric, and the answers among them that are the last good ones.

    They are those of `published` for whoever asks in the same quarter of an hour, when local days are the same.
    """

    published: Publication | None
    quarter: int
    by_metric: Mapping[str, str | None]
    failures: Sequence[Stored]


@dataclass(frozen=True, slots=True)
class Shown:
    """The dashboard as it was at one look."""

    body: Body
    figures: Figures
    _told: dict[tuple[bytes, bytes, int], Cached] = field(default_factory=dict, compare=False)

    @property
    def published(self) -> Publication | None:
        return self.figures.published

    @property
    def mark(self) -> object:
        return mark_of(self.published)

    def cached(self, outcome: bytes, tier: bytes, now: datetime) -> Cached:
        published = self.published
        if published is None:
            return Cached(self.body, outcome, tier, 0, None, b"no-store")
        age = int(max(0.0, (now - published.checked_at).total_seconds()))
        cached = self._told.get((outcome, tier, age))
        if cached is None:
            cached = Cached(self.body, outcome, tier, published.version, age, b"no-store")
            self._told[outcome, tier, age] = cached
        return cached


def mark_of(published: Publication | None) -> object:
    """Which state of the figures it is; None: there are none."""
    return published.mark if published else None
