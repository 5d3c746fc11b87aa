"""Requests as they are answered, by shop and route: in plain integers, for most are answered within microseconds."""

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from tallymark.monitoring.meters import QUICK, Readings, Value

_DECADE = (1.0, 1.25, 1.6, 2.0, 2.5, 3.0, 4.0, 5.0, 6.3, 8.0)
BOUNDS = tuple(round(step * 10.0**power, 10) for power in range(-5, 2) for step in _DECADE)
"""Seconds, ten to the decade: a percentile is told to within a quarter."""
MOST = 4_000
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
OTHER = "other"


@dataclass(slots=True)
class Tally:
    """Requests of one shop (None: of nobody in particular) to one route.

    `statuses` and `kept` (by tier and outcome) count those that went the long way. The others are of the fast lane,
    which finds everything in memory: `stale` of them were older than they should be, `unchanged` were told so by 304.
    """

    tenant_id: int | None
    method: str
    route: str
    times: list[int] = field(default_factory=lambda: [0] * (len(BOUNDS) + 1))
    seconds: float = 0.0
    longest: float = 0.0
    stale: int = 0
    unchanged: int = 0
    statuses: list[int] = field(default_factory=lambda: [0] * 6)
    kept: dict[tuple[str, str], int] = field(default_factory=dict)

    def known(self, seconds: float, stale: bool, status: int) -> None:
        """One that the fast lane has answered."""
        self.times[bisect_left(BOUNDS, seconds)] += 1
        self.seconds += seconds
        if seconds > self.longest:
            self.longest = seconds
        if stale:
            self.stale += 1
        if status == 304:
            self.unchanged += 1

    def add(self, seconds: float, status: int, kept: tuple[str, str] | None) -> None:
        """One that went the long way."""
        self.times[bisect_left(BOUNDS, seconds)] += 1
        self.seconds += seconds
        self.longest = max(self.longest, seconds)
        self.statuses[min(status // 100, 5)] += 1
        if kept:
            self.kept[kept] = self.kept.get(kept, 0) + 1

    def absorb(self, other: "Tally") -> None:
        """The same of another process."""
        self.times = [a + b for a, b in zip(self.times, other.times, strict=True)]
        self.statuses = [a + b for a, b in zip(self.statuses, other.statuses, strict=True)]
        self.seconds += other.seconds
        self.longest = max(self.longest, other.longest)
        self.stale, self.unchanged = self.stale + other.stale, self.unchanged + other.unchanged
        for key, count in other.kept.items():
            self.kept[key] = self.kept.get(key, 0) + count

    @property
    def count(self) -> int:
        return sum(self.times)

    @property
    def _on_the_lane(self) -> int:
        return self.count - sum(self.statuses)

    @property
    def classes(self) -> list[int]:
        """How many answers of each class of status: 2 stands for 2xx."""
        found = list(self.statuses)
        found[2] += self._on_the_lane - self.unchanged
        found[3] += self.unchanged
        return found

    @property
    def outcomes(self) -> dict[tuple[str, str], int]:
        """How many cached answers came of each tier with each outcome."""
        found = dict(self.kept)
        for outcome, count in (("hit", self._on_the_lane - self.stale), ("stale", self.stale)):
            if count:
                found["memory", outcome] = found.get(("memory", outcome), 0) + count
        return found

    def packed(self) -> list[object]:
        """For another process, as JSON."""
        times = [[index, count] for index, count in enumerate(self.times) if count]
        kept = [[*key, count] for key, count in self.kept.items()]
        return [
            self.tenant_id, self.method, self.route, times, self.seconds, self.longest,
            self.stale, self.unchanged, self.statuses, kept,
        ]  # fmt: skip

    @classmethod
    def unpacked(cls, packed: Sequence[object]) -> "Tally":
        tenant_id, method, route, times, seconds, longest, stale, unchanged, statuses, kept = packed
        tally = cls(tenant_id, method, route)  # type: ignore[arg-type]
        for index, count in times:  # type: ignore[attr-defined]
            tally.times[index] = count
        tally.seconds, tally.longest, tally.statuses = seconds, longest, statuses  # type: ignore[assignment]
        tally.stale, tally.unchanged = stale, unchanged  # type: ignore[assignment]
        tally.kept = {(tier, outcome): count for tier, outcome, count in kept}  # type: ignore[attr-defined]
        return tally


class Traffic:
    """The tallies of one process: so many and no more; further shops then count as nobody. From one event loop."""

    def __init__(self) -> None:
        self._tallies: dict[tuple[int | None, str, str], Tally] = {}

    def tally(self, tenant_id: int | None, method: str, route: str) -> Tally:
        method = method if method in METHODS else OTHER
        key = (tenant_id, method, route)
        found = self._tallies.get(key)
        if found is None:
            if len(self._tallies) >= MOST and tenant_id is not None:
                return self.tally(None, method, route)
            found = self._tallies[key] = Tally(*key)
        return found

    def tallies(self) -> list[Tally]:
        return list(self._tallies.values())


def together(tallies: Iterable[Tally]) -> list[Tally]:
    """Those of several processes, one for each shop and route."""
    whole = Traffic()
    for tally in tallies:
        whole.tally(tally.tenant_id, tally.method, tally.route).absorb(tally)
    return whole.tallies()


def percentile(times: Sequence[int], share: float) -> float | None:
    """The seconds within which this share of the requests was answered; None where there were none."""
    wanted = share * sum(times)
    if not wanted:
        return None
    below = 0
    for index, count in enumerate(times):
        if below + count >= wanted:
            low = BOUNDS[index - 1] if index else 0.0
            high = BOUNDS[min(index, len(BOUNDS) - 1)]
            return low + (high - low) * (wanted - below) / count
        below += count
    return BOUNDS[-1]


def readings(tallies: Iterable[Tally]) -> Readings:
    """The same as they are measured: by route, of all shops."""
    requests: dict[tuple[str, ...], Value] = {}
    durations: dict[tuple[str, ...], Value] = {}
    cached: dict[tuple[str, ...], Value] = {}
    for tally in tallies:
        for status, count in enumerate(tally.classes):
            if count:
                _add(requests, (tally.route, tally.method, f"{status}xx"), count)
        _add_times(durations, (tally.route, tally.method), tally)
        for key, count in tally.outcomes.items():
            _add(cached, key, count)
    return {
        "http_requests_total": requests,
        "http_request_duration_seconds": durations,
        "cache_requests_total": cached,
    }


def _add(into: dict[tuple[str, ...], Value], labels: tuple[str, ...], count: float) -> None:
    known = into.get(labels, 0.0)
    assert not isinstance(known, list)
    into[labels] = known + count


def _add_times(into: dict[tuple[str, ...], Value], labels: tuple[str, ...], tally: Tally) -> None:
    value = into.setdefault(labels, [0.0] * (len(QUICK) + 2))
    assert isinstance(value, list)
    for index, count in enumerate(tally.times):
        if count:
            upper = BOUNDS[index] if index < len(BOUNDS) else float("inf")
            value[bisect_left(QUICK, upper)] += count
    value[-1] += tally.seconds
