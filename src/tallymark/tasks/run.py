"""A refresh under way: what it knows so far, handed from step to step."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from time import perf_counter
from uuid import UUID

from tallymark import rollups
from tallymark.db import Database, Session
from tallymark.metrics import Catalog, Plan
from tallymark.model import ALL_PLATFORMS, Tenant
from tallymark.monitoring import tracing
from tallymark.tasks.runs import Progress

STEPS = ("Calculating Revenue", "Processing Expenses", "Analyzing Trends", "Finalizing Results")


@dataclass(slots=True)
class Run:
    """A refresh under way: what it knows so far, handed from step to step."""

    database: Database
    session: Session
    catalog: Catalog
    tenant: Tenant
    run_id: UUID
    force: bool
    watch: Callable[[Progress], None]
    as_of: datetime | None
    slow_ms: float
    followed: Callable[[], bool]
    applied: rollups.Applied = field(default_factory=rollups.Applied)
    changes: int = 0
    sources: set[str] = field(default_factory=set)
    touched: set[str | None] = field(default_factory=set)
    rebuild: bool = False
    everything: bool = False
    snapshot_at: datetime | None = None
    version: int = 0
    platforms: tuple[str, ...] = ()
    metrics: dict[str, dict[str, object]] = field(default_factory=dict)
    phases: dict[str, float] = field(default_factory=dict)

    @property
    def now(self) -> datetime:
        """The instant of the snapshot: what the figures are `as of`, unless the caller names another."""
        assert self.snapshot_at is not None
        return self.as_of or self.snapshot_at

    def concerns(self, plan: Plan) -> bool:
        """Whether anything that the plan's figures are made of has changed; daily ones wait for their day."""
        if self.force or self.everything:
            return True
        if plan.metric.ready == "daily":
            return False
        if plan.metric.sources.isdisjoint(self.sources):
            return False
        return plan.platform == ALL_PLATFORMS or bool(self.touched & {plan.platform, None})

    @contextmanager
    def step(self, index: int) -> Iterator[None]:
        self.report(index)
        began, name = perf_counter(), STEPS[index]
        with tracing.span(f"refresh {name}"):
            yield
        self.phases[name] = self.phases.get(name, 0.0) + ms_since(began)

    def report(self, index: int, done: int | None = None, total: int | None = None) -> None:
        self.watch(Progress(str(self.run_id), STEPS[index], index, len(STEPS), done, total))

    @property
    def rounded_phases(self) -> dict[str, float]:
        return {name: round(ms, 3) for name, ms in self.phases.items()}

    @property
    def error(self) -> str | None:
        """Which metrics failed, in a sentence."""
        failed = sorted(name for name, record in self.metrics.items() if record["status"] == "failed")
        return f"{', '.join(failed)} failed and kept the last good figures." if failed else None


def ms_since(began: float) -> float:
    return (perf_counter() - began) * 1000
