"""What goes, what stays, and what a difference does that nobody could have made by the rules."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from tests.properties.world import open_shop, place

from tallymark.db import Database
from tallymark.metrics import Catalog
from tallymark.model import Tenant
from tallymark.settings import Settings
from tallymark.tasks import Work, clean_up, count_alerts, find_job, open_alerts, refresh, upkeep

FEW = Catalog(Catalog.load()[name] for name in ("net_revenue", "sales_overview"))
SETTINGS = Settings(secret_key="k" * 32)


@pytest.fixture
def tenant(database: Database) -> Tenant:
    tenant = open_shop(database)
    with database.connect(tenant.tenant_id) as conn:
        place(conn, range(5))
    refresh(database, FEW, tenant, triggered_by="test")
    return tenant


def run(database: Database, tenant: Tenant, *statements: str) -> Any:
    """As the tenant; the rows of the last statement."""
    with database.connect(tenant.tenant_id) as conn:
        for statement in statements:
            cursor = conn.execute(statement)
        return cursor.fetchall() if cursor.description else None


def test_what_is_old_goes_and_the_newest_stays(database: Database, tenant: Tenant) -> None:
    snapshots = run(database, tenant, "SELECT count(*) FROM analytics_history")[0][0]
    run(
        database,
        tenant,
        "UPDATE analytics_history SET created_at = now() - interval '7 months', version = -1"
        " WHERE metric_type = 'net_revenue'",
        "INSERT INTO analytics_history"
        " SELECT tenant_id, metric_type, platform, -2, calculated_data, snapshot_date, created_at"
        " FROM analytics_history WHERE version = -1",
        "INSERT INTO analytics_metadata (tenant_id, triggered_by, status, started_at)"
        " SELECT current_tenant(), 'test', status, now() - age"
        " FROM unnest(ARRAY['failed', 'completed', 'processing']) status,"
        " unnest(ARRAY['20 days', '40 days']::interval[]) age",
        "INSERT INTO analytics_progress (tenant_id, run_id, seq, step, at)"
        " VALUES (current_tenant(), gen_random_uuid(), 1, 'x', now() - interval '2 days')",
        "INSERT INTO audit_log (tenant_id, at, actor, action, subject)"
        " SELECT current_tenant(), now() - age, 'me', 'x', age::text"
        " FROM unnest(ARRAY['11 months', '25 months']::interval[]) age",
        "INSERT INTO users (email, password_hash) VALUES ('a@b.example', '')",
        "INSERT INTO sessions (secret_hash, user_id, session_epoch, seen_at)"
        " SELECT age::text::bytea, user_id, 1, now() - age"
        " FROM users, unnest(ARRAY['1 hour', '4 days']::interval[]) age",
        "INSERT INTO sign_ins (user_id, at, outcome, address)"
        " SELECT user_id, now() - age, 'ok', '' FROM users, unnest(ARRAY['1 month', '3 years']::interval[]) age",
    )  # fmt: skip
    [(published,)] = run(database, tenant, "SELECT count(*) FROM change_log")
    removed = clean_up(database, [tenant], SETTINGS)
    assert {what: count for what, count in removed.items() if count} == {
        "snapshots of figures": 2, "runs": 2, "steps of runs": 1, "entries of the audit log": 1, "sessions": 1,
        "attempts to sign in": 1, "changes that are published": published,
    }  # fmt: skip
    assert run(database, tenant, "SELECT count(*) FROM analytics_history") == [(snapshots,)]
    left = run(database, tenant, "SELECT status, count(*) FROM analytics_metadata GROUP BY 1 ORDER BY 1")
    assert left == [("completed", 2), ("failed", 1), ("processing", 2)]
    assert not any(clean_up(database, [tenant], SETTINGS).values())
    # No setting and no caller makes the audit log forget its last year.
    assert run(database, tenant, "SELECT forget_audit(now())") == [(0,)]
    assert run(database, tenant, "SELECT forget_audit(now())", "SELECT count(*) FROM audit_log") == [(1,)]


def test_changes_that_are_published_go_from_the_log(database: Database, tenant: Tenant) -> None:
    clean_up(database, [tenant], SETTINGS)
    with database.connect(tenant.tenant_id) as conn:
        place(conn, [7])
    assert clean_up(database, [tenant], SETTINGS)["changes that are published"] == 0
    assert run(database, tenant, "SELECT count(*) > 0 FROM change_log") == [(True,)]
    refresh(database, FEW, tenant, triggered_by="test")
    clean_up(database, [tenant], SETTINGS)
    assert run(database, tenant, "SELECT count(*) FROM change_log") == [(0,)]


def test_months_to_come_have_their_place_and_parents_their_statistics(database: Database, tenant: Tenant) -> None:
    upkeep(database)
    now = datetime.now(UTC)
    ahead = (now.year * 12 + now.month - 1) + 3
    part = f"order_items_{ahead // 12}{ahead % 12 + 1:02}"
    assert run(database, tenant, f"SELECT to_regclass('{part}') IS NOT NULL") == [(True,)]
    run(
        database,
        tenant,
        "INSERT INTO orders (tenant_id, placed_at, platform, order_id)"
        " SELECT current_tenant(), '2025-03-10Z', 'bulk', n::text FROM generate_series(1, 1500) n",
        "SELECT pg_stat_force_next_flush()",  # Else it is told of up to a minute later, and counts beside the ANALYZE.
    )
    with database.owner() as owner:
        owner.execute("ANALYZE orders_202503")
    assert upkeep(database) == ["orders"]
    assert upkeep(database) == []


def test_a_difference_is_an_alert_until_it_is_none(database: Database, tenant: Tenant) -> None:
    work = Work(database, FEW, SETTINGS, None, tenants=lambda: [tenant])
    assert find_job("integrity_check").body(work)["differing"] == {}
    run(database, tenant, "UPDATE sales_day SET total = total + 0.01 WHERE day = (SELECT max(day) FROM sales_day)")
    for _ in range(2):
        assert list(find_job("integrity_check").body(work)["differing"]) == ["shop"]  # type: ignore[call-overload]
    with database.connect(None) as conn:
        assert count_alerts(conn) == 1
    with database.connect(tenant.tenant_id) as conn:
        [alert] = open_alerts(conn, tenant)
    assert (alert.kind, alert.seen_at > alert.raised_at) == ("integrity", True)
    with database.connect(tenant.tenant_id) as conn:
        row = conn.execute("SELECT day, platform, total FROM sales_day ORDER BY day DESC LIMIT 1").fetchone()
    assert row is not None
    day, platform, total = row
    wrong = f"sales_day, {day}, {platform}: total {total}, recounted {total - Decimal('0.01')}"
    assert f"are not what a full recount gives: {wrong}" in alert.message
    run(database, tenant, "UPDATE sales_day SET total = total - 0.01 WHERE day = (SELECT max(day) FROM sales_day)")
    find_job("integrity_check").body(work)
    with database.connect(tenant.tenant_id) as conn:
        assert open_alerts(conn, tenant) == []


def test_each_night_those_who_waited_longest(database: Database, tenant: Tenant) -> None:
    from tallymark.tasks.nightly import tonight

    other = open_shop(database, "other")
    empty = open_shop(database, "empty")
    refresh(database, FEW, other, triggered_by="test")
    assert [one.slug for one in tonight(database, 3)] == ["shop", "other"]
    find_job("integrity_check").body(Work(database, FEW, SETTINGS, tenant))
    assert find_job("integrity_check").body(Work(database, FEW, SETTINGS, empty))["leftOut"] == ["empty"]
    assert [one.slug for one in tonight(database, 3)] == ["other", "shop"]
