"""Where the time between a commit and its publication went, from the records that runs leave."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import pairwise
from pathlib import Path

from benchmarks.world import percentile, say
from tallymark.db import Database
from tallymark.db.queries import Queries
from tallymark.model import Tenant

HERE = Path(__file__).parent
SQL = Queries((HERE / "lag.sql").read_text("utf-8"), "lag.sql")
STEPS = ("until a run is asked for", "until a hand takes it", "until its refresh begins", "until it is published")


@dataclass
class Lags:
    """Seconds: of each commit in all and by steps, and of each refresh.

    `behind`: for how long a run of the shop that did not hold the change was still under way.
    """

    whole: list[float] = field(default_factory=list)
    steps: list[tuple[float, ...]] = field(default_factory=list)
    behind: list[float] = field(default_factory=list)
    made_by: Counter[str] = field(default_factory=Counter)
    publishing: list[float] = field(default_factory=list)
    preparing: list[float] = field(default_factory=list)

    def tell(self) -> None:
        say(f"  from commit to published: {_spread(self.whole)}")
        for number, name in enumerate(STEPS):
            say(f"    {name:<26}{_spread([steps[number] for steps in self.steps])}")
        say(f"    {len(self.behind)} came while a run of the shop was under way, for another {_spread(self.behind)}")
        say("    published by " + ", ".join(f"{who} {number:,}" for who, number in self.made_by.most_common()))
        say(f"  {len(self.publishing)} refreshes: published after {_spread(self.publishing)}")
        say(f"    answers that follow      {_spread(self.preparing)}")


def measure(database: Database, commits: Iterable[tuple[Tenant, datetime]]) -> Lags | None:
    """Of all these commits; None while one of them is not published yet."""
    by_tenant: dict[Tenant, list[datetime]] = defaultdict(list)
    for tenant, at in commits:
        by_tenant[tenant].append(at)
    found = Lags()
    for tenant, instants in by_tenant.items():
        of = {"tenant": tenant.tenant_id, "commits": instants, "since": min(instants)}
        with database.connect(tenant.tenant_id) as conn:
            for at, who, *begun, published, behind in conn.execute(SQL.published_by, of):
                if published is None:
                    return None
                found.whole.append(_seconds(at, published))
                found.made_by[who] += 1
                if behind is not None:
                    found.behind.append(_seconds(at, behind))
                if begun[0] is not None:
                    found.steps.append(_steps(at, [*begun, published]))
            for publishing, preparing in conn.execute(SQL.runs, of):
                found.publishing.append(publishing)
                found.preparing.append(preparing)
    return found


def _steps(at: datetime, begun: Sequence[datetime]) -> tuple[float, ...]:
    """What had begun before the change came cost it nothing."""
    instants = [at, *(max(at, moment) for moment in begun)]
    return tuple(_seconds(first, second) for first, second in pairwise(instants))


def _seconds(first: datetime, second: datetime) -> float:
    return (second - first).total_seconds()


def _spread(seconds: Sequence[float]) -> str:
    if not seconds:
        return "—"
    return (
        f"p50 {percentile(seconds, 0.5):5.2f} s, p95 {percentile(seconds, 0.95):5.2f} s, longest {max(seconds):5.2f} s"
    )
