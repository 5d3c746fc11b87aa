"""Local days that are awkward: zones off by half an hour, midnights that come twice or not at all."""

from collections.abc import Callable
from datetime import date

import pytest

from tallymark import rollups
from tallymark.db import Database
from tallymark.model import Tenant

MakeTenant = Callable[..., int]

EXPENSE = (
    "INSERT INTO expenses (tenant_id, platform, expense_id, incurred_at, category, amount)"
    " VALUES (current_tenant(), 'shop', %s, %s, 'ads', %s)"
)
ORDER = (
    "INSERT INTO orders (tenant_id, placed_at, platform, order_id, customer_id, total_amount)"
    " VALUES (current_tenant(), %s, 'shop', %s, 'c', 1)"
)


def build(database: Database, tenant: Tenant) -> None:
    with database.session(tenant.tenant_id) as session:
        for _ in rollups.build(session, tenant):
            pass


def advance(database: Database, tenant: Tenant) -> None:
    with database.connect(tenant.tenant_id, isolation="repeatable read") as conn:
        assert rollups.advance(conn, tenant).settled


def expense_days(database: Database, tenant: Tenant) -> list[tuple[date, int]]:
    with database.connect(tenant.tenant_id, isolation="repeatable read") as conn:
        assert rollups.verify(conn, tenant).ok
        return conn.execute("SELECT day, expenses::int FROM expense_day ORDER BY day").fetchall()


def sales_days(database: Database, tenant: Tenant) -> list[tuple[date, int]]:
    with database.connect(tenant.tenant_id, isolation="repeatable read") as conn:
        assert rollups.verify(conn, tenant).ok
        return conn.execute("SELECT day, orders::int FROM sales_day ORDER BY day").fetchall()


@pytest.mark.parametrize("built_first", [True, False])
@pytest.mark.parametrize(
    ("timezone", "instant", "day"),
    [
        ("Asia/Kolkata", "2025-03-31 18:40Z", date(2025, 4, 1)),  # ten past midnight
        ("Asia/Kathmandu", "2025-03-31 18:20Z", date(2025, 4, 1)),
        ("America/Havana", "2026-11-01 04:30Z", date(2026, 11, 1)),  # half past midnight, for the first time
        ("America/Havana", "2026-11-01 05:30Z", date(2026, 11, 1)),  # and again
        ("Atlantic/Azores", "2025-10-26 00:30Z", date(2025, 10, 26)),
        ("Africa/Cairo", "2025-04-24 22:00Z", date(2025, 4, 25)),  # a day that begins at one
        ("Asia/Beirut", "2025-10-25 20:30Z", date(2025, 10, 25)),  # its last hour comes twice
        ("Asia/Beirut", "2025-10-25 21:30Z", date(2025, 10, 25)),
    ],
)
def test_an_instant_belongs_to_its_local_day(
    database: Database, make_tenant: MakeTenant, timezone: str, instant: str, day: date, built_first: bool
) -> None:
    tenant = Tenant(make_tenant("one", timezone, "EUR"), "one", "One", timezone, "EUR")
    if built_first:
        build(database, tenant)
    with database.connect(tenant.tenant_id) as conn:
        conn.execute("SELECT ensure_months(%s, %s)", (instant, instant))
        conn.execute(EXPENSE, ("e", instant, 5))
        conn.execute(ORDER, (instant, "o"))
    if built_first:
        advance(database, tenant)
    else:
        build(database, tenant)
    assert expense_days(database, tenant) == [(day, 1)]
    assert sales_days(database, tenant) == [(day, 1)]


def test_a_month_that_begins_twice_is_built_once(database: Database, make_tenant: MakeTenant) -> None:
    """In Havana the first of November 2026 has two hours after midnight, which are one day and one month."""
    tenant = Tenant(make_tenant("cuba", "America/Havana", "CUP"), "cuba", "Cuba", "America/Havana", "CUP")
    with database.connect(tenant.tenant_id) as conn:
        conn.execute("SELECT ensure_months('2026-10-01Z', '2026-11-30Z')")
        for number, instant in enumerate(("2026-10-31 12:00Z", "2026-11-01 04:30Z", "2026-11-01 05:30Z")):
            conn.execute(ORDER, (instant, str(number)))
            conn.execute(EXPENSE, (str(number), instant, 5))
    build(database, tenant)
    assert sales_days(database, tenant) == [(date(2026, 10, 31), 1), (date(2026, 11, 1), 2)]
    assert expense_days(database, tenant) == [(date(2026, 10, 31), 1), (date(2026, 11, 1), 2)]
