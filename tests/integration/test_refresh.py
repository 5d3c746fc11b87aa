"""A refresh of one tenant: what it evaluates, what it publishes, what it says, and what a failure leaves behind."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from tests.properties.world import assert_exact, open_shop, place

from tallymark import cache, results, rollups
from tallymark.changes import progress
from tallymark.db import Database
from tallymark.errors import RefreshFailed
from tallymark.metrics import Catalog
from tallymark.model import Question, Tenant
from tallymark.tasks import LOCK_CLASS, Outcome, preparing, refresh, runs
from tallymark.tasks.figures import evaluate_alone

BUILT_IN = Catalog.load()
KEPT_READY = {name for name, metric in BUILT_IN.items() if metric.prewarm}
KEPT_SOON = {name for name in KEPT_READY if BUILT_IN[name].ready != "daily"}


@pytest.fixture
def tenant(database: Database) -> Tenant:
    tenant = open_shop(database)
    with database.connect(tenant.tenant_id) as conn:
        place(conn, range(20))
    return tenant


def run(database: Database, tenant: Tenant, catalog: Catalog = BUILT_IN, **more: Any) -> Outcome:
    return refresh(database, catalog, tenant, triggered_by="test", **more)


def write(database: Database, tenant: Tenant, statement: str, *arguments: Any) -> None:
    with database.connect(tenant.tenant_id) as conn:
        conn.execute(statement, arguments)


def one(database: Database, tenant: Tenant, query: str, *arguments: Any) -> Any:
    with database.connect(tenant.tenant_id) as conn:
        row = conn.execute(query, arguments).fetchone()
    return row and (row[0] if len(row) == 1 else row)


def revenue(database: Database, tenant: Tenant, platform: str = "all") -> Any:
    with database.connect(tenant.tenant_id) as conn:
        stored = results.read(conn, tenant.tenant_id, "net_revenue", platform, "{}")
    assert stored is not None
    return stored.data


def test_the_first_builds_and_publishes_all(database: Database, tenant: Tenant) -> None:
    outcome = run(database, tenant)
    assert (outcome.status, outcome.version, outcome.joined, outcome.error) == ("completed", 1, False, None)
    assert set(outcome.metrics) == KEPT_READY
    assert_exact(database, tenant)


def test_when_nothing_changed_only_the_check_is_noted(database: Database, tenant: Tenant) -> None:
    run(database, tenant)
    with database.connect(tenant.tenant_id) as conn:
        before = progress(conn, tenant.tenant_id)
    outcome = run(database, tenant)
    with database.connect(tenant.tenant_id) as conn:
        after = progress(conn, tenant.tenant_id)
    assert before is not None
    assert after is not None
    assert (outcome.version, outcome.metrics, outcome.changes_applied) == (1, {}, 0)
    assert (after.version, after.published_at) == (before.version, before.published_at)
    assert after.checked_at > before.checked_at  # type: ignore[operator]


@pytest.mark.parametrize(
    ("source", "statement", "untouched"),
    [
        (
            "products",
            "INSERT INTO products (tenant_id, platform, product_id, name)"
            " VALUES (current_tenant(), 'shopify', 'p1', 'Tea')",
            {"net_revenue", "expense_breakdown", "sales_overview", "sales_trends", "monthly_trends"},
        ),
        (
            "expenses",
            "UPDATE expenses SET amount = amount + 1",
            {"top_products", "sales_overview", "sales_trends", "monthly_analytics"},
        ),
        ("refunds", "UPDATE refunds SET amount = amount + 1", {"expense_breakdown"}),
    ],
)
def test_only_what_changed_is_evaluated(
    database: Database, tenant: Tenant, source: str, statement: str, untouched: set[str]
) -> None:
    run(database, tenant)
    write(database, tenant, statement)
    outcome = run(database, tenant)
    assert set(outcome.metrics) == {name for name in KEPT_SOON if source in BUILT_IN[name].sources}
    assert not untouched & set(outcome.metrics)
    assert outcome.version == 2


def test_a_moved_window_is_evaluated(database: Database, tenant: Tenant) -> None:
    first = run(database, tenant)
    later = run(database, tenant, as_of=first.refreshed_at + timedelta(days=40))
    assert "sales_trends" in later.metrics
    assert "expense_breakdown" not in later.metrics


def test_a_platform_that_lost_all_its_orders_is_not_left_as_it_was(database: Database, tenant: Tenant) -> None:
    with database.connect(tenant.tenant_id) as conn:
        place(conn, range(100, 103), platform="amazon")
    run(database, tenant)
    assert revenue(database, tenant, "amazon")["totalRevenue"] != 0
    with database.connect(tenant.tenant_id) as conn:
        for table in ("orders", "order_items", "refunds", "expenses"):
            conn.execute(f"DELETE FROM {table} WHERE platform = 'amazon'")
    run(database, tenant)
    assert revenue(database, tenant, "amazon")["totalRevenue"] == 0


def test_an_order_that_changes_its_platform_changes_both(database: Database, tenant: Tenant) -> None:
    with database.connect(tenant.tenant_id) as conn:
        place(conn, range(101, 103), platform="amazon")
    run(database, tenant)
    before = [revenue(database, tenant, platform)["totalRevenue"] for platform in ("all", "shopify", "amazon")]
    with database.connect(tenant.tenant_id) as conn:
        for table in ("orders", "order_items"):
            conn.execute(f"UPDATE {table} SET platform = 'shopify' WHERE order_id = 'o101'")
    run(database, tenant)
    after = [revenue(database, tenant, platform)["totalRevenue"] for platform in ("all", "shopify", "amazon")]
    assert after[0] == before[0]
    assert after[1] - before[1] == before[2] - after[2] > 0


# --- metrics that fail


BROKEN = """/*
title = "Broken"
description = "Divides by what is not there."
formula = "1 / 0"
source = "tests"
shape = "object"
window = "all"
ttl = 300
weight = 1
prewarm = [{}]

[columns]
figure = { kind = "count", doc = "A figure." }
*/
SELECT 10 / (count(*) - 20) AS figure FROM order_fact
WHERE tenant_id = %(tenant)s AND day BETWEEN %(from)s AND %(to)s
  AND (%(platform)s = 'all' OR platform = %(platform)s)
"""


@pytest.fixture
def with_broken(tmp_path: Path) -> Catalog:
    """The catalogue and a metric that cannot be computed while there are just twenty orders."""
    (tmp_path / "broken.sql").write_text(BROKEN)
    return Catalog.load(tmp_path)


def test_a_failing_metric_keeps_its_last_figures_and_recovers(
    database: Database, tenant: Tenant, with_broken: Catalog
) -> None:
    with database.connect(tenant.tenant_id) as conn:
        place(conn, [20])
    run(database, tenant, with_broken)
    write(database, tenant, "DELETE FROM orders WHERE order_id = 'o20'")
    outcome = run(database, tenant, with_broken)
    assert outcome.status == "completed"
    assert outcome.metrics["broken"]["status"] == "failed"
    assert outcome.metrics["net_revenue"]["status"] == "completed"
    assert outcome.error
    assert "broken" in outcome.error
    recorded = "SELECT status, error_message, metrics->'broken'->>'status' FROM analytics_metadata WHERE run_id = %s"
    assert one(database, tenant, recorded, outcome.run_id) == ("completed", outcome.error, "failed")
    with database.connect(tenant.tenant_id) as conn:
        kept = results.read(conn, tenant.tenant_id, "broken", "all", "{}")
    assert kept is not None
    assert (kept.data, kept.version) == ({"figure": 10}, 1)
    assert kept.failed_at is not None

    with database.connect(tenant.tenant_id) as conn:
        place(conn, [21])
    assert run(database, tenant, with_broken).error is None
    with database.connect(tenant.tenant_id) as conn:
        again = results.read(conn, tenant.tenant_id, "broken", "all", "{}")
    assert again is not None
    assert (again.version, again.failed_at) == (3, None)


def test_a_metric_that_failed_is_tried_again_though_nothing_changed(
    database: Database, tenant: Tenant, with_broken: Catalog
) -> None:
    with database.connect(tenant.tenant_id) as conn:
        place(conn, [20])
    run(database, tenant, with_broken)
    write(database, tenant, "DELETE FROM orders WHERE order_id = 'o20'")
    assert run(database, tenant, with_broken).error
    outcome = run(database, tenant, with_broken)
    assert (set(outcome.metrics), outcome.changes_applied) == ({"broken"}, 0)


def test_who_joins_a_run_is_told_of_its_failed_metrics(
    database: Database, tenant: Tenant, with_broken: Catalog
) -> None:
    outcome = run(database, tenant, with_broken)
    with database.connect(tenant.tenant_id) as conn:
        joined = runs.completed_since(conn, tenant, outcome.refreshed_at.replace(year=2000))
    assert joined is not None
    assert (joined.joined, joined.run_id) == (True, outcome.run_id)
    assert joined.error == outcome.error is not None


# --- runs that die


def test_a_build_that_died_before_it_was_published_is_published_whole(database: Database, tenant: Tenant) -> None:
    """Else the figures of the old time zone would stand as current beside rollups of the new one."""
    run(database, tenant)
    moved = Tenant(tenant.tenant_id, tenant.slug, tenant.name, "Asia/Tokyo", "GBP")
    with database.session(tenant.tenant_id) as session:
        for _ in rollups.build(session, moved):
            pass
    outcome = run(database, moved)
    assert set(outcome.metrics) == KEPT_READY
    assert outcome.version == 2
    assert_exact(database, moved)


def test_a_failed_run_says_so_and_the_next_works(
    database: Database, tenant: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: Any, **__: Any) -> None:
        raise RuntimeError("out of luck")

    monkeypatch.setattr(results, "publish", fail)
    with pytest.raises(RefreshFailed, match="out of luck"):
        run(database, tenant)
    status = "SELECT status, error_message FROM analytics_metadata"
    assert one(database, tenant, status) == ("failed", "out of luck")
    assert one(database, tenant, "SELECT count(*) FROM analytics_cache") == 0
    monkeypatch.undo()
    assert run(database, tenant).status == "completed"
    assert_exact(database, tenant)


def test_a_completed_run_is_not_marked_failed_afterwards(database: Database, tenant: Tenant) -> None:
    """As when the connection is lost while the answer to COMMIT is on its way."""
    outcome = run(database, tenant)
    runs.fail(database, tenant, outcome.run_id, "the connection was lost")  # type: ignore[arg-type]
    assert one(database, tenant, "SELECT status FROM analytics_metadata") == "completed"


def test_a_run_whose_process_died_is_closed_by_the_next(database: Database, tenant: Tenant) -> None:
    dead = uuid4()
    write(
        database,
        tenant,
        "INSERT INTO analytics_metadata (tenant_id, run_id, triggered_by) VALUES (current_tenant(), %s, 'test')",
        dead,
    )
    run(database, tenant)
    assert one(database, tenant, "SELECT status FROM analytics_metadata WHERE run_id = %s", dead) == "failed"


@pytest.fixture
def narrow(database: Database) -> Iterator[Database]:
    with Database(database.conninfo, max_size=4, patience=3) as narrow:
        yield narrow


def test_as_many_refreshes_as_connections_do_not_starve_each_other(database: Database, narrow: Database) -> None:
    """A run must not need a second connection that only the end of another run would free."""
    tenants = [open_shop(database, f"shop-{number}") for number in range(6)]
    for tenant in tenants:
        with database.connect(tenant.tenant_id) as conn:
            place(conn, range(3))
    with ThreadPoolExecutor(8) as threads:
        outcomes = list(threads.map(lambda tenant: run(narrow, tenant), tenants))
    assert {outcome.status for outcome in outcomes} == {"completed"}
    with ThreadPoolExecutor(8) as threads:
        outcomes = list(threads.map(lambda _: run(narrow, tenants[0]), range(8)))
    assert {outcome.status for outcome in outcomes} == {"completed"}


# --- metrics whose file changes


COUNTED = BROKEN.replace("10 / (count(*) - 20)", "count(*)").replace(
    "prewarm = [{}]", 'prewarm = [{}, { from = "2020-01-01" }]'
)


def test_a_metric_that_is_written_anew_is_worked_out_anew(database: Database, tenant: Tenant, tmp_path: Path) -> None:
    file = tmp_path / "counted.sql"
    file.write_text(COUNTED)
    run(database, tenant, Catalog.load(tmp_path))
    file.write_text(COUNTED.replace("count(*) AS", "2 * count(*) AS"))
    rewritten = Catalog.load(tmp_path)
    assert figure_of(database, tenant, rewritten) == {"figure": 40}, "not what the old file gave"
    assert set(run(database, tenant, rewritten).metrics) == {"counted"}
    with database.connect(tenant.tenant_id) as conn:
        stored = results.read(conn, tenant.tenant_id, "counted", "all", "{}")
    assert stored is not None
    assert stored.data == {"figure": 40}


def test_an_answer_that_is_kept_ready_no_longer_does_not_stay_and_look_current(
    database: Database, tenant: Tenant, tmp_path: Path
) -> None:
    file = tmp_path / "counted.sql"
    file.write_text(COUNTED)
    run(database, tenant, Catalog.load(tmp_path))
    file.write_text(COUNTED.replace(', { from = "2020-01-01" }', ""))
    fewer = Catalog.load(tmp_path)
    write(database, tenant, "DELETE FROM orders WHERE order_id = 'o3'")
    run(database, tenant, fewer)
    assert figure_of(database, tenant, fewer, **{"from": "2020-01-01"}) == {"figure": 19}


def figure_of(database: Database, tenant: Tenant, catalog: Catalog, **params: str) -> Any:
    now = datetime.now(UTC)
    question = Question("counted", params=params, as_of=now)
    answer, _ = cache.answer(database, catalog, tenant, question, now=now, stale_after=timedelta(hours=24))
    return answer.data


# --- what follows a publication

LATER = COUNTED.replace(', { from = "2020-01-01" }', "")


def test_until_its_turn_has_come_an_answer_comes_from_the_rollups(
    database: Database, tenant: Tenant, tmp_path: Path
) -> None:
    (tmp_path / "counted.sql").write_text(LATER)
    catalog = Catalog.load(tmp_path)
    run(database, tenant, catalog)
    write(database, tenant, "DELETE FROM orders WHERE order_id = 'o3'")
    seen: list[tuple[Any, str, bool]] = []

    def look(outcome: Outcome) -> None:
        now = datetime.now(UTC)
        answer, tier = cache.answer(
            database, catalog, tenant, Question("counted", as_of=now), now=now, stale_after=timedelta(hours=24)
        )
        with database.connect(tenant.tenant_id) as conn:
            stored = results.read(conn, tenant.tenant_id, "counted", "all", "{}")
        assert stored is not None
        assert outcome.version == answer.version == 2
        assert "counted" not in outcome.metrics
        seen.append((answer.data, tier, stored.outdated))

    outcome = refresh(database, catalog, tenant, triggered_by="test", on_published=look)
    assert seen == [({"figure": 19}, "rollup", True)]
    assert outcome.metrics["counted"]["status"] == "completed"
    recorded = "SELECT metrics->'counted'->>'status' FROM analytics_metadata WHERE run_id = %s"
    assert one(database, tenant, recorded, outcome.run_id) == "completed"
    with database.connect(tenant.tenant_id) as conn:
        stored = results.read(conn, tenant.tenant_id, "counted", "all", "{}")
    assert stored is not None
    assert (stored.data, stored.outdated, stored.version) == ({"figure": 19}, False, 2)


def test_what_was_not_prepared_is_prepared_by_the_next_run(
    database: Database, tenant: Tenant, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "counted.sql").write_text(LATER)
    catalog = Catalog.load(tmp_path)
    run(database, tenant, catalog)
    write(database, tenant, "DELETE FROM orders WHERE order_id = 'o3'")

    def die(*_: Any) -> None:
        raise RuntimeError("out of luck")

    monkeypatch.setattr(preparing, "store", die)
    outcome = run(database, tenant, catalog)
    assert (outcome.status, outcome.version) == ("completed", 2)
    assert outcome.error
    assert "out of luck" in outcome.error
    assert figure_of(database, tenant, catalog) == {"figure": 19}
    monkeypatch.undo()
    again = run(database, tenant, catalog)
    prepared = {name for name in KEPT_SOON if "orders" in BUILT_IN[name].sources}
    assert (set(again.metrics), again.version, again.error) == (prepared | {"counted"}, 2, None)


def meanwhile(monkeypatch: pytest.MonkeyPatch, act: Callable[[], object]) -> None:
    """`act` happens once, while the first of the answers that follow a publication is worked out."""
    acts = iter([act])

    def evaluate(*arguments: Any) -> Any:
        for once in acts:
            once()
        return evaluate_alone(*arguments)

    monkeypatch.setattr(preparing, "evaluate_alone", evaluate)


def test_answers_that_follow_hold_up_no_other_refresh(
    database: Database, tenant: Tenant, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "counted.sql").write_text(LATER)
    catalog = Catalog.load(tmp_path)
    run(database, tenant, catalog)
    with ThreadPoolExecutor(1) as elsewhere:
        overtaking = []

        def overtake() -> None:
            write(database, tenant, "DELETE FROM orders WHERE order_id = 'o4'")
            overtaking.append(elsewhere.submit(run, database, tenant, catalog).result(60))

        meanwhile(monkeypatch, overtake)
        write(database, tenant, "DELETE FROM orders WHERE order_id = 'o3'")
        overtaken = run(database, tenant, catalog)
    assert (overtaken.version, overtaken.error, overtaking[0].version) == (2, None, 3)
    with database.connect(tenant.tenant_id) as conn:
        stored = results.read(conn, tenant.tenant_id, "counted", "all", "{}")
    assert stored is not None
    assert (stored.data, stored.outdated, stored.version) == ({"figure": 18}, False, 3)
    assert run(database, tenant, catalog).metrics == {}


def test_answers_that_follow_outlast_a_refresh_that_finds_nothing(
    database: Database, tenant: Tenant, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "counted.sql").write_text(LATER)
    catalog = Catalog.load(tmp_path)
    run(database, tenant, catalog)
    write(database, tenant, "DELETE FROM orders WHERE order_id = 'o3'")
    monkeypatch.setattr(preparing, "LOOKS", 0)
    with database.session(tenant.tenant_id) as other, ThreadPoolExecutor(1) as elsewhere:
        lock = {"class": LOCK_CLASS, "tenant": tenant.tenant_id}
        meanwhile(monkeypatch, lambda: other.connection.execute(runs.SQL.lock, lock))
        preparation = elsewhere.submit(run, database, tenant, catalog)
        waiting = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND objid = %s::int::oid AND NOT granted"
        while not one(database, tenant, waiting, tenant.tenant_id):
            assert not preparation.done()
        other.connection.execute(runs.SQL.unlock, lock)
        assert preparation.result(60).metrics.keys() >= {"counted"}
    assert figure_of(database, tenant, catalog) == {"figure": 19}
    assert run(database, tenant, catalog).metrics == {}


def test_a_daily_metric_waits_for_its_day(database: Database, tenant: Tenant, tmp_path: Path) -> None:
    (tmp_path / "counted.sql").write_text(LATER.replace("prewarm", 'ready = "daily"\nprewarm'))
    catalog = Catalog.load(tmp_path)
    day = datetime(2026, 5, 4, 12, tzinfo=UTC)
    refresh(database, catalog, tenant, triggered_by="test", as_of=day)
    write(database, tenant, "DELETE FROM orders WHERE order_id = 'o3'")
    outcome = refresh(database, catalog, tenant, triggered_by="test", as_of=day + timedelta(hours=1))
    assert outcome.version == 2
    assert "counted" not in outcome.metrics
    for later, figure in ((1, 20), (25, 20)):
        now = day + timedelta(hours=later)
        asked = Question("counted", as_of=now)
        answer, tier = cache.answer(database, catalog, tenant, asked, now=now, stale_after=timedelta(hours=24))
        assert (answer.data, tier, answer.version, answer.age) == ({"figure": figure}, "stored", 1, later * 3600)
        assert answer.stale is (later > 24)
    tomorrow = day + timedelta(hours=25)
    with database.session(tenant.tenant_id) as another:  # Is at the answers of the day: they are left to it.
        another.connection.execute(runs.SQL.daily_alone, {"class": runs.DAILY_LOCK_CLASS, "tenant": tenant.tenant_id})
        outcome = refresh(database, catalog, tenant, triggered_by="test", as_of=tomorrow)
    assert "counted" not in outcome.metrics
    outcome = refresh(database, catalog, tenant, triggered_by="test", as_of=tomorrow)
    assert set(outcome.metrics) >= {"counted"}
    assert figure_of(database, tenant, catalog) == {"figure": 19}
