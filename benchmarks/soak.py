"""A worker among writers, events, refreshes and readers for minutes: `python -m benchmarks.soak [--minutes 10]`.

Prints how long a committed change takes to be published and by which steps, and whether memory, transactions and dead
rows stay bounded; at the end every stored figure is compared with a recount.
"""

import argparse
import os
import random
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psutil

from benchmarks.lag import Lags, measure
from benchmarks.world import empty, fill, percentile, say
from tallymark.cache import answer
from tallymark.db import Database
from tallymark.errors import NotBuilt, TallymarkError
from tallymark.metrics import Catalog
from tallymark.model import Question, Tenant
from tallymark.tasks import check_integrity, ledger, records, refresh, wake

MEGABYTE = 1 << 20
SHOPS, ORDERS = 3, 5_000
ASKED = ("sales_overview", "net_revenue", "top_products", "recent_activity", "monthly_trends")
TOUCH = """
    UPDATE order_items SET quantity = quantity + 1
    WHERE tenant_id = current_tenant() AND order_id = ANY(%s) AND line_id = '1'"""
DEAD = """
    SELECT relname, n_dead_tup, n_live_tup FROM pg_stat_user_tables
    WHERE n_dead_tup > 1000 ORDER BY n_dead_tup DESC LIMIT 5"""
IDLE = (
    "SELECT count(*) FROM pg_stat_activity WHERE state LIKE 'idle in%%' AND state_change < now() - interval '2 seconds'"
)


@contextmanager
def working(home: Path, concurrency: int, **settings: str) -> Iterator[psutil.Process]:
    """`tallymark work` as it is installed."""
    environment = {**os.environ, "TALLYMARK_HOME": str(home), **settings}
    command = [sys.executable, "-m", "tallymark", "work", "--concurrency", str(concurrency)]
    process = subprocess.Popen(command, env=environment, stderr=subprocess.DEVNULL)
    try:
        yield psutil.Process(process.pid)
    finally:
        process.terminate()
        process.wait(60)


class Soak:
    """What everybody does at once, and what is measured meanwhile."""

    def __init__(self, database: Database, tenants: list[Tenant]) -> None:
        self.database = database
        self.tenants = tenants
        self.catalog = Catalog.load()
        self.over = threading.Event()
        self.commits: list[tuple[Tenant, datetime]] = []
        self.counts = dict.fromkeys(("commits", "events", "refreshes", "answers", "refused"), 0)
        self.memory: list[float] = []
        self.processes: list[int] = []
        self.idle = 0
        self.failures: list[BaseException] = []

    def write(self, dice: random.Random) -> None:
        tenant = dice.choice(self.tenants)
        with self.database.connect(tenant.tenant_id) as conn:
            conn.execute(TOUCH, ([str(dice.randrange(1, ORDERS)) for _ in range(dice.choice([1, 1, 5, 50]))],))
        with self.database.connect(None) as conn:
            row = conn.execute("SELECT clock_timestamp()").fetchone()
        assert row is not None
        self.commits.append((tenant, row[0]))
        self.counts["commits"] += 1
        self.over.wait(dice.random())

    def tell(self, dice: random.Random) -> None:
        tenant = dice.choice(self.tenants)
        with self.database.connect(tenant.tenant_id) as conn:
            wake(conn, tenant, ["shopify"])
        self.counts["events"] += 1
        self.over.wait(dice.random() * 2)

    def click(self, dice: random.Random) -> None:
        refresh(self.database, self.catalog, dice.choice(self.tenants), triggered_by="soak")
        self.counts["refreshes"] += 1
        self.over.wait(5 + dice.random() * 10)

    def read(self, dice: random.Random) -> None:
        question = Question(dice.choice(ASKED), "all", {}, as_of=datetime.now(UTC))
        try:
            answer(
                self.database, self.catalog, dice.choice(self.tenants), question,
                now=datetime.now(UTC), stale_after=timedelta(hours=24),
            )  # fmt: skip
            self.counts["answers"] += 1
        except NotBuilt:
            self.counts["refused"] += 1
        self.over.wait(dice.random() * 0.2)

    def watch(self, worker: psutil.Process) -> None:
        family = [worker, *worker.children(recursive=True)]
        self.memory.append(sum(_memory(process) for process in family) / MEGABYTE)
        self.processes.append(len(family))
        with self.database.owner() as conn:
            row = conn.execute(IDLE).fetchone()
        assert row is not None
        self.idle = max(self.idle, row[0])
        self.over.wait(2)

    def run(self, worker: psutil.Process, seconds: float) -> None:
        threads = [self._thread(self.watch, worker)]
        for number, work in enumerate((self.write, self.write, self.tell, self.click, self.read, self.read)):
            threads.append(self._thread(work, random.Random(number)))
        self.over.wait(seconds)
        self.over.set()
        for thread in threads:
            thread.join()

    def lags(self) -> Lags:
        """From each commit until the first publication whose snapshot holds it; waits for the last of them."""
        deadline = time.monotonic() + 120
        while (found := measure(self.database, self.commits)) is None:
            assert time.monotonic() < deadline, "a change was never published"
            time.sleep(0.5)
        return found

    def _thread(self, work: Callable[[Any], None], given: Any) -> threading.Thread:
        def go() -> None:
            while not self.over.is_set():
                try:
                    work(given)
                except Exception as failed:
                    self.failures.append(failed)
                    self.over.set()

        thread = threading.Thread(target=go)
        thread.start()
        return thread


def soak(minutes: float) -> None:
    with tempfile.TemporaryDirectory(prefix="tallymark-soak-") as folder, empty(Path(folder) / "home") as database:
        tenants = [fill(database, f"shop{number}", ORDERS) for number in range(SHOPS)]
        for tenant in tenants:
            refresh(database, Catalog.load(), tenant, triggered_by="soak")
        run = Soak(database, tenants)
        with working(Path(folder) / "home", 2) as worker:
            for _ in range(2):  # Both processes that work are there and warm before anything is measured.
                _round(database, tenants, "warm")
            run.run(worker, minutes * 60)
            if run.failures:
                raise run.failures[0]
            lags = run.lags()
        with database.owner() as conn:
            dead = conn.execute(DEAD).fetchall()
        _say(run, lags, dead, minutes)
        for tenant in tenants:
            found = check_integrity(database, run.catalog, tenant)
            assert found.ok, found.differences
            say(f"  {tenant.slug}: {found.rows_compared:,} stored rows equal a recount")
        with records.engine(database) as conn:
            left = conn.execute("SELECT count(*) FROM job_runs WHERE status = 'running'").fetchone()
        assert left == (0,)


def _say(run: Soak, lags: Lags, dead: list[tuple[str, int, int]], minutes: float) -> None:
    say(f"soak of {minutes:g} minutes: " + ", ".join(f"{number:,} {what}" for what, number in run.counts.items()))
    lags.tell()
    third = max(1, len(run.memory) // 3)
    first, last = sorted(run.memory[third : 2 * third]), sorted(run.memory[-third:])
    each = [memory / processes for memory, processes in zip(run.memory, run.processes, strict=True)][third:]
    say(f"  memory of the worker's processes: {first[len(first) // 2]:.0f} MB in the second third of the time,")
    say(f"    {last[len(last) // 2]:.0f} MB in the last, {max(run.memory):.0f} MB at most;")
    say(f"    {max(run.processes)} processes at most, each {min(each):.0f} to {max(each):.0f} MB after the first third")
    say(f"  transactions idle for more than 2 s: {run.idle}")
    say(
        "  dead rows: "
        + (", ".join(f"{name} {gone:,} of {live:,}" for name, gone, live in dead) or "under 1,000 anywhere")
    )


def _memory(process: psutil.Process) -> int:
    try:
        return int(process.memory_info().rss)
    except psutil.NoSuchProcess:
        return 0


def fairness(flood: int = 60, small: int = 9, rounds: int = 6) -> None:
    """How long the jobs of small tenants wait, alone and beside one that asks for very many, in turns.

    Each round begins with no run left. The first counts for nothing: it starts and fills the processes that work.
    """
    with tempfile.TemporaryDirectory(prefix="tallymark-fair-") as folder, empty(Path(folder) / "home") as database:
        tenants = [fill(database, f"shop{number}", 200) for number in range(small + 1)]
        for tenant in tenants:
            refresh(database, Catalog.load(), tenant, triggered_by="benchmark")
        alone, beside, left, flooding = list[float](), list[float](), list[int](), list[float]()
        with working(Path(folder) / "home", 2, DISABLE_AUTO_SYNC="true"):
            for number in range(rounds + 1):
                waits = _round(database, tenants[1:], f"alone {number}")
                _ask(database, tenants[:1], f"flood {number}", flood)
                crowded = _round(database, tenants[1:], f"beside {number}")
                still = _left(database, f"flood {number}")
                flooded = _waits(database, f"flood {number}")
                if number:
                    alone, beside = alone + waits, beside + crowded
                    left, flooding = [*left, still], flooding + flooded
        say(f"{small} small tenants ask for a job each, {rounds} times:")
        for name, found in (("alone", alone), (f"beside {flood} jobs of another", beside)):
            say(f"  {name:<28}wait p50 {percentile(found, 0.5):.2f} s, p95 {percentile(found, 0.95):.2f} s")
        say(f"  those {flood}: wait p95 {percentile(flooding, 0.95):.1f} s; left of them after the small ones: {left}")


def _round(database: Database, tenants: list[Tenant], key: str) -> list[float]:
    _ask(database, tenants, key, 1)
    return _waits(database, key)


def _ask(database: Database, tenants: list[Tenant], key: str, many: int) -> None:
    with records.engine(database) as conn:
        for tenant in tenants:
            for number in range(many):
                ledger.enqueue(
                    conn,
                    "user_growth",
                    tenant.tenant_id,
                    trigger="command",
                    triggered_by="benchmark",
                    key=f"{key} {number}",
                )


def _left(database: Database, key: str) -> int:
    with records.engine(database) as conn:
        row = conn.execute(
            "SELECT count(*) FROM job_runs WHERE starts_with(key, %s) AND started_at IS NULL", (key,)
        ).fetchone()
    assert row is not None
    return int(row[0])


def _waits(database: Database, key: str) -> list[float]:
    """Seconds from asked to begun, of every run whose key begins so, once all of them are over."""
    while True:
        with records.engine(database) as conn:
            rows = conn.execute(
                "SELECT status, error, extract(epoch FROM started_at - created_at) FROM job_runs"
                " WHERE starts_with(key, %s)",
                (key,),
            ).fetchall()
        for status, error, _ in rows:
            assert status not in ("failed", "cancelled"), error
        if all(status == "completed" for status, _, _ in rows):
            return [float(wait) for _, _, wait in rows]
        time.sleep(0.1)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--only", choices=("soak", "fairness"))
    asked = parser.parse_args()
    if asked.only != "fairness":
        soak(asked.minutes)
    if asked.only != "soak":
        fairness()


if __name__ == "__main__":
    try:
        main()
    except TallymarkError as failed:
        sys.exit(str(failed))
