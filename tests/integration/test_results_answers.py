"""A stored answer from its publication to the reader: where it comes from, how old it is, what is said with it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from psycopg.types.json import Jsonb

from tallymark import results, rollups
from tallymark.cache import answer
from tallymark.changes import LOG
from tallymark.db import Database
from tallymark.errors import InvalidResult, NotBuilt
from tallymark.metrics import Catalog, evaluate, plan
from tallymark.model import Answer, Notice, Question, Tenant

CATALOG = Catalog.load()
NOON = datetime(2026, 3, 5, 11, tzinfo=UTC)
DAY_OLD = timedelta(hours=24)


@dataclass
class Shop:
    """A shop with one order of 100.00 on 2 March, published as version 1."""

    database: Database
    tenant: Tenant
    version: int = 0

    def change(self, sql: str, **values: object) -> None:
        with self.database.connect(self.tenant.tenant_id) as conn:
            conn.execute(sql, {"tenant": self.tenant.tenant_id, **values})

    def sell(self, order: str, total: str, day: int = 2) -> None:
        self.change(
            "INSERT INTO orders (tenant_id, platform, order_id, placed_at, total_amount)"
            " VALUES (%(tenant)s, 'shopify', %(order)s, %(at)s, %(total)s)",
            order=order,
            at=datetime(2026, 3, day, 12, tzinfo=UTC),
            total=Decimal(total),
        )

    def publish(self, *questions: Question, now: datetime = NOON) -> None:
        """What a refresh does, for these questions only."""
        self.version += 1
        with self.database.session(self.tenant.tenant_id) as session:
            with session.transaction("repeatable read") as conn:
                rollups.advance(conn, self.tenant)
                for question in questions:
                    planned = plan(CATALOG, question, self.tenant)
                    result = evaluate(conn, planned)
                    kept = {"version": self.version, "now": now}
                    results.publish(conn, self.tenant, [(planned, result, now)], **kept)
                    results.snapshot_history(conn, self.tenant, [(planned, result)], **kept)
                through = Jsonb({"shopify": now.isoformat()})
                publication = {
                    "tenant": self.tenant.tenant_id,
                    "version": self.version,
                    "now": now,
                    "evaluated_at": now,
                }
                conn.execute(LOG.publish, publication | {"data_through": through})

    def ask(
        self,
        metric: str = "net_revenue",
        now: datetime = NOON,
        max_age: float | None = None,
        refresh: Callable[[], object] | None = None,
        **params: str,
    ) -> tuple[Answer, str]:
        question = Question(metric, "all", params, as_of=now, max_age=max_age)
        return answer(self.database, CATALOG, self.tenant, question, now=now, stale_after=DAY_OLD, refresh=refresh)


def of(metric: str = "net_revenue", as_of: datetime = NOON, **params: str) -> Question:
    return Question(metric, "all", params, as_of=as_of)


@pytest.fixture
def shop(database: Database, make_tenant) -> Shop:
    tenant = Tenant(make_tenant("shop", "Europe/Berlin", "EUR"), "shop", "Shop", "Europe/Berlin", "EUR")
    shop = Shop(database, tenant)
    with database.session(tenant.tenant_id) as session:
        for _ in rollups.build(session, tenant):
            pass
    shop.change("SELECT ensure_months('2026-02-01', '2026-03-31')")
    shop.sell("one", "100.00")
    shop.publish(of(), of("sales_overview"), of("monthly_trends"))
    return shop


def test_a_stored_answer_is_told_whole(shop):
    found, tier = shop.ask(now=NOON + timedelta(seconds=90))
    assert tier == "stored"
    assert found.to_json() == (
        b'{"metric":"net_revenue","params":{"clock":"event","from":null,"to":null},"platform":"all","data":'
        b'{"totalRevenue":100.00,"totalExpenses":0.00,"netRevenue":100.00,"profitMarginPercentage":100.00,'
        b'"refunds":0.00,"calculatedAt":"2026-03-05T11:00:00Z"},"computedAt":"2026-03-05T11:00:00Z",'
        b'"checkedAt":"2026-03-05T11:00:00Z","dataThrough":"2026-03-05T11:00:00Z","version":1,"age":90.0,'
        b'"stale":false,"warnings":[]}'
    )


def test_a_question_never_asked_before_is_answered_from_rollups(shop):
    found, tier = shop.ask("sales_overview", **{"from": "2026-03-01", "to": "2026-03-04"})
    assert (tier, found.data["orders"], found.version) == ("rollup", 1, 1)


def test_a_stored_answer_whose_days_have_moved_is_not_given(shop):
    shop.publish(of("sales_overview", period="today"))
    tomorrow = NOON + timedelta(days=1)
    (today, first), (later, second) = (shop.ask("sales_overview", now, period="today") for now in (NOON, tomorrow))
    assert (first, second) == ("stored", "rollup")
    assert (today.params["from"], later.params["from"]) == ("2026-03-05", "2026-03-06")


def test_changes_show_only_when_they_are_published(shop):
    shop.sell("two", "11.00")
    assert shop.ask()[0].data["totalRevenue"] == Decimal("100.00")
    assert shop.ask("sales_overview", **{"from": "2026-03-01"})[0].data["orders"] == 1
    shop.publish(of())
    assert shop.ask()[0].data["totalRevenue"] == Decimal("111.00")


def test_age_counts_from_the_last_check_and_stale_from_the_threshold(shop):
    assert [shop.ask(now=NOON + age)[0].stale for age in (DAY_OLD, DAY_OLD + timedelta(seconds=1))] == [False, True]
    shop.change(LOG.checked, now=NOON + timedelta(hours=12), evaluated_at=NOON + timedelta(hours=12))
    found, _ = shop.ask(now=NOON + timedelta(hours=13))
    assert (found.age, found.computed_at) == (3600.0, NOON)


def test_an_answer_older_than_asked_for_is_refreshed_once(shop):
    later = NOON + timedelta(minutes=10)
    calls = []

    def refresh() -> None:
        calls.append(shop.publish(of(), now=later))

    assert shop.ask(now=later, max_age=600, refresh=refresh)[0].version == 1
    assert shop.ask(now=later, max_age=599, refresh=refresh)[0].version == 2
    assert len(calls) == 1


def test_nothing_is_given_before_the_first_publication(database, make_tenant):
    shop = Shop(database, Tenant(make_tenant("new"), "new", "New", "Europe/London", "GBP"))
    with pytest.raises(NotBuilt) as refused:
        shop.ask()
    assert refused.value.hint == "Refresh first: tallymark refresh --tenant new"


def test_while_a_large_change_is_applied_the_stored_answer_is_given_and_says_so(shop):
    shop.change("UPDATE publications SET target = seen, cursor_seq = 1 WHERE tenant_id = %(tenant)s")
    notice = Notice("settling", "a large change is being applied; figures may move until it is done")
    for params, tier in (({}, "stored"), ({"from": "2026-03-01"}, "rollup")):
        found, came_from = shop.ask(**params)
        assert (came_from, found.stale, found.warnings) == (tier, True, (notice,))


def test_a_failed_metric_keeps_its_last_good_figures_and_says_so(shop):
    planned = plan(CATALOG, of(), shop.tenant)
    never_stored = plan(CATALOG, of("top_products"), shop.tenant)
    with shop.database.connect(shop.tenant.tenant_id) as conn:
        assert results.keep_last_good(conn, shop.tenant, planned, InvalidResult("it is odd"), NOON)
        assert not results.keep_last_good(conn, shop.tenant, never_stored, InvalidResult("it is odd"), NOON)
        windows = results.stored_windows(conn, shop.tenant.tenant_id)
        stored = results.read(conn, shop.tenant.tenant_id, "net_revenue", "all", "{}")
    assert windows[("net_revenue", "all", "{}")] is None  # To be computed again.
    assert windows[("sales_overview", "all", "{}")] == plan(CATALOG, of("sales_overview"), shop.tenant).resolved
    assert (stored.failure, stored.failed_at) == ("it is odd", NOON)

    found, tier = shop.ask(now=NOON + timedelta(seconds=30))
    assert (tier, found.stale, found.age, found.data["totalRevenue"]) == ("stored", True, 30.0, Decimal("100.00"))
    assert found.warnings == (
        Notice("last_good", "a later computation failed; these figures are of 2026-03-05 11:00 UTC"),
    )
    shop.publish(of())
    assert shop.ask()[0].warnings == ()


def test_many_are_read_at_once_and_those_missing_are_left_out(shop):
    asked = [("net_revenue", "{}"), ("monthly_trends", "{}"), ("top_products", "{}")]
    with shop.database.connect(shop.tenant.tenant_id) as conn:
        found = results.read_many(conn, shop.tenant.tenant_id, "all", asked)
        none = results.read_many(conn, shop.tenant.tenant_id, "amazon", asked)
    assert (set(found), none) == ({("net_revenue", "{}"), ("monthly_trends", "{}")}, {})


def test_history_keeps_a_snapshot_of_each_version_that_differs(shop):
    tomorrow = NOON + timedelta(days=1)
    shop.publish(of(as_of=tomorrow), now=tomorrow)  # Told for another instant, but the same figures.
    shop.sell("two", "11.00")
    shop.publish(of(as_of=tomorrow), now=tomorrow)
    with shop.database.connect(shop.tenant.tenant_id) as conn:
        every = results.history(conn, shop.tenant.tenant_id, "net_revenue", None, None, "all")
        first = results.history(conn, shop.tenant.tenant_id, "net_revenue", None, date(2026, 3, 5), "all")
    assert [(kept.version, kept.day, kept.data["totalRevenue"]) for kept in every] == [
        (1, date(2026, 3, 5), Decimal("100.00")),
        (3, date(2026, 3, 6), Decimal("111.00")),
    ]
    assert [kept.version for kept in first] == [1]
