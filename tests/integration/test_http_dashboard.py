"""The dashboard shows what was stored, says how old it is, and computes nothing."""

import time
from datetime import datetime
from typing import Any

import pytest

MORE = """INSERT INTO orders (tenant_id, placed_at, platform, order_id, status, currency, total_amount)
VALUES (current_tenant(), now() - interval '30 minutes', 'shopify', 'o4', 'completed', 'GBP', 100)"""


def dashboard(shop: Any, platform: str | None = None, role: str = "admin") -> Any:
    params = {"platform": platform} if platform else {}
    return shop.client.get("/api/admin/dashboard", params=params, headers=shop.bearer(role))


def refresh(shop: Any) -> Any:
    answer = shop.client.post("/api/admin/analytics/refresh", headers=shop.bearer("admin"))
    assert answer.status_code == 200, answer.text
    return answer.json()


def analytics(shop: Any, platform: str | None = None) -> Any:
    return dashboard(shop, platform).json()["data"]["analyticsData"]


def test_before_the_first_refresh_only_the_counts_are_there(shop: Any) -> None:
    body = dashboard(shop).json()
    live = body["data"]["liveData"]
    assert datetime.fromisoformat(live.pop("lastUpdated"))
    assert live == {"totalProducts": 2, "totalOrders": 2, "totalExpenses": 2}
    assert body["success"] is True
    assert body["data"]["analyticsData"] == {
        "netRevenue": None,
        "monthlyTrends": None,
        "expenseBreakdown": None,
        "topProducts": None,
        "monthlyAnalytics": None,
        "lastRefreshed": None,
        "checkedAt": None,
        "dataThrough": None,
        "version": 0,
        "isStale": True,
        "isRefreshing": False,
        "runningRun": None,
        "platform": "all",
        "platforms": ["all"],
        "failures": [],
    }


def test_after_a_refresh_every_figure_is_there_with_its_digits(shop: Any) -> None:
    refreshed = refresh(shop)
    answer = dashboard(shop)
    figures = answer.json()["data"]["analyticsData"]
    assert figures == refreshed["data"]
    net = figures["netRevenue"]
    assert datetime.fromisoformat(net.pop("calculatedAt"))
    # 3 x 10 + 2.005 - 10 refunded; 6 + 2 spent.
    assert '"totalRevenue":22.005,' in answer.text
    assert net == {
        "totalRevenue": 22.005,
        "totalExpenses": 8.0,
        "netRevenue": 14.005,
        "profitMarginPercentage": 63.64,
        "refunds": 10.0,
    }
    assert [(row["category"], row["amount"], row["percentage"]) for row in figures["expenseBreakdown"]] == [
        ("Rent", 6.0, 75.0),
        ("Advertising", 2.0, 25.0),
    ]
    assert [(row["productId"], row["totalSold"], row["revenue"]) for row in figures["topProducts"]] == [
        ("p1", 3, 30.0),
        ("p2", 1, 2.005),
    ]
    assert sum(row["orderCount"] for row in figures["monthlyTrends"]) == 2
    assert sum(row["orders"] for row in figures["monthlyAnalytics"]) == 2
    assert (figures["version"], figures["isStale"], figures["isRefreshing"]) == (1, False, False)
    assert figures["platforms"] == ["all", "amazon", "shopify"]


def test_each_platform_has_its_own(shop: Any) -> None:
    refresh(shop)
    assert analytics(shop, "amazon")["netRevenue"]["totalRevenue"] == 2.005
    assert analytics(shop, "shopify")["netRevenue"]["totalRevenue"] == 20.0


def test_a_platform_there_is_not_is_refused_and_those_there_are_are_named(shop: Any) -> None:
    refresh(shop)
    answer = dashboard(shop, "etsy")
    assert (answer.status_code, answer.json()["code"]) == (400, "question_invalid")
    assert answer.json()["details"] == {"parameter": "platform", "allowed": ["all", "amazon", "shopify"]}


def test_new_data_is_counted_at_once_and_figured_at_the_next_refresh(lenient: Any) -> None:
    refresh(lenient)
    lenient.run(MORE)
    body = dashboard(lenient).json()["data"]
    assert body["liveData"]["totalOrders"] == 3
    assert (body["analyticsData"]["version"], body["analyticsData"]["netRevenue"]["totalRevenue"]) == (1, 22.005)
    refresh(lenient)
    assert analytics(lenient)["version"] == 2
    assert analytics(lenient)["netRevenue"]["totalRevenue"] == 122.005


def test_figures_grow_stale_after_a_day(shop: Any) -> None:
    refresh(shop)
    shop.own("UPDATE publications SET checked_at = now() - interval '23 hours 50 minutes'")
    assert analytics(shop)["isStale"] is False
    time.sleep(0.6)  # One look serves for half a second.
    shop.own("UPDATE publications SET checked_at = now() - interval '24 hours 1 minute'")
    assert analytics(shop)["isStale"] is True


def test_a_metric_that_failed_keeps_its_last_good_figures_and_says_so(shop: Any) -> None:
    refresh(shop)
    shop.own("UPDATE analytics_cache SET failed_at = now(), failure = 'broken' WHERE metric_type = 'top_products'")
    figures = analytics(shop)
    assert figures["topProducts"][0]["productId"] == "p1"
    (failure,) = figures["failures"]
    assert (failure["metric"], failure["platform"], failure["reason"]) == ("top_products", "all", "broken")


def test_looking_writes_nothing(shop: Any) -> None:
    refresh(shop)

    def rows() -> Any:
        with shop.instance.database.owner() as conn:
            return [
                conn.execute(f"SELECT md5(string_agg(t::text, '|' ORDER BY t::text)) FROM {table} t").fetchone()
                for table in ("analytics_cache", "analytics_metadata", "publications", "analytics_history")
            ]

    before = rows()
    shop.run(MORE)
    for platform in ("all", "shopify", "amazon"):
        dashboard(shop, platform)
    assert rows() == before


@pytest.mark.parametrize(
    ("role", "status"), [("nobody", 401), ("viewer", 403), ("analyst", 403), ("admin", 200), ("outsider", 200)]
)
@pytest.mark.parametrize("path", ["dashboard", "analytics/status", "analytics/history/net_revenue"])
def test_the_back_office_is_for_admins(shop: Any, role: str, status: int, path: str) -> None:
    answer = shop.client.get(f"/api/admin/{path}", headers=shop.bearer(role))
    assert answer.status_code == status
    assert answer.headers["Cache-Control"] == "no-store"


def test_an_admin_of_another_shop_sees_the_other_shop_only(shop: Any) -> None:
    refresh(shop)
    foreign = {**shop.bearer("outsider"), "X-Tenant": "harbour"}
    assert shop.client.get("/api/admin/dashboard", headers=foreign).status_code == 404
    assert dashboard(shop, role="outsider").json()["data"]["analyticsData"]["version"] == 0


def test_status_and_history_tell_how_the_figures_moved(lenient: Any) -> None:
    first = refresh(lenient)
    lenient.run(MORE)
    refresh(lenient)
    refresh(lenient)
    headers = lenient.bearer("admin")
    status = lenient.client.get("/api/admin/analytics/status", headers=headers).json()["data"]
    assert (status["version"], status["isStale"], status["isRefreshing"]) == (2, False, False)
    assert [(run["status"], run["triggeredBy"], run["version"]) for run in status["runs"]] == [
        ("completed", "admin@example.com", 2),
        ("completed", "admin@example.com", 2),
        ("completed", "admin@example.com", 1),
    ]
    assert {"net_revenue", "top_products"} <= {metric["metric"] for metric in status["metrics"]}
    history = lenient.client.get("/api/admin/analytics/history/net_revenue", headers=headers).json()["data"]
    assert [(s["version"], s["data"]["totalRevenue"]) for s in history["snapshots"]] == [(1, 22.005), (2, 122.005)]
    assert history["snapshots"][0]["data"] == first["data"]["netRevenue"]
    day = history["snapshots"][0]["day"]
    for query, count in ((f"from={day}&to={day}", 2), ("to=2020-01-01", 0)):
        path = f"/api/admin/analytics/history/net_revenue?{query}"
        assert len(lenient.client.get(path, headers=headers).json()["data"]["snapshots"]) == count
    backwards = "/api/admin/analytics/history/net_revenue?from=2026-01-02&to=2026-01-01"
    assert lenient.client.get(backwards, headers=headers).status_code == 400
    nameless = lenient.client.get("/api/admin/analytics/history/no_such", headers=headers)
    assert (nameless.status_code, nameless.json()["code"]) == (404, "unknown_metric")


def test_whoever_may_read_figures_sees_how_fresh_they_are_and_the_live_counts(shop: Any) -> None:
    def live(role: str, platform: str = "all") -> Any:
        return shop.client.get("/api/live", params={"platform": platform}, headers=shop.bearer(role))

    before = live("viewer").json()["data"]
    assert datetime.fromisoformat(before.pop("lastUpdated"))
    assert before == {
        "totalProducts": 2, "totalOrders": 2, "totalExpenses": 2, "version": 0, "publishedAt": None, "checkedAt": None,
        "dataThrough": None, "isStale": True, "staleAfterHours": 24, "runningRun": None, "platforms": ["all"],
        "refreshIn": None,
    }  # fmt: skip
    assert live("admin").json()["data"]["refreshIn"] == 0
    refresh(shop)
    assert 0 < live("admin").json()["data"]["refreshIn"] <= 300
    assert live("analyst").json()["data"]["refreshIn"] is None
    shop.run(MORE)
    after = live("viewer", "shopify").json()["data"]
    told = analytics(shop, "shopify")
    assert {name: after[name] for name in ("version", "checkedAt", "dataThrough", "platforms", "isStale")} == {
        name: told[name] for name in ("version", "checkedAt", "dataThrough", "platforms", "isStale")
    }
    assert (after["totalOrders"], after["version"]) == (3, 1)
    assert (live("nobody").status_code, live("admin", "etsy").status_code) == (401, 400)


def test_a_person_sees_all_their_shops_at_a_glance_and_nobody_elses(shop: Any) -> None:
    def clients(role: str) -> Any:
        return shop.client.get("/api/clients", headers=shop.bearer(role)).json()["data"]["clients"]

    empty = {"version": 0, "checkedAt": None, "dataThrough": None, "isStale": True, "sales": None}
    standing = {"isRefreshing": False, "lastRunFailed": False}
    assert [client.items() >= (empty | standing).items() for client in clients("viewer")] == [True]
    refresh(shop)
    until = time.monotonic() + 60
    while clients("viewer")[0]["sales"] is None and time.monotonic() < until:
        time.sleep(0.1)  # It is prepared right after the publication.
    shop.own(
        "INSERT INTO memberships SELECT tenant_id, user_id, 'viewer' FROM tenants, users"
        " WHERE slug = 'harbour' AND email = 'outsider@example.com'"
    )
    shop.run(
        "INSERT INTO analytics_metadata (tenant_id, status, triggered_by) VALUES (current_tenant(), 'failed', 'x')"
    )
    shop.run(
        "INSERT INTO analytics_metadata (tenant_id, status, triggered_by) VALUES (current_tenant(), 'processing', 'x')",
        shop.other,
    )
    harbour, summit = clients("outsider")
    metric = "/api/metrics/inventory_analytics"
    whole = shop.client.get(metric, headers=shop.bearer("viewer")).json()
    assert (harbour["slug"], harbour["role"], harbour["version"], harbour["isStale"]) == ("harbour", "viewer", 1, False)
    assert harbour["lastRunFailed"]
    assert not harbour["isRefreshing"]
    told = {name: harbour["sales"][name] for name in ("netSales", "orders", "computedAt")}
    assert told == {name: whole["data"][0][name] for name in ("netSales", "orders")} | {
        "computedAt": whole["computedAt"]
    }
    assert summit.items() >= (empty | standing | {"slug": "summit", "role": "admin"}).items()  # Its process has died.
    assert [client["slug"] for client in clients("viewer")] == ["harbour"]


INVENTORY = "/api/dashboard/inventory-analytics"


def test_inventory_analytics_is_three_metrics_of_one_version(shop: Any) -> None:
    viewer = shop.bearer("viewer")
    assert shop.client.get(INVENTORY, headers=viewer).json()["code"] == "not_built"
    refused = shop.client.get(INVENTORY, params={"force_refresh": "true"}, headers=viewer)
    assert (refused.status_code, refused.json()["code"]) == (403, "not_allowed")
    made = {"name": "reader", "role": "admin", "scopes": ["read"]}
    key = shop.client.post("/api/keys", json=made, headers=shop.bearer("admin")).json()["key"]
    reader = {"Authorization": f"Bearer {key}"}
    assert shop.client.get(INVENTORY, params={"force_refresh": "true"}, headers=reader).status_code == 403
    first = shop.client.get(INVENTORY, params={"force_refresh": "true"}, headers=shop.bearer("admin"))
    again = shop.client.get(INVENTORY, params={"force_refresh": "true"}, headers=shop.bearer("admin"))
    assert (first.status_code, again.status_code) == (200, 429)
    for platform in ("all", "shopify"):
        answer = shop.client.get(INVENTORY, params={"platform": platform}, headers=viewer)
        data = answer.json()["data"]
        told = {
            metric: shop.client.get(f"/api/metrics/{metric}", params={"platform": platform}, headers=viewer).json()
            for metric in ("inventory_analytics", "sku_analysis", "sales_trends")
        }
        rows = told["inventory_analytics"]["data"]
        assert (data["kpis"]["platform"], data["kpis"]) == (platform, rows[0])
        assert data["platformComparison"] == [row for row in rows if row["platform"] != "all"] != []
        assert data["skuAnalysis"] == told["sku_analysis"]["data"] != []
        assert data["salesTrends"] == told["sales_trends"]["data"] != []
        assert (data["version"], answer.headers["x-version"], data["isStale"]) == (1, "1", False)
        assert {warning["metric"] for warning in data["warnings"]} == {
            metric for metric in told if told[metric]["warnings"]
        }
        known = {**viewer, "If-None-Match": answer.headers["etag"]}
        assert shop.client.get(INVENTORY, params={"platform": platform}, headers=known).status_code == 304
    assert shop.client.get(INVENTORY, params={"platform": "etsy"}, headers=viewer).status_code == 400


def test_figures_of_one_platform_are_of_the_version_they_are_told_with(lenient: Any) -> None:
    refresh(lenient)
    lenient.run(MORE)
    refresh(lenient)
    # As it is in the moment between the publication and the storing of what follows.
    lenient.run("UPDATE analytics_cache SET outdated = true, calculated_data = '{}' WHERE platform = 'shopify'")
    figures = analytics(lenient, "shopify")
    assert (figures["version"], figures["netRevenue"]["totalRevenue"]) == (2, 120.0)
    lenient.run("DELETE FROM analytics_cache WHERE platform = 'amazon'")
    assert analytics(lenient, "amazon")["netRevenue"]["totalRevenue"] == 2.005
