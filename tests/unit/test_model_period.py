from datetime import UTC, date, datetime, time, timedelta
from itertools import combinations_with_replacement
from zoneinfo import ZoneInfo

import pytest

from tallymark.errors import BadQuestion
from tallymark.model.period import ALL_TIME, Before, Period, nearest_months, resolve, trailing, whole_months

BERLIN = ZoneInfo("Europe/Berlin")
NOON = time(12)
THURSDAY = datetime(2026, 3, 5, 12, tzinfo=BERLIN)


@pytest.mark.parametrize(
    ("span", "first"),
    [
        ("today", date(2026, 3, 5)),
        ("week", date(2026, 3, 2)),
        ("month", date(2026, 3, 1)),
        ("quarter", date(2026, 1, 1)),
        ("year", date(2026, 1, 1)),
    ],
)
def test_a_span_runs_from_its_start_to_today(span, first):
    assert resolve(THURSDAY, BERLIN, span=span) == Period(first, date(2026, 3, 5), NOON)


def test_today_is_the_stores_day():
    evening = datetime(2026, 3, 5, 23, 30, tzinfo=UTC)
    assert resolve(evening, BERLIN, span="today") == Period(date(2026, 3, 6), date(2026, 3, 6), time(0, 30))


@pytest.mark.parametrize(
    ("first", "last", "period"),
    [
        (None, None, ALL_TIME),
        ("2026-02-01", "2026-02-28", Period(date(2026, 2, 1), date(2026, 2, 28))),
        ("2026-03-01", None, Period(date(2026, 3, 1), date(2026, 3, 5), NOON)),
        (None, "2026-02-28", Period(None, date(2026, 2, 28))),
        ("2026-03-01", "2026-03-31", Period(date(2026, 3, 1), date(2026, 3, 5), NOON)),
        ("2026-03-05", "2026-03-05", Period(date(2026, 3, 5), date(2026, 3, 5), NOON)),
        ("2026-04-01", "2026-04-30", Period(date(2026, 4, 1), date(2026, 4, 30))),
        ("2026-04-01", None, Period(date(2026, 4, 1), date(2026, 4, 1))),
    ],
)
def test_a_range_that_has_not_ended_ends_today(first, last, period):
    day = date.fromisoformat
    found = resolve(THURSDAY, BERLIN, first=day(first) if first else None, last=day(last) if last else None)
    assert found == period


def test_a_range_must_not_end_before_it_starts():
    with pytest.raises(BadQuestion, match="from=2026-03-02 is after to=2026-03-01"):
        resolve(THURSDAY, BERLIN, first=date(2026, 3, 2), last=date(2026, 3, 1))


@pytest.mark.parametrize(
    ("period", "compare", "before"),
    [
        (Period(date(2026, 3, 1), date(2026, 3, 10)), "previous", Before(date(2026, 2, 19), date(2026, 2, 28))),
        (Period(date(2026, 3, 1), date(2026, 3, 10)), "year", Before(date(2025, 3, 1), date(2025, 3, 10))),
        (Period(date(2024, 2, 29), date(2024, 2, 29)), "year", Before(date(2023, 2, 28), date(2023, 2, 28))),
        (Period(date(2026, 3, 1), date(2026, 3, 10)), "none", None),
        (Period(None, date(2026, 3, 10)), "previous", None),
        (
            Period(date(2026, 3, 1), date(2026, 3, 5), NOON),
            "previous",
            Before(date(2026, 2, 24), date(2026, 2, 28), datetime(2026, 2, 28, 12, tzinfo=BERLIN)),
        ),
    ],
)
def test_what_a_period_is_compared_with(period, compare, before):
    assert period.before(compare, BERLIN) == before


def test_the_cut_is_at_the_same_local_time_whatever_the_clocks_did():
    before = Period(date(2026, 3, 30), date(2026, 3, 30), time(2, 30)).before("previous", BERLIN)
    assert before.cut.astimezone(UTC) == datetime(2026, 3, 29, 1, 30, tzinfo=UTC)  # 02:30 was skipped that day.


def test_trailing_days_and_months_include_today():
    assert trailing(THURSDAY, BERLIN, 30, "days") == Period(date(2026, 2, 4), date(2026, 3, 5), NOON)
    assert trailing(THURSDAY, BERLIN, 12, "months") == Period(date(2025, 4, 1), date(2026, 3, 5), NOON)


def test_whole_months():
    assert whole_months(Period(date(2026, 2, 10), date(2026, 12, 5), NOON)) == Period(
        date(2026, 2, 1), date(2026, 12, 31)
    )
    assert whole_months(Period(None, date(2026, 2, 5))) == Period(None, date(2026, 2, 28))


@pytest.mark.parametrize(
    ("first", "last", "months"),
    [
        ("2026-01-01", "2026-03-31", ("2026-01-01", "2026-03-31")),
        ("2026-01-03", "2026-03-30", ("2026-01-01", "2026-03-31")),
        ("2026-01-20", "2026-03-10", ("2026-02-01", "2026-02-28")),
        ("2026-01-20", "2026-02-10", ("2026-01-20", "2026-01-19")),
        ("2026-01-20", "2026-01-25", ("2026-01-20", "2026-01-19")),
        ("2026-01-03", "2026-01-10", ("2026-01-03", "2026-01-02")),
        ("0001-01-01", "9999-12-31", ("0001-01-01", "9999-12-31")),
    ],
)
def test_the_nearest_whole_months(first, last, months):
    found = nearest_months(date.fromisoformat(first), date.fromisoformat(last))
    assert tuple(map(str, found)) == months


def test_months_plus_days_less_days_are_the_range_whatever_it_is():
    """As top_products adds them up: every day of the range once, every other day not at all."""
    every = [date(2026, 1, 1) + timedelta(days=number) for number in range(120)]
    for first, last in combinations_with_replacement(every[30:90], 2):
        begins, ends = nearest_months(first, last)
        within = [
            (begins <= day <= ends)
            + (first <= day < begins or ends < day <= last)
            - (begins <= day < first or last < day <= ends)
            for day in every
        ]
        assert within == [first <= day <= last for day in every]
