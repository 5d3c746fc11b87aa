"""What is asked."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from tallymark.model.platform import ALL_PLATFORMS


@dataclass(frozen=True, slots=True)
class Question:
    """One metric, asked at one instant.

    `params` are as they came, in text; `as_of` decides which day is today; `max_age` is how many seconds
    old the answer may be, None for any age.
    """

    metric: str
    platform: str = ALL_PLATFORMS
    params: Mapping[str, str] = field(default_factory=dict)
    as_of: datetime = field(kw_only=True)
    max_age: float | None = field(default=None, kw_only=True)

    def __post_init__(self) -> None:
        if self.as_of.tzinfo is None:
            raise ValueError("as_of must carry its offset from UTC")
