"""What is answered: a figure with its age."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from tallymark.model import exact_json
from tallymark.model.exact_json import instant


@dataclass(frozen=True, slots=True)
class Notice:
    """Something the reader of a figure must know. `code` is stable, `message` is for people."""

    code: str
    message: str


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer to one question.

    `params` is the question with its defaults and its days worked out. `computed_at` is when the figures
    were computed, `checked_at` when they were last known to be current, `age` the seconds since then,
    `data_through` the latest instant of the data in them. `stale`: older than accepted, or behind.
    """

    metric: str
    params: Mapping[str, object]
    platform: str
    data: object
    computed_at: datetime
    checked_at: datetime
    data_through: datetime | None
    version: int
    age: float
    stale: bool
    warnings: tuple[Notice, ...] = ()

    def to_json(self) -> bytes:
        """The answer as HTTP gives it: camelCase, exact figures as JSON numbers."""
        return exact_json.dumps(
            {
                "metric": self.metric,
                "params": dict(self.params),
                "platform": self.platform,
                "data": self.data,
                "computedAt": instant(self.computed_at),
                "checkedAt": instant(self.checked_at),
                "dataThrough": instant(self.data_through),
                "version": self.version,
                "age": round(self.age, 3),
                "stale": self.stale,
                "warnings": [{"code": notice.code, "message": notice.message} for notice in self.warnings],
            }
        ).encode()
