"""When something is due, through the days on which clocks are changed."""

from datetime import UTC, datetime

import pytest

from tallymark.errors import BadQuestion
from tallymark.tasks import calendar


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


def due(cron: str, timezone: str, after: str, count: int) -> list[str]:
    return [f"{found:%m-%d %H:%M:%S}" for found in calendar.upcoming(cron, timezone, at(after), count)]


# In 2026 Berlin leaves out 02:00-03:00 on 29 March and has it twice on 25 October, New York on 8 March and 1 November;
# Lord Howe leaves out half an hour at 02:00 on 4 October and has 01:30-02:00 twice on 5 April.
@pytest.mark.parametrize(
    ("cron", "timezone", "after", "expected"),
    [
        ("30 2 * * *", "Europe/Berlin", "2026-03-28T12:00Z", ["03-29 01:00:00", "03-30 00:30:00"]),
        ("30 2 * * *", "Europe/Berlin", "2026-10-24T12:00Z", ["10-25 00:30:00", "10-26 01:30:00"]),
        ("30 2 * * *", "America/New_York", "2026-03-07T12:00Z", ["03-08 07:00:00", "03-09 06:30:00"]),
        ("30 1 * * *", "America/New_York", "2026-10-31T12:00Z", ["11-01 05:30:00", "11-02 06:30:00"]),
        ("15 2 * * *", "Australia/Lord_Howe", "2026-10-03T00:00Z", ["10-03 15:30:00", "10-04 15:15:00"]),
        ("45 1 * * *", "Australia/Lord_Howe", "2026-04-04T00:00Z", ["04-04 14:45:00", "04-05 15:15:00"]),
        ("*/30 * * * *", "Europe/Berlin", "2026-03-29T00:15Z", ["03-29 00:30:00", "03-29 01:00:00", "03-29 01:30:00"]),
        ("*/30 * * * *", "Europe/Berlin", "2026-10-25T00:45Z", ["10-25 01:00:00", "10-25 01:30:00", "10-25 02:00:00"]),
        ("*/30 * * * * *", "UTC", "2026-01-01T00:00:10Z", ["01-01 00:00:30", "01-01 00:01:00"]),
        ("0 3 * * SUN", "UTC", "2026-11-22T03:00Z", ["11-29 03:00:00", "12-06 03:00:00"]),
        ("0 0 29 2 *", "UTC", "2026-01-01T00:00Z", ["02-29 00:00:00"]),
    ],
)
def test_upcoming(cron: str, timezone: str, after: str, expected: list[str]) -> None:
    assert due(cron, timezone, after, len(expected)) == expected


@pytest.mark.parametrize("timezone", ["Europe/Berlin", "America/New_York", "Australia/Lord_Howe"])
@pytest.mark.parametrize("cron", ["15 2 * * *", "45 1 * * *", "0 0 * * *", "59 23 * * *"])
def test_once_a_day_is_once_a_day(cron: str, timezone: str) -> None:
    zone = calendar.ZoneInfo(timezone)
    found = calendar.upcoming(cron, timezone, at("2026-01-01T12:00Z"), 365)
    days = [moment.astimezone(zone).date().toordinal() for moment in found]
    assert days == list(range(days[0], days[0] + 365))


def test_the_next_is_later_than_the_moment_itself() -> None:
    assert calendar.following("0 * * * *", "UTC", at("2026-01-01T10:00Z")) == at("2026-01-01T11:00Z")
    assert calendar.following("0 * * * *", "UTC", at("2026-01-01T09:59:59.999Z")) == at("2026-01-01T10:00Z")


@pytest.mark.parametrize(
    ("cron", "timezone", "says"),
    [
        ("every day", "UTC", "'every day' is not a cron expression"),
        ("0 25 * * *", "UTC", "Bad hour"),
        ("0 0 31 2 *", "UTC", "Bad day-of-month"),
        ("0 0 * * *", "Mars/Olympus", "There is no time zone 'Mars/Olympus'"),
    ],
)
def test_what_is_no_schedule_is_refused(cron: str, timezone: str, says: str) -> None:
    with pytest.raises(BadQuestion, match=says):
        calendar.check(cron, timezone)
