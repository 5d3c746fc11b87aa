"""Which run answers somebody who asks for a refresh: one whose snapshot is later than they came."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from tallymark.api.facts import Completed, Facts, UnderWay
from tallymark.api.limits import Allowance

NOW = datetime(2026, 3, 5, 12, tzinfo=UTC)
FREE = Allowance(quota=5, window=900, remaining=5, reset=900, wait=0)
# Looked up at 100 s of our clock; a run took its snapshot 2 s before, another began 1 s before.
FACTS = Facts(
    at=100.0,
    now=NOW,
    allowance=FREE,
    under_way=UnderWay("going", NOW - timedelta(seconds=1)),
    completed=Completed({"runId": "done"}, NOW - timedelta(seconds=2)),
)


@pytest.mark.parametrize(
    ("arrived", "answering", "serves"),
    [(97.9, {"runId": "done"}, "going"), (98.1, None, "going"), (99.1, None, None), (100.5, None, None)],
)
def test_a_run_serves_those_who_came_before_its_snapshot(arrived: float, answering: object, serves: str | None) -> None:
    standing = FACTS.to(arrived)
    assert (standing.answering, standing.serves, standing.joins) == (answering, serves, True)
    assert standing.arrived == NOW + timedelta(seconds=arrived - 100)


def test_where_nothing_was_or_is_there_is_nothing_to_join() -> None:
    standing = replace(FACTS, under_way=None, completed=None).to(90)
    assert (standing.answering, standing.serves, standing.joins) == (None, None, False)
