"""What is measured, declared once: the exposition, its page in docs and the alert rules are held to this.

The values are of one process. They are counted where things happen, or read when somebody asks (`register`).
"""

import threading
from bisect import bisect_left
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

Labels = tuple[str, ...]
Value = float | list[float]
"""A number; of a histogram the number in each bucket, in the one above all bounds, and the sum."""
Readings = dict[str, dict[Labels, Value]]
Reading = tuple[str, Labels, float]

PREFIX = "tallymark_"
QUICK = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.25, 0.3, 0.4, 0.5, 1.0, 2.5, 5.0, 10.0)
"""Seconds of what somebody waits for; the targets are among them."""
LONG = (0.01, 0.05, 0.1, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0, 1800.0)
"""Seconds of what goes on behind; 30 is where a metric is called slow."""


@dataclass(frozen=True, slots=True)
class Meter:
    """One thing that is measured. `merged`: how the values of several processes become one."""

    kind: Literal["counter", "gauge", "histogram"]
    doc: str
    labels: tuple[str, ...] = ()
    bounds: tuple[float, ...] = ()
    merged: Literal["sum", "max"] = "sum"


METERS: Mapping[str, Meter] = {
    "http_requests_total": Meter(
        "counter", "Requests, by route template and class of status.", ("route", "method", "status_class")
    ),
    "http_request_duration_seconds": Meter(
        "histogram", "From the head of a request to the end of its answer.", ("route", "method"), QUICK
    ),
    "cache_requests_total": Meter(
        "counter", "Cached answers, by the tier they were found in and the outcome they told.", ("tier", "result")
    ),
    "cache_memory_bytes": Meter("gauge", "Answers in the memory of the processes."),
    "cache_memory_entries": Meter("gauge", "How many answers those are."),
    "shared_cache_breaker_open": Meter("gauge", "1 while the shared cache is away and nobody asks it.", merged="max"),
    "refreshes_total": Meter("counter", "Refreshes that ended here, by outcome.", ("outcome",)),
    "refresh_duration_seconds": Meter("histogram", "A refresh until its figures are published.", (), LONG),
    "refresh_phase_duration_seconds": Meter("histogram", "One phase of a refresh.", ("phase",), LONG),
    "metric_duration_seconds": Meter("histogram", "One evaluation of a metric's SQL.", ("metric",), LONG),
    "metric_failures_total": Meter("counter", "Evaluations by a refresh that failed.", ("metric",)),
    "slow_statements_total": Meter("counter", "SQL statements over the threshold, by metric.", ("metric",)),
    "changes_pending": Meter("gauge", "Keys in the change logs of all tenants that wait for a refresh.", merged="max"),
    "tenants": Meter("gauge", "Tenants, by how their figures stand: fresh, stale, never.", ("state",), merged="max"),
    "figures_age_seconds": Meter("gauge", "Age of the newest figures of the tenant that is worst off.", merged="max"),
    "tenant_figures_age_seconds": Meter(
        "gauge", "Age of the newest figures of the tenants that are worst off, twenty at most.", ("tenant",),
        merged="max",
    ),
    "verify_differences": Meter("gauge", "What the tenants' last integrity checks found to differ.", merged="max"),
    "job_workers": Meter("gauge", "Processes that do background work.", merged="max"),
    "jobs_running": Meter("gauge", "Runs of jobs under way.", merged="max"),
    "jobs_waiting": Meter("gauge", "Runs of jobs that are due and wait for their turn.", merged="max"),
    "jobs_dead": Meter("gauge", "Dead letters: runs that have failed for good.", merged="max"),
    "jobs_oldest_overdue_seconds": Meter("gauge", "How long the run that is due for longest has waited.", merged="max"),
    "scheduler_tick_age_seconds": Meter("gauge", "Since somebody last looked at what is due.", merged="max"),
    "db_pool_connections": Meter(
        "gauge", "Connections to the database: in use, and open but idle.", ("pool", "state")
    ),
    "db_pool_connections_max": Meter("gauge", "Connections that may be open.", ("pool",)),
    "db_pool_waiting": Meter("gauge", "Requests that wait for a connection.", ("pool",)),
    "db_pool_wait_seconds_total": Meter("counter", "Time spent waiting for a connection.", ("pool",)),
    "db_pool_timeouts_total": Meter("counter", "Requests that waited for a connection in vain.", ("pool",)),
    "replica_up": Meter("gauge", "1 while reads go to the replica; not there without one.", merged="max"),
    "replica_lag_seconds": Meter("gauge", "How far the replica is known to be behind.", merged="max"),
    "replica_fallbacks_total": Meter("counter", "Reads the primary answered in its place, by reason.", ("reason",)),
    "event_streams": Meter("gauge", "Streams of events that are open."),
    "event_loop_lag_seconds": Meter("gauge", "How late the event loop was for what it was last to do.", merged="max"),
    "process_resident_memory_bytes": Meter("gauge", "Memory of the processes."),
    "process_cpu_seconds_total": Meter("counter", "Processor time of the processes."),
    "processes": Meter("gauge", "Processes that answer."),
    "uptime_seconds": Meter("gauge", "Since the oldest process began.", merged="max"),
    "draining": Meter("gauge", "1 once the server has begun to stop.", merged="max"),
    "build_info": Meter("gauge", "Always 1; the version is the label.", ("version",), merged="max"),
}  # fmt: skip
"""By name, without the prefix."""


class Values:
    """The values of one process. From any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._values: Readings = {}
        self._sources: list[Callable[[], Iterable[Reading]]] = []

    def count(self, name: str, *labels: str, by: float = 1) -> None:
        """Adds to a counter."""
        with self._lock:
            of = self._values.setdefault(name, {})
            known = of.get(labels, 0.0)
            assert not isinstance(known, list)
            of[labels] = known + by

    def observe(self, name: str, seconds: float, *labels: str) -> None:
        """Adds one observation to a histogram."""
        bounds = METERS[name].bounds
        with self._lock:
            value = self._values.setdefault(name, {}).setdefault(labels, [0.0] * (len(bounds) + 2))
            assert isinstance(value, list)
            value[bisect_left(bounds, seconds)] += 1
            value[-1] += seconds

    def register(self, source: Callable[[], Iterable[Reading]]) -> Callable[[], None]:
        """Asks `source` for (name, labels, value) whenever the values are read; returns what ends that."""
        self._sources.append(source)
        return lambda: self._sources.remove(source)

    def readings(self) -> Readings:
        """A copy of everything as it stands."""
        with self._lock:
            found: Readings = {
                name: {labels: list(value) if isinstance(value, list) else value for labels, value in of.items()}
                for name, of in self._values.items()
            }
        for source in list(self._sources):
            for name, labels, value in source():
                found.setdefault(name, {})[labels] = value
        return found


VALUES = Values()
"""Those of this process."""


def merged(several: Iterable[Readings]) -> Readings:
    """The values of several processes as those of one."""
    whole: Readings = {}
    for readings in several:
        for name, of in readings.items():
            into, how = whole.setdefault(name, {}), METERS[name].merged
            for labels, value in of.items():
                into[labels] = _both(into[labels], value, how) if labels in into else value
    return whole


def counters(readings: Readings) -> Readings:
    """What still counts of a process that is no more."""
    return {name: of for name, of in readings.items() if METERS[name].kind != "gauge"}


def _both(one: Value, other: Value, how: str) -> Value:
    if isinstance(one, list) or isinstance(other, list):
        assert isinstance(one, list)
        assert isinstance(other, list)
        return [a + b for a, b in zip(one, other, strict=True)]
    return max(one, other) if how == "max" else one + other
