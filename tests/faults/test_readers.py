"""Whoever reads while orders change and refreshes run sees the total of some committed state, never one between."""

import threading
import time
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from tests.properties.world import assert_exact, open_shop

from tallymark import results
from tallymark.cache import answer
from tallymark.db import Database
from tallymark.metrics import Catalog
from tallymark.model import Question
from tallymark.tasks import refresh

CATALOG = Catalog.load()
FEW = Catalog([CATALOG[name] for name in ("net_revenue", "sales_overview")])
SECONDS, PATIENCE = 8.0, 120.0
"""How long it goes on, and for how long at most where less than enough has happened by then."""

THOUSAND = """
    INSERT INTO orders (tenant_id, placed_at, platform, order_id, customer_id)
    SELECT current_tenant(), '2025-01-02Z'::timestamptz + n * interval '8 hours', 'shopify', n::text, 'c' || n %% 50
    FROM generate_series(1, 1000) n;
    INSERT INTO order_items (tenant_id, placed_at, platform, order_id, line_id, product_id, quantity, unit_price)
    SELECT tenant_id, placed_at, platform, order_id, 'a', 'p', 1, 1 FROM orders WHERE tenant_id = current_tenant()
""".replace("%%", "%")


def test_no_total_between_two_states(database: Database) -> None:
    tenant = open_shop(database)
    with database.connect(tenant.tenant_id) as conn:
        conn.execute(THOUSAND)
    refresh(database, FEW, tenant, triggered_by="test")
    possible = {Decimal(1000)}
    seen: dict[str, list[Decimal]] = {"stored": [], "rollup": []}
    over, failures = threading.Event(), []

    def repeat(work: Any) -> threading.Thread:
        def loop() -> None:
            try:
                round_ = 0
                while not over.is_set():
                    round_ += 1
                    work(round_)
            except Exception as failed:
                failures.append(failed)
                over.set()

        thread = threading.Thread(target=loop)
        thread.start()
        return thread

    def write(round_: int) -> None:
        """Every order in one transaction, half of them in one statement and half in the next."""
        with database.connect(tenant.tenant_id) as conn:
            for half in (0, 1):
                conn.execute("UPDATE order_items SET unit_price = %s WHERE order_id::int %% 2 = %s", (1 + round_, half))
            possible.add(Decimal(1000 * (1 + round_)))
        time.sleep(0.15)

    def read_stored(_: int) -> None:
        with database.connect(tenant.tenant_id) as conn:
            both = results.read_many(conn, tenant.tenant_id, "all", [("net_revenue", "{}"), ("sales_overview", "{}")])
        revenue = both["net_revenue", "{}"].data["totalRevenue"]  # type: ignore[index]
        assert both["net_revenue", "{}"].version == both["sales_overview", "{}"].version
        seen["stored"].append(revenue)

    def ask(round_: int) -> None:
        """About days nobody has asked for: all of them, and then some."""
        days = {"from": str(date(2024, 12, 31) - timedelta(days=round_)), "to": "2026-02-01"}
        question = Question("net_revenue", "all", days, as_of=datetime(2026, 3, 1, tzinfo=UTC))
        now = datetime.now(UTC)
        found, tier = answer(database, CATALOG, tenant, question, now=now, stale_after=timedelta(days=1))
        assert tier == "rollup"
        seen["rollup"].append(found.data["totalRevenue"])  # type: ignore[index, call-overload]

    def enough() -> bool:
        return all(len(set(totals)) > 3 for totals in seen.values())

    threads = [
        repeat(write),
        repeat(lambda _: refresh(database, FEW, tenant, triggered_by="loop")),
        repeat(read_stored),
        repeat(ask),
    ]
    over.wait(SECONDS)
    latest = time.monotonic() + PATIENCE
    while not enough() and not over.wait(0.1) and time.monotonic() < latest:
        pass
    over.set()
    for thread in threads:
        thread.join()
    assert not failures
    for where, totals in seen.items():
        assert set(totals) <= possible, where
        assert totals == sorted(totals), "figures never go back"
    print("\n" + "; ".join(f"{where}: {len(t)} reads, {len(set(t))} states" for where, t in seen.items()))
    assert enough(), "too little happened"
    refresh(database, FEW, tenant, triggered_by="test")
    assert_exact(database, tenant)
