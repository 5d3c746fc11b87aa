"""Requests counted in integers: what is told of them, and that several processes add up."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from tallymark.monitoring import METERS, Board, Tally, Traffic, exposed, merged, percentile, readings, together
from tallymark.monitoring.meters import Values
from tallymark.monitoring.traffic import BOUNDS, MOST

ROUTE = "/api/metrics/{metric}"


def seen() -> Tally:
    tally = Tally(1, "GET", ROUTE)
    tally.known(0.00002, False, 200)
    tally.known(0.00002, False, 304)
    tally.known(0.00002, True, 200)
    tally.add(0.3, 200, ("rollup", "miss"))
    tally.add(100.0, 503, None)
    return tally


def test_what_the_lane_and_the_long_way_count_is_one() -> None:
    tally = seen()
    assert (tally.count, tally.classes, tally.longest) == (5, [0, 0, 3, 1, 0, 1], 100.0)
    assert tally.outcomes == {("memory", "hit"): 2, ("memory", "stale"): 1, ("rollup", "miss"): 1}


def test_several_processes_add_up_also_on_their_way_through_a_file() -> None:
    again = Tally.unpacked(json.loads(json.dumps(seen().packed())))
    assert again == seen()
    (both,) = together([seen(), again])
    assert both.count == 10
    assert both.outcomes == {key: 2 * count for key, count in seen().outcomes.items()}
    assert seen().count == 5


def test_what_is_exposed_is_of_all_shops_and_names_no_one() -> None:
    other = Tally(2, "GET", ROUTE)
    other.add(0.004, 404, None)
    text = exposed(readings([seen(), other])).decode()
    families = {family.name: family for family in text_string_to_metric_families(text)}
    requests = {tuple(s.labels.values()): s.value for s in families["tallymark_http_requests"].samples}
    assert requests == {
        ("GET", ROUTE, "2xx"): 3, ("GET", ROUTE, "3xx"): 1, ("GET", ROUTE, "4xx"): 1, ("GET", ROUTE, "5xx"): 1,
    }  # fmt: skip
    times = {s.labels.get("le"): s.value for s in families["tallymark_http_request_duration_seconds"].samples}
    assert (times["0.001"], times["0.005"], times["0.25"], times["0.3"], times["10.0"], times["+Inf"]) == (
        3, 4, 4, 5, 5, 6,
    )  # fmt: skip


def test_every_exported_bound_is_one_that_is_counted_by() -> None:
    assert set(METERS["http_request_duration_seconds"].bounds) <= set(BOUNDS)


def test_a_percentile_lies_within_its_step() -> None:
    tally = Tally(None, "GET", "/")
    assert percentile(tally.times, 0.5) is None
    for milliseconds in range(1, 101):
        tally.add(milliseconds / 1000, 200, None)
    for share in (0.5, 0.95, 0.99):
        assert percentile(tally.times, share) == pytest.approx(share / 10, rel=0.13)


def test_shops_without_number_do_not_fill_the_memory() -> None:
    traffic = Traffic()
    for number in range(MOST + 500):
        traffic.tally(number, "GET", ROUTE).add(0.1, 200, None)
    traffic.tally(None, "BREW", ROUTE).add(0.1, 405, None)
    assert len(traffic.tallies()) <= MOST + 2
    assert sum(tally.count for tally in traffic.tallies()) == MOST + 501
    assert {tally.method for tally in traffic.tallies()} == {"GET", "other"}


def test_counters_add_up_and_the_worst_gauge_speaks() -> None:
    one, two = Values(), Values()
    for values, lag in ((one, 0.2), (two, 0.9)):
        values.count("refreshes_total", "completed")
        values.observe("metric_duration_seconds", 30.0, "net_revenue")
        values.observe("metric_duration_seconds", 30.1, "net_revenue")
        values.register(lambda lag=lag: [("event_loop_lag_seconds", (), lag), ("processes", (), 1)])
    whole = merged([one.readings(), two.readings()])
    assert (whole["refreshes_total"][("completed",)], whole["processes"][()]) == (2, 2)
    assert whole["event_loop_lag_seconds"][()] == 0.9
    text = exposed(whole).decode()
    assert 'tallymark_metric_duration_seconds_bucket{le="30.0",metric="net_revenue"} 2.0' in text
    assert 'tallymark_metric_duration_seconds_count{metric="net_revenue"} 4.0' in text


def test_a_process_that_is_no_more_still_counts(tmp_path: Path) -> None:
    script = "import sys; from pathlib import Path; from tallymark.monitoring import Board;"
    script += "Board(Path(sys.argv[1])).write({'n': 7})"
    subprocess.run([sys.executable, "-c", script, str(tmp_path)], check=True)
    board = Board(tmp_path)
    board.write({"n": 1})
    assert list(board.others()) == [(False, {"n": 7})]
    (tmp_path / f"{os.getppid()}.1.json").write_text("{half")
    assert list(board.others()) == [(False, {"n": 7})]
