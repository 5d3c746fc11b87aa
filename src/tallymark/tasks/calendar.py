"""When something is due: cron expressions in a time zone, through the days when clocks are changed.

What names an hour runs once a day whatever the clocks do: in an hour that is left out, at the moment it would have
begun or right after; in one that comes twice, the first time. What runs every so many minutes or seconds keeps its
pace.
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import islice, pairwise
from zoneinfo import ZoneInfo, available_timezones

from cronsim import CronSim, CronSimError

from tallymark.errors import BadQuestion

SHORTEST_PACE = 30
"""Seconds between two due times, at least."""


def check(cron: str, timezone: str) -> None:
    """Raises BadQuestion where the expression is not one, never comes, or nobody knows the zone."""
    if timezone not in available_timezones():
        raise BadQuestion(f"There is no time zone {timezone[:60]!r}.", hint="Use an IANA name such as Europe/London.")
    try:
        next(CronSim(cron, datetime(2000, 1, 1, tzinfo=ZoneInfo(timezone))))
    except (CronSimError, StopIteration) as wrong:
        reason = str(wrong) or "it never comes"
        raise BadQuestion(
            f"The schedule {cron[:60]!r} is not a cron expression: {reason}.",
            hint="Five fields: minute, hour, day of the month, month, day of the week; or six, with seconds first.",
        ) from None


def check_pace(cron: str, timezone: str) -> None:
    """Raises BadQuestion where a job would come more often than anybody can use."""
    due = upcoming(cron, timezone, datetime(2026, 1, 1, tzinfo=UTC), 60)
    shortest = min((later - earlier).total_seconds() for earlier, later in pairwise(due))
    if shortest < SHORTEST_PACE:
        raise BadQuestion(
            f"The schedule {cron!r} comes every {shortest:g} s: {SHORTEST_PACE} s is the least.",
            details={"parameter": "cron", "least": SHORTEST_PACE},
        )


def following(cron: str, timezone: str, after: datetime) -> datetime:
    """The first due time later than `after`, in UTC."""
    return next(_due(cron, timezone, after))


def upcoming(cron: str, timezone: str, after: datetime, count: int = 3) -> list[datetime]:
    """The next due times later than `after`, in UTC."""
    return list(islice(_due(cron, timezone, after), count))


def _due(cron: str, timezone: str, after: datetime) -> Iterator[datetime]:
    last = after
    for due in CronSim(cron, after.astimezone(ZoneInfo(timezone))):
        at = due.astimezone(UTC)
        if at > last:
            last = at
            yield at
