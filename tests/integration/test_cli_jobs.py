"""`tallymark jobs`: what it prints, what it leaves, how it ends."""

import json
from typing import Any

from tests.integration.test_cli_work import shop, tally

from tallymark.db import Database
from tallymark.tasks import JOBS, ledger, records

__all__ = ["shop", "tally"]


def test_from_a_trigger_to_a_stop(tally: Any, shop: int) -> None:
    status, out, err = tally("jobs", "trigger", "user_growth", "--tenant", "shop")
    run = out.strip()
    assert (status, len(run), err) == (0, 36, "Nobody works: it waits for tallymark work, or tallymark serve.\n")
    assert tally("jobs", "trigger", "user_growth", "--tenant", "shop")[1].strip() == run
    listed = [json.loads(line) for line in tally("jobs", "list", "--tenant", "shop", "--json")[1].splitlines()]
    assert [job["id"] for job in listed] == list(JOBS)
    assert {job["id"]: job["status"] for job in listed}["user_growth"] == "scheduled"
    found = [json.loads(line) for line in tally("jobs", "runs", "user_growth", "--json")[1].splitlines()]
    assert [(one["run_id"], one["tenant"], one["trigger"]) for one in found] == [(run, "shop", "command")]
    assert tally("jobs", "stop", "user_growth", "--tenant", "shop") == (
        0, "", "user_growth is stopped: 1 waiting runs are cancelled, 0 under way end within seconds.\n",
    )  # fmt: skip
    assert "switched off" in tally("jobs", "list", "--tenant", "shop")[1]
    assert tally("jobs", "restart", "user_growth", "--tenant", "shop")[1].strip() != run
    assert tally("jobs", "retry", run) == (
        2, "", "error: The run is cancelled, or another run of the same job waits: nothing is to be tried again.\n",
    )  # fmt: skip


def test_schedules(tally: Any, shop: int) -> None:
    told = tally("jobs", "schedule", "top_items", "--cron", "0 6 * * *", "--timezone", "Asia/Tokyo", "--missed", "once")
    assert told[0] == 0
    first, *upcoming = told[1].splitlines()
    assert first == ("top_items: 0 6 * * * (Asia/Tokyo), on; missed times are made up for once; set by command line")
    assert [line[-12:] for line in upcoming] == ["21:00:00 UTC"] * 3
    assert ", off;" in tally("jobs", "schedule", "top_items", "--off")[1]
    assert tally("jobs", "schedule", "top_items", "--reset")[1].startswith("top_items: */15 * * * * (UTC), on;")
    assert tally("jobs", "schedule", "refresh")[2] == "refresh has no schedule: it runs when it is asked for.\n"
    for words, says in (
        (("top_items", "--cron", "often"), "error: The schedule 'often' is not a cron expression"),
        (("top_items", "--missed", "never"), "error: --missed is skip or once, not 'never'."),
        (("lunch",), "error: There is no job 'lunch'."),
    ):
        status, _, err = tally("jobs", "schedule", *words)
        assert (status, err.startswith(says)) == (2, True), err


def test_where_nothing_is_started_by_the_clock_every_command_says_so(tally: Any, database: Database, shop: int) -> None:
    nobody = "Nobody works: run tallymark work"
    switched_off = "Nothing is started by the clock, as DISABLE_AUTO_SYNC says"
    assert tally("status")[2].startswith(nobody)
    assert tally("jobs", "list")[2].startswith(nobody)
    assert "warn  background work: nobody sees to what is due\n" in tally("doctor")[1]
    with records.engine(database) as conn:
        ledger.seen(conn, "one", 2, automatic=False)
    assert tally("status")[2].startswith(switched_off)
    assert tally("jobs", "list")[2].startswith(switched_off)
    assert f"warn  background work: {switched_off}; what is asked for is done by 1 at work\n" in tally("doctor")[1]


def test_a_run_says_what_came_of_it(tally: Any, database: Database, shop: int) -> None:
    with records.engine(database) as conn:
        conn.execute(
            "INSERT INTO job_runs (tenant_id, job, trigger, triggered_by, priority, due_at, status, result, error)"
            """ VALUES (0, 'archive', 'clock', 'x', 1, now(), 'completed', '{"lines": 7, "leftOut": []}', NULL),"""
            " (0, 'cycle', 'clock', 'x', 1, now(), 'failed', NULL, repeat('long ', 40))"
        )
    archived, failed = (tally("jobs", "runs", job)[1].splitlines()[1].rstrip() for job in ("archive", "cycle"))
    assert archived.endswith(' {"lines":7}')
    assert failed.endswith("long long…")
