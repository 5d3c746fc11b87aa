"""Bugs that hurt users of other servers of this kind, by the number of the issue, each with what would catch it here.

Most are caught by tests that stand with what they are about; those that nothing else would catch are below.
"""

import re
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tallymark.api.rest.dashboard import FIGURES
from tallymark.cache import answers
from tallymark.model import exact_json

TESTS = Path(__file__).parents[1]
CAUGHT_BY: Mapping[str, tuple[str, ...]] = {
    # Old figures of any age are served while somebody else refreshes; one mail fresh, the next one yesterday's.
    "metabase#78339": (
        "test_past_its_limit_an_answer_is_waited_for_and_until_then_it_is_called_old",
        "test_whoever_has_seen_a_version_gets_no_older_one",
        "test_nobody_is_told_of_less_than_they_have_seen",
        "test_an_answer_older_than_asked_for_is_refreshed_once",
    ),
    # The stopgap: as many computations as readers.
    "metabase#78689": ("test_a_crowd_costs_two_reads_and_each_began_after_the_question",),
    "metabase#78571": ("test_an_answer_older_than_accepted_is_stale_and_nothing_is_computed_for_it",),
    # Whoever takes the lease makes the old result look new.
    "metabase#76856": (
        "test_a_run_that_fails_or_dies_makes_nothing_look_newer",
        "test_a_failed_refresh_keeps_the_last_good_figures",
        "test_killed_at_random",
    ),
    # A result that is too large is never stored, and the old one stays in its place.
    "metabase#78075": ("test_an_answer_too_large_to_keep_is_never_an_old_one",),
    # The same heavy question runs many times at once.
    "superset#19816": ("test_one_computation_answers_every_way_of_asking",),
    "metabase#7217": ("test_a_crowd_at_both_instances_costs_one_computation",),
    "metabase#11199": ("test_a_thousand_callers_at_once_cost_one_run_and_at_most_one_more",),
    "insights#805": ("test_two_processes_at_the_same_moment",),
    # Joined at the door of HTTP alone, so that other ways in compute it again.
    "posthog#100666": ("test_one_computation_answers_every_way_of_asking", "test_a_thousand_callers_cost_two_runs"),
    # Refresh renews this tab, this value of a filter, or all but the filters themselves.
    "superset#16159": ("test_one_refresh_renews_every_view_of_it",),
    "superset#25893": ("test_one_refresh_renews_every_view_of_it",),
    # Each open page makes the server compute, every few seconds.
    "superset#16944": (
        "test_a_hundred_open_pages_compute_nothing",
        "test_ages_grow_by_themselves_and_polling_asks_for_the_version_alone",
        "test_under_traffic_the_database_is_asked_once_a_second",
    ),
    "superset#686": ("test_the_next_refresh_waits_five_minutes", "test_a_run_under_way_shows_and_joining_it_is_free"),
}
DASHBOARD, STATUS = "/api/admin/dashboard", "/api/admin/analytics/status"
LAST = datetime.now(UTC).date() + timedelta(days=2)
FIRST = LAST - timedelta(days=150)
NEW, RANGE = f"?from={FIRST}&to={LAST}", f'dateRange: {{startDate: "{FIRST}", endDate: "{LAST}"}}'
"""Days that nothing is kept ready for."""


def test_every_bug_has_a_test_that_there_is() -> None:
    there = {
        name for file in TESTS.rglob("test_*.py") for name in re.findall(r"^def (test_\w+)", file.read_text(), re.M)
    }
    assert {name for names in CAUGHT_BY.values() for name in names} <= there


@pytest.fixture
def computed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The metrics that were looked for in the database to answer somebody, each slowly enough for all to meet."""
    asked: list[str] = []
    find = answers.find

    def noted(database: Any, tenant: Any, plan: Any, *rest: Any) -> Any:
        asked.append(plan.name)
        time.sleep(0.3)
        return find(database, tenant, plan, *rest)

    monkeypatch.setattr(answers, "find", noted)
    return asked


def refresh(shop: Any, headers: Any) -> Any:
    return shop.client.post("/api/admin/analytics/refresh", headers=headers)


def test_past_its_limit_an_answer_is_waited_for_and_until_then_it_is_called_old(lenient: Any) -> None:
    headers = lenient.bearer("admin")
    refresh(lenient, headers)
    path = f"/api/metrics/net_revenue{NEW}"
    lenient.client.get(path, headers=headers)
    memory = lenient.instance.answers.memory
    (key,) = [key for key in memory.keys() if "net_revenue" in key]  # noqa: SIM118
    entry = memory.get(key)
    entry.since -= 1.5 * entry.fresh
    old = lenient.client.get(path, headers=headers)
    assert (old.headers["X-Cache"], old.headers["X-Cache-Tier"]) == ("STALE", "memory")
    deadline = time.monotonic() + 120
    while memory.get(key) is entry and time.monotonic() < deadline:
        time.sleep(0.02)
    renewed = memory.get(key)
    assert renewed is not entry, "somebody looked again meanwhile"
    renewed.since -= 3 * renewed.fresh
    waited = lenient.client.get(path, headers=headers)
    assert (waited.headers["X-Cache"], waited.headers["X-Cache-Tier"]) == ("MISS", "rollup")


def test_a_run_that_fails_or_dies_makes_nothing_look_newer(lenient: Any) -> None:
    headers = lenient.bearer("admin")

    def told() -> Any:
        lenient.instance.dashboards.forget((lenient.tenant.tenant_id, lenient.tenant.timezone, "all"))
        figures = lenient.client.get(DASHBOARD, headers=headers).json()["data"]["analyticsData"]
        answer = lenient.client.get("/api/metrics/net_revenue", headers=headers).json()
        named = "version", "lastRefreshed", "checkedAt", "dataThrough", "netRevenue"
        return [figures[name] for name in named], [answer[name] for name in ("version", "checkedAt", "computedAt")]

    refresh(lenient, headers)
    lenient.own("UPDATE publications SET checked_at = checked_at - interval '2 days'")
    time.sleep(1.1)  # For so long a version that was looked up counts as known.
    before = told()
    lenient.run("UPDATE expenses SET amount = amount + 1")
    lenient.own("ALTER TABLE analytics_history RENAME TO elsewhere")
    assert refresh(lenient, headers).status_code == 500
    lenient.own("ALTER TABLE elsewhere RENAME TO analytics_history")
    assert told() == before
    lenient.run(
        "INSERT INTO analytics_metadata (run_id, tenant_id, triggered_by) VALUES (gen_random_uuid(), 1, 'dead')"
    )
    assert told() == before
    assert lenient.client.get("/api/metrics/net_revenue", headers=headers).json()["stale"] is True
    assert refresh(lenient, headers).status_code == 200, "nobody is kept from refreshing by it"
    assert told()[0][0] == 2


def test_an_answer_too_large_to_keep_is_never_an_old_one(lenient: Any) -> None:
    headers = lenient.bearer("admin")
    lenient.instance.answers.memory.most = 1
    path = f"/api/metrics/net_revenue{NEW}"
    for version in (1, 2, 3):
        lenient.run(f"UPDATE expenses SET amount = {version}")
        assert refresh(lenient, headers).status_code == 200
        for _ in range(2):
            answer = lenient.client.get(path, headers=headers).json()
            assert (answer["version"], answer["data"]["totalExpenses"]) == (version, 2.0 * version)
    assert len(lenient.instance.answers.memory) == 0


def test_one_computation_answers_every_way_of_asking(lenient: Any, computed: list[str]) -> None:
    """REST with the parameters in any order, GraphQL by different words, and whoever asks inside the program."""
    headers, client = lenient.bearer("admin"), lenient.client
    refresh(lenient, headers)
    queries = [f"{{ netRevenue({RANGE}) {{ {names} }} }}" for names in ("totalRevenue", "totalExpenses totalRevenue")]
    ways = [
        lambda: client.get(f"/api/metrics/net_revenue{NEW}", headers=headers),
        lambda: client.get(f"/api/metrics/net_revenue?to={LAST}&platform=all&from={FIRST}", headers=headers),
        *(lambda query=query: client.post("/graphql", json={"query": query}, headers=headers) for query in queries),
    ]
    computed.clear()
    with ThreadPoolExecutor(12) as crowd:
        told = [future.result() for future in [crowd.submit(way) for way in ways * 3]]
    assert {answer.status_code for answer in told} == {200}
    assert not any("errors" in answer.json() for answer in told)
    assert computed == ["net_revenue"]


def test_one_refresh_renews_every_view_of_it(lenient: Any) -> None:
    """Pages of every platform, questions with parameters of their own, GraphQL, the list of filters, history."""
    headers, get = lenient.bearer("admin"), lambda path: lenient.client.get(path, headers=headers)
    views = [
        *(f"{DASHBOARD}?platform={platform}" for platform in ("all", "shopify", "amazon")),
        *(f"/api/metrics/{name}?platform=amazon" for name in lenient.instance.catalog),
        *(f"/api/metrics/{name}{NEW}" for name in ("net_revenue", "sales_overview")),
        "/api/metrics/top_products?limit=3&sort=units",
    ]
    query = {"query": "{ netRevenue { freshness { version } } expenseBreakdown { category freshness { version } } }"}
    refresh(lenient, headers)
    daily = [name for name, metric in lenient.instance.catalog.items() if metric.ready == "daily"]
    for version in (1, 2):
        for path in views:
            answer = get(path)
            kept = any(f"/{name}?" in path for name in daily)
            assert kept or answer.headers.get("X-Version") == str(version), path
        told = lenient.client.post("/graphql", json=query, headers=headers).json()["data"]
        assert {one["freshness"]["version"] for one in (told["netRevenue"], *told["expenseBreakdown"])} == {version}
        assert get(STATUS).json()["data"]["version"] == version
        assert get("/api/admin/analytics/history/net_revenue").json()["data"]["snapshots"][-1]["version"] == version
        filters = {"all", "amazon", "shopify"} | ({"woocommerce"} if version == 2 else set())
        assert set(get("/api/metrics").json()["platforms"]) == filters
        assert set(get(STATUS).json()["data"]["platforms"]) == filters
        if version == 1:
            lenient.run(
                "INSERT INTO orders (tenant_id, placed_at, platform, order_id, status, currency, total_amount)"
                " VALUES (current_tenant(), now() - interval '1 hour', 'woocommerce', 'w1', 'completed', 'GBP', 5)"
            )
            lenient.run("UPDATE expenses SET amount = amount + 1")
            assert refresh(lenient, headers).json()["metadata"]["version"] == 2


def test_a_hundred_open_pages_compute_nothing(lenient: Any, computed: list[str]) -> None:
    """However impatient their browsers are."""
    headers = lenient.bearer("admin") | {"Cache-Control": "no-cache", "Pragma": "no-cache"}
    refresh(lenient, headers)
    addresses = [DASHBOARD, STATUS, "/api/metrics/net_revenue?maxAge=0"]
    for address in addresses:
        lenient.client.get(address, headers=headers)
    computed.clear()
    lenient.run("UPDATE expenses SET amount = amount + 1")
    for _ in range(100):
        for address in addresses:
            assert lenient.client.get(address, headers=headers).status_code == 200
    assert computed == []
    runs = lenient.client.get(STATUS, headers=headers).json()["data"]["runs"]
    assert len(runs) == 1


# What `superset#19540` is about: figures that ought to be the same, on the page and on their own.


def test_the_page_shows_what_each_metric_says_on_its_own(lenient: Any) -> None:
    """Over REST, GraphQL and the command line: `test_the_same_question_has_the_same_figures_and_version_everywhere`."""
    headers = lenient.bearer("admin")
    for amount in ("1.125", "2.0005"):
        lenient.run(f"UPDATE expenses SET amount = {amount}")
        refresh(lenient, headers)
        lenient.until_all_is_ready()
    for platform in ("all", "amazon"):
        page = lenient.client.get(f"{DASHBOARD}?platform={platform}", headers=headers)
        figures = exact_json.loads(page.text)["data"]["analyticsData"]
        for name, metric in FIGURES.items():
            alone = lenient.client.get(f"/api/metrics/{metric}?platform={platform}", headers=headers)
            answer = exact_json.loads(alone.text)
            assert (figures[name], figures["version"]) == (answer["data"], answer["version"]), metric
            assert page.headers["X-Version"] == alone.headers["X-Version"] == "2"
