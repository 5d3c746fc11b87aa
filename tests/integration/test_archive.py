"""Order lines out to files and back: no total moves, whatever happens meanwhile."""

import shutil
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from tests.properties.world import assert_exact, open_shop, place

from tallymark import archive
from tallymark.archive import file
from tallymark.db import Database
from tallymark.errors import ArchiveUnreadable, Conflict, NotBuilt, RefreshFailed
from tallymark.metrics import Catalog
from tallymark.model import Tenant
from tallymark.settings import Settings
from tallymark.tasks import (
    Work,
    archive_orders,
    check_integrity,
    find_job,
    live_counts,
    nightly,
    open_alerts,
    refresh,
    restore_orders,
)

FEW = Catalog(Catalog.load()[name] for name in ("net_revenue", "top_products"))
APRIL = datetime(2025, 4, 1, tzinfo=UTC)
# Values that a careless file would lose: nothing, a sign for nothing, quotes, lines, many digits.
ODD = """
UPDATE order_items SET product_id = CASE line_id WHEN '1' THEN E'\\\\N' ELSE E'p "2",\\n=' END, unit_cost = NULL,
    unit_price = 0.1234567890123456789012345 WHERE order_id = 'o3'
"""


@pytest.fixture
def tenant(database: Database, tmp_path: Path) -> Tenant:
    database.archive_folder = tmp_path
    tenant = open_shop(database)
    with database.connect(tenant.tenant_id) as conn:
        place(conn, range(60))
        conn.execute(ODD)
        conn.execute(
            "INSERT INTO customers (tenant_id, platform, customer_id, segment)"
            " VALUES (current_tenant(), 'shopify', 'c1', 'new')"
        )
    run(database, tenant)
    return tenant


def run(database: Database, tenant: Tenant) -> Any:
    return refresh(database, FEW, tenant, triggered_by="test")


def write(database: Database, tenant: Tenant, *statements: str) -> None:
    with database.connect(tenant.tenant_id) as conn:
        for statement in statements:
            conn.execute(statement)


def lines(database: Database, tenant: Tenant) -> tuple[int, int]:
    """How many lines are stored, and how many months are archived."""
    with database.connect(tenant.tenant_id) as conn:
        row = conn.execute("SELECT (SELECT count(*) FROM order_items), (SELECT count(*) FROM archives)").fetchone()
    assert row is not None
    return row[0], row[1]


def counted(database: Database, tenant: Tenant) -> object:
    with database.connect(tenant.tenant_id, isolation="repeatable read") as conn:
        counts = live_counts(conn, tenant.tenant_id)
        sold = conn.execute("SELECT sum(total), sum(cost), sum(order_returns) FROM sales_day").fetchone()
    return counts.orders, sold


def verified(database: Database, tenant: Tenant) -> bool:
    return check_integrity(database, FEW, tenant).ok


def test_totals_stay_and_everything_comes_back(database: Database, tenant: Tenant, tmp_path: Path) -> None:
    before, all_lines = counted(database, tenant), lines(database, tenant)[0]
    moved = archive_orders(database, tenant, APRIL)
    assert [f"{one.month:%m}" for one in moved] == ["01", "02", "03"]
    left, months = lines(database, tenant)
    assert (left, months) == (all_lines - sum(one.lines for one in moved), 3)
    assert 0 < left < all_lines
    assert run(database, tenant).changes_applied == 0
    assert counted(database, tenant) == before
    assert verified(database, tenant)
    # The home may move, and its files with it.
    shutil.move(tmp_path / "shop", tmp_path / "moved/shop")
    database.archive_folder = tmp_path / "moved"
    assert verified(database, tenant)
    # A difference is still seen, and so is a file that is not what it was.
    write(database, tenant, "UPDATE product_day SET units = units + 1 WHERE day = (SELECT min(day) FROM product_day)")
    assert not verified(database, tenant)
    write(database, tenant, "UPDATE product_day SET units = units - 1 WHERE day = (SELECT min(day) FROM product_day)")
    assert archive_orders(database, tenant, APRIL) == []
    assert restore_orders(database, tenant) == all_lines - left
    assert lines(database, tenant) == (all_lines, 0)
    assert list(tmp_path.rglob("*.*")) == []
    assert run(database, tenant).changes_applied == 0
    assert_exact(database, tenant)


LATE = {
    "a refund": "INSERT INTO refunds (tenant_id, platform, refund_id, order_id, line_id, refunded_at, quantity, amount)"
    " SELECT tenant_id, platform, 'late', order_id, '2', now(), 1, 3 FROM orders ORDER BY placed_at LIMIT 1",
    "a cancelled order": "UPDATE orders SET status = 'cancelled' WHERE order_id = (SELECT order_id FROM orders"
    " WHERE placed_at < '2025-07-01Z' ORDER BY placed_at LIMIT 1)",
    "an order that moves": "UPDATE orders SET placed_at = placed_at + interval '40 days' WHERE order_id ="
    " (SELECT order_id FROM orders WHERE placed_at < '2025-03-01Z' ORDER BY placed_at LIMIT 1)",
    "a line that comes again": "INSERT INTO order_items (tenant_id, placed_at, platform, order_id, line_id, product_id,"
    " quantity, unit_price) SELECT tenant_id, placed_at, platform, order_id, '1', 'p9', 7, 2 FROM orders"
    " ORDER BY placed_at LIMIT 1",
    "a segment": "UPDATE customers SET segment = 'old' WHERE customer_id = 'c1'",
}


def test_what_comes_late_brings_its_month_back(database: Database, tenant: Tenant, tmp_path: Path) -> None:
    for late in LATE.values():
        archive_orders(database, tenant, APRIL)
        assert lines(database, tenant)[1] == 3
        write(database, tenant, late)
        with pytest.raises(Conflict, match="a refresh brings their lines back"):
            verified(database, tenant)
        with pytest.raises(Conflict):
            archive_orders(database, tenant, APRIL)
        run(database, tenant)
        assert 0 <= lines(database, tenant)[1] < 3, late
        assert verified(database, tenant), late
    restore_orders(database, tenant)
    assert_exact(database, tenant)


def test_a_rebuild_and_a_changed_rate_read_what_is_archived(database: Database, tenant: Tenant, tmp_path: Path) -> None:
    write(database, tenant, "UPDATE orders SET currency = 'USD' WHERE placed_at < '2025-02-01Z'")
    run(database, tenant)
    archive_orders(database, tenant, APRIL)
    write(
        database,
        tenant,
        "INSERT INTO exchange_rates (tenant_id, currency, day, rate)"
        " VALUES (current_tenant(), 'USD', '2025-01-01', 0.8)",
    )
    run(database, tenant)
    assert lines(database, tenant)[1] == 2
    assert verified(database, tenant)
    write(database, tenant, "UPDATE publications SET definition_hash = 'another'")
    run(database, tenant)
    assert lines(database, tenant)[1] == 0
    assert_exact(database, tenant)


def test_an_end_at_any_moment_loses_nothing(
    database: Database, tenant: Tenant, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever step fails, the lines are in the database or in a file that is named there, never in neither."""
    all_lines, whole = lines(database, tenant)[0], archive.lines.SQL

    class Failing:
        def __init__(self, step: str) -> None:
            self.step = step

        def __getattr__(self, name: str) -> str:
            return "SELECT 1 / 0" if name == self.step else getattr(whole, name)  # type: ignore[no-any-return]

    for step in ("lines", "remove", "unlog", "note"):
        with monkeypatch.context() as patch:
            patch.setattr("tallymark.archive.lines.SQL", Failing(step))
            with pytest.raises(Exception, match="division by zero"):
                archive_orders(database, tenant, APRIL)
        assert lines(database, tenant) == (all_lines, 0)
    archive_orders(database, tenant, APRIL)
    for step in ("copy_incoming", "join_incoming", "put_back", "unlog", "forget"):
        with monkeypatch.context() as patch:
            patch.setattr("tallymark.archive.lines.SQL", Failing(step))
            with pytest.raises(Exception, match=r"division by zero|COPY"):
                restore_orders(database, tenant)
        assert lines(database, tenant)[1] == 3
    assert verified(database, tenant)
    restore_orders(database, tenant)
    assert_exact(database, tenant)


def test_a_file_that_is_gone_or_changed_is_told_and_harms_nothing(
    database: Database, tenant: Tenant, tmp_path: Path
) -> None:
    with pytest.raises(NotBuilt):
        archive_orders(database, open_shop(database, "new"), APRIL)
    moved = archive_orders(database, tenant, APRIL)
    before = counted(database, tenant)
    first, second = tmp_path / moved[0].file, tmp_path / moved[1].file
    first.rename(tmp_path / "kept")
    with pytest.raises(ArchiveUnreadable, match="are not there"):
        verified(database, tenant)
    other = open_shop(database, "other")
    refresh(database, FEW, other, triggered_by="test")
    assert night(database, tenant, other) == (["other"], ["archive"]), "it holds up nobody else"
    write(database, tenant, LATE["a refund"])
    with pytest.raises(RefreshFailed, match="are not there"):
        run(database, tenant)
    assert counted(database, tenant) == before
    (tmp_path / "kept").rename(first)
    run(database, tenant)
    assert night(database, tenant, other) == (["shop", "other"], [])
    file.write(second, archive.lines.COLUMNS, [["shopify", "o1", "1", None, "1", "1", None, "0", "0"]])
    with pytest.raises(ArchiveUnreadable, match="are not those that were written"):
        verified(database, tenant)


def night(database: Database, *tenants: Tenant) -> tuple[list[str], list[str]]:
    """Whom a nightly check has recounted, and what kinds of alerts the first of them has then."""
    checked = [done.tenant for done in nightly.check(database, FEW, tenants)]
    with database.connect(tenants[0].tenant_id) as conn:
        return checked, [alert.kind for alert in open_alerts(conn, tenants[0])]


def test_the_job_leaves_out_whom_changes_wait_for(database: Database, tenant: Tenant, tmp_path: Path) -> None:
    settings, database.archive_folder = Settings(secret_key="k" * 32), tmp_path / "archive"
    work = Work(database, FEW, settings, None, {"before": "2025-04-15"}, tenants=lambda: [tenant])
    write(database, tenant, LATE["a refund"])
    assert find_job("archive").body(work)["leftOut"] == ["shop"]
    run(database, tenant)
    done = find_job("archive").body(work)
    assert (done["before"], done["leftOut"], lines(database, tenant)[1]) == ("2025-04-01T00:00:00+00:00", [], 3)
    assert sorted(path.name for path in (tmp_path / "archive/shop").iterdir())[0] == "2025-01.order_items.parquet"
