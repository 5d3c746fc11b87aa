"""Refresh on demand: limits, single flight, runs and their events."""

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import uuid4

import anyio
import httpx

from tallymark.settings import Settings
from tallymark.tasks import DIED, STEPS
from tallymark.tasks.refresh import LOCK_CLASS

REFRESH = "/api/admin/analytics/refresh"
ASYNC = {"Prefer": "respond-async"}


def post(shop: Any, headers: dict[str, str], **params: Any) -> Any:
    return shop.client.post(REFRESH, headers=headers, params=params)


def events_of(text: str) -> list[tuple[str, Any]]:
    found = []
    for block in text.split("\n\n"):
        fields = dict(line.split(": ", 1) for line in block.splitlines() if not line.startswith(":"))
        if "event" in fields:
            found.append((fields["event"], json.loads(fields["data"])))
    return found


def runs(shop: Any) -> list[tuple[str, str]]:
    with shop.instance.database.owner() as conn:
        query = "SELECT status, triggered_by FROM analytics_metadata ORDER BY started_at"
        return [tuple(row) for row in conn.execute(query).fetchall()]


def noted(shop: Any) -> list[tuple[str]]:
    with shop.instance.database.owner() as conn:
        return conn.execute("SELECT actor FROM audit_log WHERE action = 'refresh'").fetchall()


@contextmanager
def locked(shop: Any) -> Iterator[None]:
    """Another process holds the shop's refresh lock."""
    with shop.instance.database.session(shop.tenant.tenant_id) as session:
        session.connection.execute("SELECT pg_advisory_lock(%s, %s)", (LOCK_CLASS, shop.tenant.tenant_id))
        yield


def until_nobody_holds_a_lock(shop: Any) -> None:
    """A run holds its lock longer than its figures are awaited; the pool lets go of ours when it gets to it."""
    held = """SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'
        AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"""
    with shop.instance.database.owner() as conn:
        while conn.execute(held).fetchone() != (0,):
            time.sleep(0.01)


def test_a_refresh_answers_with_the_figures_and_how_long_they_took(shop: Any) -> None:
    answer = post(shop, shop.bearer("admin"))
    metadata = answer.json()["metadata"]
    assert (answer.status_code, metadata["version"], metadata["joined"]) == (200, 1, False)
    assert metadata["computationTimeMs"] > 0
    assert answer.json()["data"]["netRevenue"]["totalRevenue"] == 22.005
    assert answer.headers["RateLimit-Policy"] == '"refresh";q=5;w=900'
    assert answer.headers["RateLimit"] == '"refresh";r=4;t=900'
    run = shop.client.get(f"/api/admin/analytics/runs/{metadata['runId']}", headers=shop.bearer("admin")).json()["data"]
    assert (run["status"], run["triggeredBy"], run["version"]) == ("completed", "admin@example.com", 1)
    assert [step["step"] for step in run["steps"]] == list(STEPS)


def test_the_next_refresh_waits_five_minutes(shop: Any) -> None:
    headers = shop.bearer("admin")
    post(shop, headers)
    refused = post(shop, headers)
    assert (refused.status_code, refused.json()["code"]) == (429, "too_many_requests")
    assert refused.headers["Content-Type"] == "application/problem+json"
    assert 200 < int(refused.headers["Retry-After"]) <= 300  # Less by what this test has taken.
    assert refused.headers["RateLimit"].startswith('"refresh";r=4;t=')
    shop.own("UPDATE analytics_metadata SET started_at = started_at - interval '5 minutes', snapshot_at = NULL")
    assert post(shop, headers).status_code == 200


def test_the_sixth_within_a_quarter_of_an_hour_waits(make_shop: Any) -> None:
    shop = make_shop(Settings(refresh_cooldown_minutes=0))
    headers = shop.bearer("admin")
    left = [post(shop, headers).headers["RateLimit"].split(";")[1] for _ in range(5)]
    assert left == ["r=4", "r=3", "r=2", "r=1", "r=0"]
    refused = post(shop, headers)
    assert refused.status_code == 429
    assert 700 < int(refused.headers["Retry-After"]) <= 900


def test_the_limit_is_a_persons_own_and_failed_runs_do_not_count(shop: Any) -> None:
    headers = shop.bearer("admin")
    post(shop, headers)
    shop.own("UPDATE analytics_metadata SET triggered_by = 'somebody@example.com'")
    assert post(shop, headers).status_code == 200
    shop.own("UPDATE analytics_metadata SET status = 'failed'")
    assert post(shop, headers).status_code == 200


def test_a_failed_refresh_keeps_the_last_good_figures(lenient: Any) -> None:
    headers = lenient.bearer("admin")
    post(lenient, headers)
    lenient.own("ALTER TABLE analytics_history RENAME TO elsewhere")
    lenient.run("UPDATE expenses SET amount = amount + 1")
    failed = post(lenient, headers)
    assert (failed.status_code, failed.json()["code"]) == (500, "refresh_failed")
    lenient.own("ALTER TABLE elsewhere RENAME TO analytics_history")
    figures = lenient.client.get("/api/admin/dashboard", headers=headers).json()["data"]["analyticsData"]
    assert (figures["version"], figures["netRevenue"]["totalExpenses"]) == (1, 8.0)
    assert [status for status, _ in runs(lenient)] == ["completed", "failed"]
    started = lenient.client.post(REFRESH, headers={**headers, **ASYNC})
    assert started.status_code == 202


def test_responding_at_once_gives_the_address_of_the_run_and_its_events(shop: Any) -> None:
    headers = shop.bearer("admin")
    started = shop.client.post(REFRESH, headers={**headers, **ASYNC})
    assert (started.status_code, started.headers["Preference-Applied"]) == (202, "respond-async")
    location = started.headers["Location"]
    assert location == started.json()["location"] == f"/api/admin/analytics/runs/{started.json()['runId']}"
    told = shop.client.get(started.json()["events"], headers=headers)
    assert told.headers["Content-Type"].startswith("text/event-stream")
    events = events_of(told.text)
    assert {name for name, _ in events[:-1]} == {"progress"}
    assert events[-1][0] == "completed"
    # A step is told of again when it has moved; the steps come in their order.
    reached = dict.fromkeys((data["index"], data["of"], data["step"]) for _, data in events[:-1])
    assert list(reached) == [(number, 4, step) for number, step in enumerate(STEPS, 1)]
    run = shop.client.get(location, headers=headers).json()["data"]
    assert (run["status"], run["version"], events[-1][1]["version"]) == ("completed", 1, 1)
    again = shop.client.get(started.json()["events"], headers={**headers, "Last-Event-ID": "3"})
    assert [name for name, _ in events_of(again.text)] == ["progress", "completed"]


def test_a_run_of_another_process_is_followed_as_it_happens(shop: Any) -> None:
    run, tenant = uuid4(), shop.tenant.tenant_id
    shop.own(f"INSERT INTO analytics_metadata (tenant_id, run_id, triggered_by) VALUES ({tenant}, '{run}', 'clock')")

    def other_process() -> None:
        for seq, step in enumerate(STEPS):
            shop.own(
                "INSERT INTO analytics_progress (tenant_id, run_id, seq, step)"
                f" VALUES ({tenant}, '{run}', {seq}, '{step}')"
            )
            time.sleep(0.25)
        shop.own("UPDATE analytics_metadata SET status = 'failed', error_message = 'power cut'")

    thread = threading.Thread(target=other_process)
    with locked(shop):
        thread.start()
        told = shop.client.get(f"/api/admin/analytics/runs/{run}/events", headers=shop.bearer("admin"))
        thread.join()
    events = events_of(told.text)
    assert [name for name, _ in events] == ["progress"] * 4 + ["failed"]
    assert events[-1][1]["error"] == "power cut"


def test_a_run_is_only_for_its_shop_and_an_unknown_one_is_not_there(shop: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr("tallymark.api.rest.runs.APPEARS_WITHIN", 0.2)
    run = post(shop, shop.bearer("admin")).json()["metadata"]["runId"]
    for path in (f"/api/admin/analytics/runs/{run}", f"/api/admin/analytics/runs/{run}/events"):
        assert shop.client.get(path, headers=shop.bearer("outsider")).status_code == 404
        assert shop.client.get(path.replace(run, str(uuid4())), headers=shop.bearer("admin")).status_code == 404
    assert shop.client.get("/api/admin/analytics/runs/7", headers=shop.bearer("admin")).status_code == 400


def test_a_run_under_way_shows_and_joining_it_is_free(shop: Any) -> None:
    headers = shop.bearer("admin")
    post(shop, headers)
    tenant = shop.tenant.tenant_id
    run = uuid4()
    with locked(shop):
        shop.own(
            f"INSERT INTO analytics_metadata (tenant_id, run_id, triggered_by) VALUES ({tenant}, '{run}', 'clock')"
        )
        figures = shop.client.get("/api/admin/dashboard", headers=headers).json()["data"]["analyticsData"]
        assert (figures["isRefreshing"], figures["runningRun"]) == (True, str(run))
        joined = shop.client.post(REFRESH, headers={**headers, **ASYNC})
        assert joined.status_code == 202
    assert events_of(shop.client.get(joined.json()["events"], headers=headers).text)[-1][0] == "completed"
    until_nobody_holds_a_lock(shop)
    # A record without the lock belongs to a process that died.
    died = uuid4()
    shop.own(f"INSERT INTO analytics_metadata (tenant_id, run_id, triggered_by) VALUES ({tenant}, '{died}', 'clock')")
    status = shop.client.get("/api/admin/analytics/status", headers=headers).json()["data"]
    assert status["isRefreshing"] is False
    assert (status["runs"][0]["runId"], status["runs"][0]["status"]) == (str(died), "failed")
    told = shop.client.get(f"/api/admin/analytics/runs/{died}/events", headers=headers).text
    assert [(name, data["error"]) for name, data in events_of(told)] == [("failed", DIED)]
    assert post(shop, headers).status_code == 429


def test_a_thousand_callers_at_once_cost_one_run_and_at_most_one_more(shop: Any) -> None:
    headers = shop.bearer("admin")
    most_threads = 0

    async def storm() -> list[httpx.Response]:
        nonlocal most_threads
        answers: list[httpx.Response] = []
        transport = httpx.ASGITransport(shop.app)
        async with httpx.AsyncClient(transport=transport, base_url="http://testserver", timeout=120) as client:

            async def call() -> None:
                nonlocal most_threads
                answers.append(await client.post(REFRESH, headers=headers))
                most_threads = max(most_threads, threading.active_count())

            async with anyio.create_task_group() as group:
                for _ in range(1000):
                    group.start_soon(call)
        return answers

    began = time.perf_counter()
    answers = shop.client.portal.call(storm)
    took = time.perf_counter() - began
    assert {answer.status_code for answer in answers} == {200}
    assert 1 <= len(runs(shop)) <= 2
    assert len(noted(shop)) <= 2
    assert {answer.json()["data"]["netRevenue"]["totalRevenue"] for answer in answers} == {22.005}
    assert most_threads < 100
    print(f"\n1,000 callers: {took:.1f} s, {len(runs(shop))} runs, {most_threads} threads")
    assert post(shop, headers).status_code == 429


def test_a_server_that_stops_ends_the_streams_it_has_open(shop: Any) -> None:
    run, tenant = uuid4(), shop.tenant.tenant_id
    shop.own(f"INSERT INTO analytics_metadata (tenant_id, run_id, triggered_by) VALUES ({tenant}, '{run}', 'clock')")
    told: list[str] = []

    def watch() -> None:
        told.append(shop.client.get(f"/api/admin/analytics/runs/{run}/events", headers=headers).text)

    headers = shop.bearer("admin")
    thread = threading.Thread(target=watch)
    with locked(shop):
        thread.start()
        while not shop.instance.streams.taken:
            time.sleep(0.01)
        assert told == []
        shop.client.portal.call(shop.instance.streams.empty, 60.0)
        thread.join(60)
    assert told == ["retry: 1000\n\n"]
    again = shop.client.get(f"/api/admin/analytics/runs/{run}/events", headers=headers)
    assert again.status_code == 429
