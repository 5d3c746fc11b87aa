"""What a person who asks for a refresh finds, and what of it holds for them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from tallymark.api.limits import Allowance


@dataclass(frozen=True, slots=True)
class UnderWay:
    """A run that is going on; its snapshot is later than `started_at`."""

    run_id: str
    started_at: datetime


@dataclass(frozen=True, slots=True)
class Completed:
    """The newest run that ended well, and the instant of its snapshot."""

    record: Mapping[str, Any]
    snapshot_at: datetime


@dataclass(frozen=True, slots=True)
class Standing:
    """What holds for one caller. `arrived` is by the database's clock, and no earlier than they really did.

    `answering`: a run that has ended and holds all they could have meant; `serves`: one under way that will.
    """

    arrived: datetime
    allowance: Allowance
    answering: Mapping[str, Any] | None
    serves: str | None
    joins: bool


@dataclass(frozen=True, slots=True)
class Facts:
    """How things stood when they were looked up: at `now` by the database's clock, just after `at` by ours."""

    at: float
    now: datetime
    allowance: Allowance
    under_way: UnderWay | None
    completed: Completed | None

    def to(self, arrived: float) -> Standing:
        """For somebody who arrived then, by our monotonic clock."""
        came = self.now - timedelta(seconds=self.at - arrived)
        run, done = self.under_way, self.completed
        return Standing(
            arrived=came,
            allowance=self.allowance,
            answering=done.record if done and done.snapshot_at >= came else None,
            serves=run.run_id if run and run.started_at >= came else None,
            joins=run is not None,
        )
