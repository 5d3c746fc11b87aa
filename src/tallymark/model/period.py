"""Which local days a question is about, and which earlier days it is compared with.

Days are the store's local days, both ends inclusive. A period that has not ended at `as_of` is running: it
ends on as_of's local day, and the period before it is cut at the same local time of its last day.
"""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from tallymark.errors import BadQuestion

Span = Literal["today", "week", "month", "quarter", "year", "custom"]
Compare = Literal["previous", "year", "none"]

SPANS: tuple[Span, ...] = ("today", "week", "month", "quarter", "year", "custom")
COMPARES: tuple[Compare, ...] = ("previous", "year", "none")

ONE_DAY = timedelta(days=1)
DAYS_A_MONTH_COSTS = 2
"""As much is read of a month as of so many days: what is sold in it, rather than how often."""


@dataclass(frozen=True, slots=True)
class Before:
    """The earlier days, `first` to `last`; the last one only up to the instant `cut`, where that is set."""

    first: date
    last: date
    cut: datetime | None = None


@dataclass(frozen=True, slots=True)
class Period:
    """Local days from `first` to `last`; None is without end. `elapsed`: how far the last day has run."""

    first: date | None = None
    last: date | None = None
    elapsed: time | None = None

    @property
    def running(self) -> bool:
        return self.elapsed is not None

    @property
    def days(self) -> int | None:
        """How many local days it has, or None where it has no end."""
        if self.first is None or self.last is None:
            return None
        return (self.last - self.first).days + 1

    def before(self, compare: Compare, zone: ZoneInfo) -> Before | None:
        """As many days just earlier, or the same dates a year earlier; None without both ends."""
        if compare == "none" or self.first is None or self.last is None:
            return None
        if compare == "year":
            first, last = _year_earlier(self.first), _year_earlier(self.last)
        else:
            length = self.last - self.first + ONE_DAY
            first, last = self.first - length, self.last - length
        cut = datetime.combine(last, self.elapsed, zone) if self.elapsed is not None else None
        return Before(first, last, cut)


ALL_TIME = Period()


def resolve(
    as_of: datetime,
    zone: ZoneInfo,
    *,
    span: Span = "custom",
    first: date | None = None,
    last: date | None = None,
) -> Period:
    """The days meant by `period=`, or by `from=` and `to=`; weeks start on Monday.

    `from` alone runs to today, `to` alone begins with the first sale.
    Raises BadQuestion where `from` is after `to`.
    """
    local = as_of.astimezone(zone)
    today = local.date()
    if span != "custom":
        return Period(start_of(span, today), today, local.time())
    if first is None and last is None:
        return ALL_TIME
    if first is not None and last is not None and first > last:
        raise BadQuestion(
            f"from={first} is after to={last}.",
            hint="from and to are local days, both inclusive; from must not be after to.",
            details={"parameter": "from", "value": str(first)},
        )
    if first is not None and first <= today and (last is None or last >= today):
        return Period(first, today, local.time())
    return Period(first, last if last is not None else first)


def trailing(as_of: datetime, zone: ZoneInfo, count: int, unit: Literal["days", "months"]) -> Period:
    """The last so many local days, or local months (from the first of the earliest), up to as_of's day."""
    local = as_of.astimezone(zone)
    today = local.date()
    if unit == "days":
        return Period(today - timedelta(days=count - 1), today, local.time())
    return Period(_add_months(today, 1 - count), today, local.time())


def whole_months(period: Period) -> Period:
    """The period widened to the whole months it touches; it does not count as running."""
    first = period.first.replace(day=1) if period.first else None
    last = _add_months(period.last, 1) - ONE_DAY if period.last else None
    return Period(first, last)


def nearest_months(first: date, last: date) -> tuple[date, date]:
    """The whole months nearest to the days from first to last: first day and last day.

    They may begin or end outside the days, by half a month at most; where they hold no day at all, the last day is
    the one before the first. Any sum over the days is that over the months, plus the days outside them, less the
    days of theirs that lie outside the range. Where those are as many as the days themselves, there are no months.
    """
    begins = date.min if first == date.min else _nearest_month_end(first - ONE_DAY) + ONE_DAY
    ends = date.max if last == date.max else _nearest_month_end(last)
    months = (ends.year - begins.year) * 12 + ends.month - begins.month + 1 if begins < ends else 0
    put_right = abs((begins - first).days) + abs((ends - last).days)
    if put_right + months * DAYS_A_MONTH_COSTS >= (last - first).days + 1:
        return first, first - ONE_DAY if first > date.min else first
    return begins, ends


def start_of(span: Span, day: date) -> date:
    """The first day of the week, month, quarter or year that holds the day."""
    match span:
        case "week":
            return day - timedelta(days=day.weekday())
        case "month":
            return day.replace(day=1)
        case "quarter":
            return day.replace(month=(day.month - 1) // 3 * 3 + 1, day=1)
        case "year":
            return day.replace(month=1, day=1)
        case _:
            return day


def _nearest_month_end(day: date) -> date:
    earlier, later = day.replace(day=1) - ONE_DAY, _add_months(day, 1) - ONE_DAY
    return earlier if day - earlier < later - day else later


def _add_months(day: date, months: int) -> date:
    years, month = divmod(day.month - 1 + months, 12)
    return date(day.year + years, month + 1, 1)


def _year_earlier(day: date) -> date:
    if (day.month, day.day) == (2, 29):
        return day.replace(year=day.year - 1, day=28)
    return day.replace(year=day.year - 1)
