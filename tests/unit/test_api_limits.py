"""How often one person may refresh: a pause after each, and so many in a sliding window."""

from datetime import UTC, datetime, timedelta

import pytest

from tallymark.api.limits import Allowance, count
from tallymark.errors import TooManyRequests

NOW = datetime(2026, 3, 5, 12, tzinfo=UTC)
WINDOW, COOLDOWN = timedelta(minutes=15), timedelta(minutes=5)


def after(*minutes_ago: float, cooldown: timedelta = COOLDOWN) -> Allowance:
    started = [NOW - timedelta(minutes=minutes) for minutes in minutes_ago]
    return count(started, NOW, 5, WINDOW, cooldown)


def test_the_first_refresh_is_free() -> None:
    assert after() == Allowance(quota=5, window=900, remaining=5, reset=900, wait=0)
    after().require()


def test_the_next_one_waits_for_the_cooldown() -> None:
    allowance = after(2)
    assert allowance == Allowance(quota=5, window=900, remaining=4, reset=780, wait=180)
    with pytest.raises(TooManyRequests, match="in 3 min 0 s") as refused:
        allowance.require()
    assert refused.value.retry_after == 180


def test_after_the_cooldown_it_may_start() -> None:
    assert after(5).wait == 0
    assert after(4.999).wait == 1


def test_the_sixth_in_a_window_waits_until_the_first_has_left_it() -> None:
    allowance = after(14, 11, 8, 6, 5.5)
    assert (allowance.remaining, allowance.wait, allowance.reset) == (0, 60, 60)


def test_without_a_cooldown_only_the_window_counts() -> None:
    assert after(4, 3, 2, 1, cooldown=timedelta()).wait == 0
    assert after(4, 3, 2, 1, 0.5, cooldown=timedelta()).wait == 11 * 60


def test_a_cooldown_longer_than_the_window_still_holds() -> None:
    allowance = after(20, cooldown=timedelta(minutes=30))
    assert (allowance.remaining, allowance.wait) == (5, 600)


def test_the_headers_are_those_of_the_draft() -> None:
    assert after(2).spent().headers() == {
        "RateLimit-Policy": '"refresh";q=5;w=900',
        "RateLimit": '"refresh";r=3;t=780',
    }
