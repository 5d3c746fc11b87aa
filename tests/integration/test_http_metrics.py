"""Single metrics: the catalogue, answers with their age, and what a reader may keep."""

from typing import Any

import pytest

CACHED = {"X-Cache", "X-Cache-Tier", "X-Version", "Age", "ETag"}


def refresh(shop: Any) -> None:
    assert shop.client.post("/api/admin/analytics/refresh", headers=shop.bearer("admin")).status_code == 200


def get(shop: Any, path: str, role: str = "viewer", **headers: str) -> Any:
    return shop.client.get(f"/api/metrics{path}", headers={**shop.bearer(role), **headers})


def test_the_catalogue_says_what_may_be_asked_and_what_comes_back(shop: Any) -> None:
    body = get(shop, "").json()
    assert (body["currency"], body["platforms"]) == ("GBP", ["all"])
    metrics = {metric["name"]: metric for metric in body["metrics"]}
    assert {"net_revenue", "monthly_trends", "expense_breakdown", "top_products", "monthly_analytics"} <= set(metrics)
    top = metrics["top_products"]
    assert {"from", "to", "period", "limit", "sort"} <= {parameter["name"] for parameter in top["parameters"]}
    units = {column["name"]: column["unit"] for column in top["columns"]}
    assert (units["averagePrice"], units["profitMargin"], units["totalSold"]) == ("GBP", "%", None)
    for metric in metrics.values():
        assert metric["title"]
        assert metric["description"]


def test_a_stored_answer_comes_with_its_age_and_exact_figures(shop: Any) -> None:
    refresh(shop)
    answer = get(shop, "/net_revenue")
    assert {name for name in CACHED if name not in answer.headers} == set()
    assert (answer.headers["X-Cache"], answer.headers["X-Cache-Tier"], answer.headers["X-Version"]) == (
        "HIT",
        "stored",
        "1",
    )
    body = answer.json()
    assert set(body) == {
        "metric", "params", "platform", "data", "computedAt", "checkedAt", "dataThrough", "version", "age", "stale",
        "warnings",
    }  # fmt: skip
    assert '"totalRevenue":22.005,' in answer.text
    assert (body["metric"], body["platform"], body["version"], body["stale"]) == ("net_revenue", "all", 1, False)


def test_a_question_that_is_not_kept_ready_is_answered_from_rollups(shop: Any) -> None:
    refresh(shop)
    answer = get(shop, "/top_products?limit=1&sort=units")
    assert (answer.headers["X-Cache"], answer.headers["X-Cache-Tier"]) == ("MISS", "rollup")
    assert [row["productId"] for row in answer.json()["data"]] == ["p1"]
    assert answer.json()["params"]["limit"] == 1


def test_a_reader_who_has_the_answer_is_told_so(lenient: Any) -> None:
    refresh(lenient)
    tag = get(lenient, "/net_revenue").headers["ETag"]
    known = get(lenient, "/net_revenue", **{"If-None-Match": f'"other", {tag}'})
    assert (known.status_code, known.content, known.headers["ETag"]) == (304, b"", tag)
    lenient.run("UPDATE expenses SET amount = amount + 1")
    refresh(lenient)
    changed = get(lenient, "/net_revenue", **{"If-None-Match": tag})
    assert (changed.status_code, changed.headers["X-Version"]) == (200, "2")


def test_an_answer_older_than_accepted_is_stale_and_nothing_is_computed_for_it(shop: Any) -> None:
    refresh(shop)
    shop.own("UPDATE publications SET checked_at = now() - interval '2 minutes'")
    accepted, refused = get(shop, "/net_revenue?maxAge=600"), get(shop, "/net_revenue?maxAge=60")
    assert (accepted.json()["stale"], accepted.headers["X-Cache"]) == (False, "HIT")
    assert (refused.json()["stale"], refused.headers["X-Cache"]) == (True, "STALE")
    assert 119 <= int(refused.headers["Age"]) < 300
    assert refused.json()["version"] == 1


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("/no_such_metric", 404, "unknown_metric"),
        ("/net_revenue?platform=etsy", 400, "question_invalid"),
        ("/net_revenue?colour=red", 400, "question_invalid"),
        ("/net_revenue?from=yesterday", 400, "question_invalid"),
        ("/top_products?limit=0", 400, "question_invalid"),
        ("/top_products?limit=5&limit=6", 400, "question_invalid"),
        ("/net_revenue?maxAge=-1", 400, "question_invalid"),
    ],
)
def test_a_question_we_cannot_take_is_refused_by_name(shop: Any, path: str, status: int, code: str) -> None:
    refresh(shop)
    answer = get(shop, path)
    assert (answer.status_code, answer.json()["code"]) == (status, code)


def test_before_the_first_refresh_there_is_nothing_to_give(shop: Any) -> None:
    answer = get(shop, "/net_revenue")
    assert (answer.status_code, answer.json()["code"]) == (409, "not_built")


@pytest.mark.parametrize("role", ["viewer", "analyst", "admin"])
def test_metrics_are_for_every_role(shop: Any, role: str) -> None:
    refresh(shop)
    assert get(shop, "/net_revenue", role).status_code == 200


def test_and_for_nobody_else(shop: Any) -> None:
    refresh(shop)
    assert get(shop, "/net_revenue", "nobody").status_code == 401
    assert get(shop, "/net_revenue", "outsider", **{"X-Tenant": "harbour"}).status_code == 404
    assert get(shop, "/net_revenue", "outsider").status_code == 409


def test_probes_say_how_it_is_without_a_session(shop: Any) -> None:
    assert shop.client.get("/livez").json() == {"status": "alive"}
    assert shop.client.get("/readyz").json() == {
        "status": "ready",
        "parts": {"server": "serving", "database": "reachable", "schema": "current"},
        "alerts": 0,
        "work": {
            "automatic": True, "ticking": False, "workers": 0, "lastTick": None, "waiting": 0, "running": 0,
            "oldestOverdueSeconds": None, "deadLetters": 0,
        },
    }  # fmt: skip
    health = shop.client.get("/health").json()
    assert (health["status"], health["database"], health["version"]) == ("ok", "reachable", "0.1.0")


def test_a_schema_of_another_release_is_not_ready(shop: Any) -> None:
    shop.own("DELETE FROM schema_migrations WHERE number = (SELECT max(number) FROM schema_migrations)")
    answer = shop.client.get("/readyz")
    assert (answer.status_code, answer.headers["Content-Type"]) == (503, "application/problem+json")
    assert answer.json()["details"]["parts"] == {
        "server": "serving", "database": "reachable", "schema": "of another release",
    }  # fmt: skip
    assert shop.client.get("/livez").status_code == 200


def test_a_server_that_stops_is_not_ready_and_still_answers(shop: Any) -> None:
    shop.instance.streams._closing = True
    answer = shop.client.get("/readyz")
    assert (answer.status_code, answer.json()["code"]) == (503, "draining")
    assert answer.json()["details"]["parts"] == {"server": "draining", "database": "reachable"}
    assert shop.client.get("/livez").status_code == 200
    assert get(shop, "").status_code == 200
