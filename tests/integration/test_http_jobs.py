"""Jobs over HTTP: everybody of a shop may look, its admins may act, and only for their own shop."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

from tallymark.tasks import JOBS, ledger, records

OWN = {"cron": "30 6 * * MON", "timezone": "America/New_York", "missed": "skip"}


def call(shop: Any, method: str, address: str, role: str = "admin", **more: Any) -> tuple[int, Any]:
    answer = shop.client.request(method, f"/api/jobs{address}", headers=shop.bearer(role), **more)
    return answer.status_code, answer.json()


def data(shop: Any, method: str, address: str, role: str = "admin", **more: Any) -> Any:
    status, body = call(shop, method, address, role, **more)
    assert (status, body["success"]) in ((200, True), (202, True)), body
    return body["data"]


def finish(shop: Any, tenant_id: int, status: Any, **how: Any) -> str:
    """What a worker does: takes up the run whose turn it is, and tells how it ended."""
    with records.engine(shop.instance.database) as conn:
        ledger.hand_over(conn, 1)
        run_id, queue_job = conn.execute(
            "SELECT run_id::text, queue_job FROM job_runs WHERE queue_job IS NOT NULL"
        ).fetchone()  # type: ignore[misc]
        run = ledger.start(conn, tenant_id, run_id, queue_job, "test")
        assert run is not None
        ledger.end(conn, run, ledger.Ended(status, **how))
        conn.execute("DELETE FROM tallymark_jobs.procrastinate_jobs")
    return run_id


def test_before_anybody_works(shop: Any) -> None:
    told = data(shop, "GET", "", "viewer")
    work = told["work"]
    assert (work["automatic"], work["ticking"], work["workers"], work["lastTick"]) == (True, False, 0, None)
    assert [job["id"] for job in told["jobs"]] == list(JOBS)
    job = next(job for job in told["jobs"] if job["id"] == "user_growth")
    assert (job["status"], job["lastRun"]) == ("scheduled", None)
    assert job["metrics"] == {"total": 0, "successful": 0, "failed": 0, "averageMs": None}
    assert (job["schedule"]["cron"], job["schedule"]["own"], len(job["schedule"]["nextRuns"])) == (
        "*/10 * * * *", False, 3,
    )  # fmt: skip


def test_from_a_click_to_the_figures(shop: Any) -> None:
    first = data(shop, "POST", "/user_growth/trigger")
    assert data(shop, "POST", "/user_growth/trigger") == {"runId": first["runId"], "joined": True}
    assert data(shop, "GET", f"/runs/{first['runId']}", "viewer")["status"] == "scheduled"
    finish(shop, shop.tenant.tenant_id, "completed", result={"answersReady": 3})
    job = data(shop, "GET", "/user_growth", "viewer")
    assert job["metrics"]["total"] == job["metrics"]["successful"] == 1
    assert (job["status"], job["lastRun"]["result"], job["lastRun"]["trigger"]) == (
        "completed", {"answersReady": 3}, "click",
    )  # fmt: skip
    assert [run["runId"] for run in data(shop, "GET", "/user_growth/runs?status=completed")] == [first["runId"]]
    actions = shop.client.get("/api/audit?action=job.trigger", headers=shop.bearer("admin")).json()["entries"]
    assert len(actions) == 2
    assert call(shop, "GET", f"/runs/{first['runId']}", "outsider")[0] == 404
    assert data(shop, "GET", "/user_growth", "outsider")["lastRun"] is None


def test_an_unknown_job_is_answered_with_those_there_are(shop: Any) -> None:
    for method, address in (
        ("GET", "/lunch"),
        ("POST", "/lunch/trigger"),
        ("POST", "/lunch/stop"),
        ("PUT", "/lunch/schedule"),
    ):
        status, problem = call(shop, method, address, json={} if method == "PUT" else None)
        assert (status, problem["code"], problem["details"]["jobs"]) == (404, "unknown_job", list(JOBS))


def test_a_dead_letter_is_tried_again(shop: Any) -> None:
    data(shop, "POST", "/performance_metrics/trigger")
    run = finish(shop, shop.tenant.tenant_id, "failed", error="out of luck")
    (dead,) = data(shop, "GET", "/dead-letters", "viewer")
    assert (dead["runId"], dead["error"], dead["attempt"]) == (run, "out of luck", 1)
    assert data(shop, "GET", "")["work"]["deadLetters"] == 1
    assert call(shop, "POST", f"/runs/{run}/retry", "outsider")[0] == 404
    assert data(shop, "POST", f"/runs/{run}/retry")["runId"] == run
    assert call(shop, "POST", f"/runs/{run}/retry")[0] == 409
    assert call(shop, "POST", f"/runs/{uuid4()}/retry")[0] == 404
    assert data(shop, "GET", "/dead-letters") == []
    finish(shop, shop.tenant.tenant_id, "completed")


def test_a_shop_has_a_schedule_of_its_own_until_it_takes_it_back(shop: Any) -> None:
    planned = data(shop, "PUT", "/top_items/schedule", json=OWN)["schedule"]
    assert {name: planned[name] for name in OWN} == OWN
    assert (planned["own"], planned["enabled"], planned["owner"]) == (True, True, "admin@example.com")
    assert data(shop, "GET", "/top_items", "outsider")["schedule"]["own"] is False
    off = data(shop, "PUT", "/top_items/schedule", json={"enabled": False})["schedule"]
    assert (off["cron"], off["enabled"], off["nextRuns"]) == (OWN["cron"], False, [])
    assert data(shop, "DELETE", "/top_items/schedule")["schedule"]["cron"] == "*/15 * * * *"
    for wrong in ({"cron": "* * * * * *"}, {"cron": "soon"}, {"timezone": "Mars"}):
        assert call(shop, "PUT", "/top_items/schedule", json=wrong)[0] == 400
    assert call(shop, "PUT", "/refresh/schedule", json={"enabled": True})[0] == 400, "it has no schedule to switch on"
    assert data(shop, "GET", "/top_items")["schedule"]["own"] is False


def test_a_schedule_is_tried_before_it_is_used(shop: Any) -> None:
    wanted = {"params": {"cron": "30 6 * * *", "timezone": "America/New_York"}}
    told = [datetime.fromisoformat(at) for at in data(shop, "GET", "/next-runs", "viewer", **wanted)]
    assert [at.astimezone(ZoneInfo("America/New_York")).strftime("%H:%M") for at in told] == ["06:30"] * 3
    assert datetime.now(UTC) < told[0] <= datetime.now(UTC) + timedelta(hours=25)
    for cron in ("30 6 *", "* * * * * *"):
        assert call(shop, "GET", "/next-runs", params={"cron": cron})[0] == 400
    assert data(shop, "GET", "/user_growth")["schedule"]["own"] is False


def test_stop_and_restart(shop: Any) -> None:
    waiting = data(shop, "POST", "/top_items/trigger")["runId"]
    assert data(shop, "POST", "/top_items/stop") == {"cancelled": [waiting], "stopping": []}
    job = data(shop, "GET", "/top_items")
    assert (job["schedule"]["enabled"], job["schedule"]["own"]) == (False, True)
    again = data(shop, "POST", "/top_items/restart")["runId"]
    assert again != waiting
    job = data(shop, "GET", "/top_items")
    assert (job["status"], job["schedule"]["enabled"]) == ("scheduled", True)


def test_what_is_done_for_all_shops_is_seen_without_what_it_met_in_others(shop: Any) -> None:
    with records.engine(shop.instance.database) as conn:
        ledger.enqueue(conn, "cycle", records.EVERYBODY, trigger="command", triggered_by="command line")
    run = finish(shop, records.EVERYBODY, "completed", result={"failed": {"summit": "no luck"}})
    last = data(shop, "GET", "/cycle", "viewer")["lastRun"]
    assert (last["runId"], last["allShops"], last["status"], last["result"]) == (run, True, "completed", None)
    assert call(shop, "POST", f"/runs/{run}/retry")[0] == 404


def test_switched_off_by_setting_is_said(make_shop: Any) -> None:
    from tallymark.settings import Settings

    shop = make_shop(Settings(disable_auto_sync=True))
    assert data(shop, "GET", "")["work"]["automatic"] is False


def test_only_admins_act(shop: Any) -> None:
    for role in ("analyst", "viewer"):
        for method, address in (
            ("POST", "/top_items/trigger"), ("POST", "/top_items/stop"), ("POST", "/top_items/restart"),
            ("PUT", "/top_items/schedule"), ("DELETE", "/top_items/schedule"), ("POST", f"/runs/{uuid4()}/retry"),
        ):  # fmt: skip
            assert call(shop, method, address, role, json={})[0] == 403
