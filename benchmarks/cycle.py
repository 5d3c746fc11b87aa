"""What a two-hour cycle costs where few of many shops have changed: `python -m benchmarks.cycle`.

So many shops, each with some orders and a connected folder; in a few of them orders change. Those few are refreshed
one after the other, then they change again and a cycle goes round all shops. What is promised: the cycle costs at most
three times what the few alone do. Seconds of the processor are told besides, for machines that are busy otherwise.
"""

import argparse
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import psutil

from benchmarks.world import empty, say
from tallymark.connectors import Vault, connect, connections, folder_settings, sync
from tallymark.db import Database
from tallymark.db.directory import create_tenant
from tallymark.metrics import Catalog
from tallymark.model import Tenant
from tallymark.tasks import clients, cycle, refresh

PROMISED = 3.0
VAULT = Vault("a secret of the benchmark's own " * 2)


def main() -> None:
    options = argparse.ArgumentParser(prog="python -m benchmarks.cycle", description=__doc__)
    options.add_argument("--shops", type=int, default=1000)
    options.add_argument("--changed", type=int, default=20)
    options.add_argument("--orders", type=int, default=200, help="of each shop")
    asked = options.parse_args()
    catalog = Catalog.load()
    with tempfile.TemporaryDirectory(prefix="tallymark-bench-") as folder, empty(Path(folder) / "home") as database:
        shops = [_shop(database, Path(folder), number, asked.orders) for number in range(asked.shops)]
        say(f"{len(shops)} shops are there")
        changed = shops[:: asked.shops // asked.changed][: asked.changed]
        for tenant in changed:
            refresh(database, catalog, tenant, triggered_by="benchmark")
        alone = _measured(lambda: _change(database, changed), lambda: _each(database, catalog, changed))
        looked = _measured(lambda: None, lambda: _look(database))
        quiet = _measured(lambda: None, lambda: cycle(database, catalog, VAULT))
        whole = _measured(lambda: _change(database, changed), lambda: cycle(database, catalog, VAULT))
    say(f"\n{'':<44}{'seconds':>10}{'processor':>12}")
    for name, (wall, processor) in (
        (f"{asked.changed} changed shops alone", alone),
        (f"one look at all {asked.shops}", looked),
        (f"a cycle of {asked.shops} of which none changed", quiet),
        (f"a cycle of {asked.shops} of which {asked.changed} changed", whole),
    ):
        say(f"{name:<44}{wall:10.3f}{processor:12.3f}")
    ratio, by_processor = whole[0] / alone[0], whole[1] / alone[1]
    say(f"\ncycle / those alone: {ratio:.2f} (processor {by_processor:.2f}), promised <= {PROMISED}")
    say("kept" if ratio <= PROMISED else "NOT KEPT")


def _shop(database: Database, folder: Path, number: int, orders: int) -> Tenant:
    """With figures, but only of the rollups: answers are made for those that change."""
    slug, files = f"shop-{number}", folder / "inbox" / str(number)
    files.mkdir(parents=True)
    rows = "".join(f"o{n},2026-0{n % 9 + 1}-{n % 28 + 1:02},c{n % 40}\n" for n in range(orders))
    lines = "".join(f"o{n},{line},p{line},1,9.95\n" for n in range(orders) for line in (1, 2))
    (files / "orders.csv").write_text(f"order_id,placed_at,customer_id\n{rows}")
    (files / "order_items.csv").write_text(f"order_id,line_id,product_id,quantity,unit_price\n{lines}")
    with database.connect(None) as conn:
        tenant = create_tenant(conn, slug, slug, "Europe/London", "GBP")
    with database.connect(tenant.tenant_id) as conn:
        connect(conn, tenant, "till", "folder", folder_settings(files), by="benchmark", vault=VAULT)
        [source] = connections(conn, tenant)
    sync(database, source, VAULT)
    refresh(database, Catalog([]), tenant, triggered_by="benchmark")
    return tenant


def _change(database: Database, tenants: list[Tenant]) -> None:
    for tenant in tenants:
        with database.connect(tenant.tenant_id) as conn:
            conn.execute("UPDATE order_items SET quantity = quantity + 1 WHERE line_id = '1' AND order_id LIKE 'o1%'")


def _each(database: Database, catalog: Catalog, tenants: list[Tenant]) -> None:
    for tenant in tenants:
        refresh(database, catalog, tenant, triggered_by="benchmark")


def _look(database: Database) -> None:
    with database.connect(None) as conn:
        clients(conn)


def _measured(prepare: Callable[[], object], work: Callable[[], object]) -> tuple[float, float]:
    """Seconds by the clock, and of the processor by us and by PostgreSQL."""
    prepare()
    before, began = _processor(), time.perf_counter()
    work()
    return time.perf_counter() - began, _processor() - before


def _processor() -> float:
    """By this process and the server's, those that have ended by now left out."""
    servers = [process for process in psutil.process_iter(["name"]) if process.info["name"] == "postgres"]
    ours = psutil.Process()
    total = sum(ours.cpu_times()[:2])
    for process in servers:
        try:
            if any("tallymark-bench" in word for parent in [process, *process.parents()] for word in parent.cmdline()):
                total += sum(process.cpu_times()[:2])
        except psutil.Error:
            continue
    return total


if __name__ == "__main__":
    main()
