"""What is measured, one function each; every one returns the figures that ARCHITECTURE.md promises ratios of."""

import tempfile
import threading
from datetime import timedelta
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.world import HERE, NOW, World, fill, median_of, percentile, say, seconds
from tallymark import cache, rollups
from tallymark.db import Database
from tallymark.db.queries import Queries
from tallymark.metrics import Catalog
from tallymark.model import Question, Tenant

WRITES = Queries((HERE / "writes.sql").read_text("utf-8"), "writes.sql")
PLAIN = Queries((HERE / "plain.sql").read_text("utf-8"), "plain.sql")
COPIED = ("orders", "order_items")
Figures = dict[str, Any]


def refreshes(world: World) -> Figures:
    """Milliseconds of a refresh after k changed orders, spread over two years and within the last month.

    Of each the time until its figures can be read, and until every answer that is kept ready has been worked out.
    """
    figures: Figures = {}
    for count in (1, 100, 1_000, 10_000):
        for name, choose in (("spread", world.spread), ("recent", world.recent)):
            world.touch(choose(count, 999))
            world.refresh()
            taken = []
            for turn in range(7 if count < 1_000 else 5):
                world.touch(choose(count, turn))
                taken.append(world.timed_refresh())
            published, whole = (median(side) * 1000 for side in zip(*taken, strict=True))
            figures[f"{name} {count}"] = {"published": round(published, 1), "whole": round(whole, 1)}
            say(f"  after {count:>6,} changed orders ({name}): published {published:9.1f} ms, all done {whole:9.1f} ms")
    return figures


def plain_sql(world: World) -> float:
    """Milliseconds of computing the same figures with plain SQL over the base tables."""
    with world.database.connect(world.tenant.tenant_id, statement_timeout=0) as conn:
        conn.execute("SET LOCAL max_parallel_workers_per_gather = 2")
        arguments = {"tenant": world.tenant.tenant_id, "now": NOW}

        def all_five(_: int) -> float:
            return seconds(lambda: [conn.execute(PLAIN[name], arguments).fetchall() for name in PLAIN])

        took = all_five(0)
        # What takes this long is not worth waiting for twice: the ratio is plain.
        if took < 10:
            took = median_of(3, all_five)
    say(f"  the same figures with plain SQL: {took * 1000:,.0f} ms")
    return round(took * 1000, 1)


def writes(database: Database, tenant: Tenant) -> Figures:
    """Milliseconds of writing 1,000 orders with lines in one transaction, with the triggers and without, in turn."""
    orders, lines = WRITES.orders, WRITES.order_items
    taken: dict[str, list[float]] = {"ENABLE": [], "DISABLE": []}
    for turn in range(40):
        for state in taken:
            with database.owner() as conn:
                for table in COPIED:
                    conn.execute(f"ALTER TABLE {table} {state} TRIGGER USER")

            def write(prefix: str = f"{state}{turn}-") -> None:
                with database.connect(tenant.tenant_id) as conn:
                    conn.execute(orders, {"tenant": tenant.tenant_id, "prefix": prefix})
                    conn.execute(lines, {"tenant": tenant.tenant_id, "prefix": prefix})

            taken[state].append(seconds(write))
    with database.owner() as conn:
        for table in COPIED:
            conn.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")
            conn.execute(f"DELETE FROM {table} WHERE tenant_id = {tenant.tenant_id} AND placed_at >= '2026-11-05'")
    with_triggers, without = (percentile(taken[state], 0.5) * 1000 for state in taken)
    say(f"  1,000 orders in a transaction: {with_triggers:.1f} ms with triggers, {without:.1f} ms without")
    return {
        "with_triggers": round(with_triggers, 1),
        "without": round(without, 1),
        "ratio": round(with_triggers / without, 2),
    }


def first_build(database: Database, orders: int) -> Figures:
    """Seconds to load orders and lines with COPY, and to build all facts and rollups of them."""
    tenant = fill(database, "build", orders)
    with tempfile.TemporaryDirectory() as folder, database.owner() as conn:
        files = {table: Path(folder) / table for table in COPIED}
        for table, file in files.items():
            with (
                file.open("wb") as sink,
                conn.cursor().copy(
                    f"COPY (SELECT * FROM {table} WHERE tenant_id = {tenant.tenant_id}) TO STDOUT"
                ) as copy,
            ):
                for block in copy:
                    sink.write(block)
        for table in COPIED:
            conn.execute(f"DELETE FROM {table} WHERE tenant_id = {tenant.tenant_id}")
        conn.execute("DELETE FROM change_log")
        conn.execute("VACUUM (TRUNCATE) orders, order_items, change_log")
        conn.execute("CHECKPOINT")

        def load() -> None:
            for table, file in files.items():
                with file.open("rb") as source, conn.cursor().copy(f"COPY {table} FROM STDIN") as copy:
                    while block := source.read(1 << 20):
                        copy.write(block)

        copied = seconds(load)
        conn.execute("VACUUM (ANALYZE) orders, order_items")
        conn.execute("CHECKPOINT")
    with database.session(tenant.tenant_id) as session:
        built = seconds(lambda: [None for _ in rollups.build(session, tenant)])
    say(f"  {orders:,} orders: COPY {copied:.1f} s, first build {built:.1f} s, ratio {built / copied:.2f}")
    return {"orders": orders, "copy_s": round(copied, 1), "build_s": round(built, 1), "ratio": round(built / copied, 2)}


def readers(world: World, turns: int = 12) -> Figures:
    """Answers read while 1,000 orders over all months change again and again: none may match no committed state."""
    totals: set[str] = {_units(world)}
    seen: list[str] = []
    stop = threading.Event()

    def read() -> None:
        while not stop.is_set():
            seen.append(_units(world))

    threads = [threading.Thread(target=read) for _ in range(4)]
    for thread in threads:
        thread.start()
    for turn in range(turns):
        world.touch(world.spread(1_000, 3_000 + turn))
        world.refresh()
        totals.add(_units(world))
    stop.set()
    for thread in threads:
        thread.join()
    mixed = sum(units not in totals for units in seen)
    say(f"  {len(seen):,} answers read meanwhile, {mixed} of them of no committed state")
    return {"read": len(seen), "mixed": mixed}


def _units(world: World) -> str:
    question = Question("sales_overview", "all", {"from": "2024-11-01", "to": "2026-10-30"}, as_of=NOW)
    answer, _ = cache.answer(
        world.database, world.catalog, world.tenant, question, now=NOW, stale_after=timedelta(hours=24)
    )
    data: Any = answer.data
    return f"{data['units']} {data['grossSales']}"


def catalog() -> Catalog:
    return Catalog.load()
