"""What a server tells of itself, and to whom."""

import json
import threading
import time
from pathlib import Path
from typing import Any

import pytest
import structlog
from prometheus_client.parser import text_string_to_metric_families

from tallymark.api.monitor import Monitor
from tallymark.db import Database
from tallymark.monitoring import METERS, PREFIX, STATEMENTS, Board
from tallymark.settings import Settings

TOKEN = "the token of the whole installation"
SCRAPE = {"Authorization": f"Bearer {TOKEN}"}
MOST_SERIES = 2_000


@pytest.fixture
def shop(make_shop: Any) -> Any:
    return make_shop(Settings(refresh_cooldown_minutes=0, rate_limit_requests=1000, metrics_token=TOKEN))


def scraped(shop: Any) -> dict[str, dict[tuple[str, ...], float]]:
    answer = shop.client.get("/metrics", headers=SCRAPE)
    assert answer.status_code == 200, answer.text
    assert answer.headers["Content-Type"].startswith("text/plain; version=0.0.4")
    found: dict[str, dict[tuple[str, ...], float]] = {}
    for family in text_string_to_metric_families(answer.text):
        for sample in family.samples:
            found.setdefault(sample.name, {})[tuple(sample.labels.values())] = sample.value
    return found


def refresh(shop: Any, role: str = "admin") -> None:
    assert shop.client.post("/api/admin/analytics/refresh", headers=shop.bearer(role)).status_code == 200


def test_everything_that_happens_is_in_the_metrics(shop: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr("tallymark.api.standing.FRESH", 0)
    before = scraped(shop).get("tallymark_refreshes_total", {}).get(("completed",), 0)
    refresh(shop)
    headers = shop.bearer("admin")
    for _ in range(3):
        shop.client.get("/api/metrics/net_revenue", headers=headers)
    shop.client.get("/api/metrics/nonsense", headers=headers)
    shop.client.get("/api/nowhere", headers=headers)
    shop.run("UPDATE expenses SET amount = amount + 1")
    found = scraped(shop)
    requests = found["tallymark_http_requests_total"]
    assert requests["GET", "/api/metrics/{metric}", "2xx"] == 3
    assert requests["GET", "/api/metrics/{metric}", "4xx"] == 1
    assert requests["GET", "other", "4xx"] == 1
    assert found["tallymark_http_request_duration_seconds_count"]["GET", "/api/metrics/{metric}"] == 4
    assert found["tallymark_cache_requests_total"] == {("hit", "stored"): 1, ("hit", "memory"): 2}
    assert found["tallymark_refreshes_total"][("completed",)] == before + 1
    assert found["tallymark_metric_duration_seconds_count"][("net_revenue",)] >= 1
    assert found["tallymark_refresh_phase_duration_seconds_count"][("Calculating Revenue",)] >= 1
    assert found["tallymark_tenants"] == {("fresh",): 1, ("stale",): 0, ("never",): 1}
    assert list(found["tallymark_tenant_figures_age_seconds"]) == [("harbour",)]
    assert found["tallymark_changes_pending"][()] >= 2
    assert found["tallymark_db_pool_connections_max"] == {("primary",): 5, ("sessions",): 5}
    assert found["tallymark_build_info"] != {}
    assert sum(map(len, found.values())) < MOST_SERIES
    text = shop.client.get("/metrics", headers=SCRAPE).text
    told = {family.name for family in text_string_to_metric_families(text)}
    declared = {
        PREFIX + name.removesuffix("_total" if meter.kind == "counter" else "") for name, meter in METERS.items()
    }
    assert told <= declared


def test_a_shop_may_not_read_what_is_of_every_shop(shop: Any) -> None:
    for caller in ("nobody", "admin"):
        refused = shop.client.get("/metrics", headers=shop.bearer(caller))
        assert (refused.status_code, refused.json()["code"]) == (401, "not_signed_in")
        assert "TALLYMARK_METRICS_TOKEN" in refused.json()["hint"]


def test_switched_off_or_without_a_token_there_is_nothing_to_read(make_shop: Any) -> None:
    shop = make_shop(Settings())
    assert shop.client.get("/metrics", headers={"Authorization": "Bearer "}).status_code == 401
    object.__setattr__(shop.instance, "settings", Settings(monitoring=False, metrics_token=TOKEN))
    assert shop.client.get("/metrics", headers=SCRAPE).status_code == 404


def test_any_process_tells_for_all_and_no_total_ever_shrinks(tmp_path: Path) -> None:
    ours, theirs = Monitor("1", tmp_path), Monitor("1", tmp_path)
    ours.traffic.tally(1, "GET", "/a").add(0.1, 200, None)
    theirs.traffic.tally(1, "GET", "/a").add(0.1, 200, None)
    Board(tmp_path).write({})
    mine = next(tmp_path.glob("*.json"))
    mine.write_text(json.dumps(theirs.mine().packed()))
    mine.rename(tmp_path / "1.1.json")  # The file of another process, which is no more.
    for _ in range(2):
        whole = ours.values()
        assert whole["http_requests_total"] == {("/a", "GET", "2xx"): 2}
        assert len(list(tmp_path.glob("*.json"))) == 2


def test_the_number_is_in_every_answer_and_every_line_of_its_request(shop: Any, monkeypatch: Any) -> None:
    refresh(shop)
    headers = {**shop.bearer("admin"), "X-Request-Id": "ours-1"}
    for _ in range(2):
        answer = shop.client.get("/api/metrics/net_revenue", headers=headers)
        assert answer.headers["X-Request-Id"] == "ours-1"
    assert answer.headers["X-Cache-Tier"] == "memory"

    def broken(*_: Any, **__: Any) -> None:
        structlog.get_logger().warning("deep within")
        raise ZeroDivisionError

    monkeypatch.setattr("tallymark.api.rest.status._status", broken)
    with structlog.testing.capture_logs(processors=[structlog.contextvars.merge_contextvars]) as lines:
        failed = shop.client.get("/api/admin/analytics/status", headers=headers)
    assert (failed.status_code, failed.json()["requestId"]) == (500, "ours-1")
    assert [(line["event"], line["request_id"], line["tenant"]) for line in lines] == [
        ("deep within", "ours-1", "harbour"),
        ("unexpected error", "ours-1", "harbour"),
    ]


def test_a_slow_statement_is_noted_with_the_names_of_its_values_only(database: Database, make_tenant: Any) -> None:
    tenant = make_tenant("ours")
    STATEMENTS.watch(1)
    try:
        with structlog.testing.capture_logs() as lines, database.connect(tenant) as conn:
            conn.execute("SELECT pg_sleep(%(wait)s), %(secret)s::text", {"wait": 0.02, "secret": "canary"})
    finally:
        STATEMENTS.watch(None)
    (slow,) = [one for one in STATEMENTS.slow() if "pg_sleep" in one.statement]
    assert (slow.tenant_id, slow.parameters, slow.name, slow.failed) == (tenant, ("secret", "wait"), "SELECT", False)
    assert slow.milliseconds >= 20
    assert "canary" not in repr((slow, lines))
    assert [line["parameters"] for line in lines if line["event"] == "statement is slow"][-1] == "secret,wait"


def test_the_slow_statements_that_are_kept_are_few() -> None:
    def many(tenant: int) -> None:
        from tallymark.monitoring import about

        with about(tenant_id=tenant):
            for _ in range(60):
                STATEMENTS.ran("x", "SELECT 1", (), 1.0, False)

    threads = [threading.Thread(target=many, args=(number,)) for number in range(90_001, 90_003)]
    for thread in threads:
        thread.start()
        thread.join()
    kept = [slow.tenant_id for slow in STATEMENTS.slow()]
    assert [kept.count(number) for number in (90_001, 90_002)] == [50, 50]


def test_a_shop_sees_how_its_own_requests_and_metrics_did_and_no_others(shop: Any) -> None:
    refresh(shop)
    refresh(shop, "outsider")
    ours, theirs = shop.bearer("admin"), shop.bearer("outsider")
    for _ in range(4):
        shop.client.get("/api/metrics/net_revenue", headers=theirs)
    for number in (1, 2):
        shop.client.get(f"/api/metrics/top_products?limit={number}", headers=ours)
        shop.client.get(f"/api/metrics/top_products?limit={number}", headers=ours)
    shop.client.get("/api/metrics/top_products?limit=x", headers=ours)
    shop.until_all_is_ready()
    told = shop.client.get("/api/performance/metrics", headers=ours).json()["data"]
    endpoints = {one["route"]: one for one in told["endpoints"]}
    asked = endpoints["/api/metrics/{metric}"]
    assert (asked["count"], asked["errors"], asked["refused"]) == (5, 0, 1)
    assert 0 < asked["p50Ms"] <= asked["p95Ms"] <= asked["maxMs"] * 1.26
    assert told["memoryBytes"] > 10_000_000
    timing = {one["metric"]: one for one in told["metrics"]}["net_revenue"]
    assert timing["evaluations"] == 3  # all, amazon, shopify
    assert 0 < timing["averageMs"] <= timing["longestMs"]
    assert (timing["slow"], told["alerts"], told["thresholdMs"]) == (0, [], 30_000)
    cache = shop.client.get("/api/performance/cache", headers=ours).json()["data"]
    assert {(one["tier"], one["result"]): one["count"] for one in cache["tiers"]} == {
        ("rollup", "miss"): 2, ("memory", "hit"): 2,
    }  # fmt: skip
    assert (cache["hitRatio"], cache["memoryEntries"], cache["shared"]) == (0.5, 2, "none")


def test_a_shop_sees_its_own_slow_queries_and_how_busy_the_database_is(shop: Any) -> None:
    STATEMENTS.watch(1)
    try:
        for tenant, word in ((shop.tenant, "ours"), (shop.other, "theirs")):
            shop.run(f"SELECT pg_sleep(0.01) AS {word}", tenant)
    finally:
        STATEMENTS.watch(None)
    told = shop.client.get("/api/performance/database", headers=shop.bearer("admin")).json()["data"]
    statements = " ".join(one["statement"] for one in told["slowQueries"])
    assert "AS ours" in statements
    assert "AS theirs" not in statements
    assert told["sizeBytes"] > 1_000_000
    assert 1 <= told["connections"] <= told["mostConnections"] == 200
    assert told["oldestTransactionSeconds"] >= 0
    assert [pool["pool"] for pool in told["pools"]] == ["primary", "sessions"]


def test_a_cleared_cache_is_worked_out_again_and_only_ones_own(shop: Any) -> None:
    refresh(shop)
    refresh(shop, "outsider")
    ours, theirs = shop.bearer("admin"), shop.bearer("outsider")
    paths = ("/api/metrics/sales_overview?period=year", "/api/metrics/top_products?limit=3")
    for headers in (ours, theirs):
        for path in paths:
            assert shop.client.get(path, headers=headers).headers["X-Cache"] == "MISS"
    done = shop.client.post("/api/performance/cache/clear", headers=ours, json={"pattern": "sales_*"})
    assert done.json() == {"success": True, "pattern": "sales_*", "cleared": 1}
    deadline = time.monotonic() + 120
    while shop.instance.answers.part(shop.tenant.tenant_id, "sales_*")[0] and time.monotonic() < deadline:
        time.sleep(0.01)
    tiers = [[shop.client.get(path, headers=who).headers["X-Cache-Tier"] for path in paths] for who in (ours, theirs)]
    assert tiers == [["rollup", "memory"], ["memory", "memory"]]
    assert shop.client.get("/api/audit?action=cache.clear", headers=ours).json()["entries"][0]["subject"] == "sales_*"
    assert shop.client.post("/api/performance/cache/clear", headers=ours).json()["pattern"] == "*"
