"""Workers in the way of trouble: jobs that go wrong, kill -9, a database that goes away, two schedulers, a stop.

After each of them nothing is lost, nothing was done twice at once, what is stored equals a recount, the queue is empty.
"""

import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil
import psycopg
import pytest
from psycopg.conninfo import make_conninfo
from tests.faults import poison
from tests.faults.seen import PATIENCE, ask, drained, nothing_lost, one, over, status, wait
from tests.properties.world import assert_exact, open_shop, place

from tallymark.db import Database, migrations
from tallymark.db.cluster import Cluster
from tallymark.model import Tenant
from tallymark.tasks import ledger, records, schedules, standing

NURSERY = """
import asyncio, json, os, sys
from tests.faults import poison
from tallymark.db import Database
from tallymark.engine import Pace, Worker
from tallymark.settings import Settings

def work(conninfo, lease, farewell):
    pace = Pace(
        look=0.2, beat=0.3, lease=lease, silent=lease * 1.7, upkeep=0.5, settle=1.0, grace=0.5, farewell=farewell
    )
    settings = Settings(disable_auto_sync=True, job_memory_mb=1024)
    with Database(conninfo) as database:
        asyncio.run(Worker(database, settings, 2, pace=pace, program="tests.faults.poison").run())

for line in sys.stdin:
    asked = json.loads(line)
    if "end" in asked:
        print(os.waitstatus_to_exitcode(os.waitpid(asked["end"], 0)[1]), flush=True)
        continue
    pid = os.fork()
    if pid == 0:
        os.dup2(2, 1)
        work(**asked)
        os._exit(0)
    print(pid, flush=True)
"""
LONGEST = 1.0
"""Seconds that a refresh may run before its worker is killed."""
NOTED = "CREATE TABLE tallymark.noted (line text); GRANT ALL ON tallymark.noted TO tallymark_app"


class Nursery:
    """A process that has loaded all that workers need, and which they are forked from: starting one costs nothing."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-c", NURSERY],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
        )  # fmt: skip

    def ask(self, **what: Any) -> int:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        print(json.dumps(what), file=self._process.stdin, flush=True)
        return int(self._process.stdout.readline())

    def close(self) -> None:
        self._process.kill()
        self._process.communicate()


class Worker:
    """One worker. `lease`: the seconds without word of the database or of another worker until that counts as away.

    `farewell`: those it takes for an orderly end, before it leaves without.
    """

    def __init__(self, nursery: Nursery, conninfo: str, lease: float, farewell: float) -> None:
        self._nursery, self._conninfo = nursery, conninfo
        self.pid = nursery.ask(conninfo=conninfo, lease=lease, farewell=farewell)
        self.status: int | None = None

    @property
    def lives(self) -> bool:
        return _lives(self.pid)

    def end(self, number: signal.Signals) -> int:
        """Its exit status, once it has ended; negative: by that signal."""
        if self.status is None:
            os.kill(self.pid, number)
            self.status = self._nursery.ask(end=self.pid)
        return self.status

    def kill(self) -> None:
        """Ends at once, as long ago as it takes until it is given up."""
        self.end(signal.SIGKILL)
        with psycopg.connect(self._conninfo) as connection:
            connection.execute("UPDATE tallymark_jobs.procrastinate_workers SET last_heartbeat = '-infinity'")


Begin = Callable[..., Worker]


@pytest.fixture(scope="module")
def nursery() -> Iterator[Nursery]:
    nursery = Nursery()
    yield nursery
    nursery.close()


@pytest.fixture
def worker(nursery: Nursery) -> Iterator[Begin]:
    """Starts workers, and ends those that are left."""
    begun: list[Worker] = []

    def begin(database: Database, lease: float = PATIENCE, farewell: float = PATIENCE) -> Worker:
        begun.append(Worker(nursery, database.conninfo, lease, farewell))
        return begun[-1]

    yield begin
    for process in begun:
        process.end(signal.SIGKILL)


def lines(database: Database) -> list[str]:
    with records.engine(database) as conn:
        return [line for (line,) in conn.execute("SELECT line FROM tallymark.noted")]


@pytest.fixture
def noted(database: Database) -> Database:
    with database.owner() as owner:
        owner.execute(NOTED)
    return database


def test_jobs_that_go_wrong_harm_nobody_else_and_a_stop_is_a_stop(noted: Database, worker: Begin) -> None:
    database, tenant = noted, open_shop(noted)
    process = worker(database)
    wrong = {job.name: ask(database, job.name, tenant.tenant_id) for job in poison.POISON[:5]}
    good = ask(database, "refresh", tenant.tenant_id)
    over(database, good, *wrong.values())
    assert process.lives
    with records.engine(database) as conn:
        found = {run.job: (run.status, run.attempt, run.error) for run in standing.runs(conn, None)}
    assert found == {
        "refresh": ("completed", 1, None),
        "exception": ("failed", 2, "ValueError: out of luck"),
        "leave": ("failed", 1, "The process that ran it ended with exit status 3."),
        "loop": ("failed", 1, "It was ended after 1 s, the most that loop may take."),
        "memory": ("failed", 1, "It needed more memory than the 1024 MB that are allowed."),
        "strange": ("failed", 1, "TypeError: Object of type Work is not JSON serializable"),
    }
    drained(database)

    patient = ask(database, "patient", 0, parameters={"seconds": 50})
    stubborn = ask(database, "stubborn", tenant.tenant_id, parameters={"seconds": 50})
    wait(lambda: lines(database).count("begun") == 2, "both are under way")
    with records.engine(database) as conn:
        assert ledger.stop(conn, "patient", 0)["stopping"] == [patient]
    over(database, patient)
    assert status(database, patient) == "cancelled"

    again = ask(database, "patient", 0, parameters={"seconds": 50})
    wait(lambda: lines(database).count("begun") == 3, "it is under way again")
    assert process.end(signal.SIGTERM) == 0
    handed_back = "SELECT count(*) FROM job_runs WHERE status = 'scheduled' AND attempt = 0 AND losses = 0"
    assert one(database, f"{handed_back} AND run_id = ANY(%s::uuid[])", [again, stubborn]) == 2
    assert "done" not in lines(database)
    assert one(database, "SELECT count(*) FROM job_workers") == 0


@pytest.mark.timeout(1800)
def test_killed_at_random_points_of_a_refresh(
    database: Database, worker: Begin, request: pytest.FixtureRequest
) -> None:
    tenant, dice = open_shop(database), random.Random(5)
    kills = 50 if request.config.getoption("--thorough") else 5
    with database.connect(tenant.tenant_id) as conn:
        place(conn, range(40))
    for attempt in range(kills):
        run = ask(database, "refresh", tenant.tenant_id)
        process = worker(database)
        wait(lambda run=run: status(database, run) != "scheduled", "somebody has begun")  # type: ignore[misc]
        time.sleep(dice.random() * LONGEST)
        process.kill()
        with database.connect(tenant.tenant_id) as conn:
            conn.execute("UPDATE order_items SET unit_price = unit_price + %s WHERE order_id <> 'o1'", (attempt,))
            place(conn, [100 + attempt])
        ask(database, "refresh", tenant.tenant_id)
    last = ask(database, "refresh", tenant.tenant_id)
    worker(database)
    over(database, last)
    assert status(database, last) == "completed"
    nothing_lost(database, tenant)


def test_two_schedulers_start_each_due_time_once(database: Database) -> None:
    with records.engine(database) as conn:
        schedules.define(conn)
        schedules.tick(conn)

    def tick(_: int) -> int:
        with records.engine(database) as conn:
            return schedules.tick(conn)

    made, last = 0, one(database, "SELECT date_trunc('second', now())")
    with ThreadPoolExecutor(4) as threads:
        for number in range(10):
            with records.engine(database) as conn:
                conn.execute("UPDATE job_runs SET status = 'completed'")
                conn.execute(
                    "UPDATE schedules SET next_at = %s - %s * interval '1 second'"
                    " WHERE job IN ('user_growth', 'top_items')",
                    (last, number),
                )
            made += sum(threads.map(tick, range(8)))
    times = one(database, "SELECT count(DISTINCT (job, scheduled_for)) FROM job_runs")
    assert made == times == one(database, "SELECT count(*) FROM job_runs")
    assert times >= 20 - 2


@pytest.fixture
def own_server(programs: Path) -> Iterator[tuple[Cluster, Database]]:
    """A PostgreSQL that nobody else uses."""
    with tempfile.TemporaryDirectory(prefix="tallymark-away-") as home:
        cluster = Cluster(Path(home), programs, {"fsync": "off"})
        cluster.start()
        conninfo = make_conninfo(host=str(cluster.sockets), port=5432, user="tallymark", dbname="postgres")
        with psycopg.connect(conninfo, autocommit=True) as connection:
            migrations.apply(connection)
            connection.execute(NOTED)
        with Database(conninfo, patience=2) as database:
            yield cluster, database
        cluster.stop()


def test_the_database_goes_away_and_comes_back(
    own_server: tuple[Cluster, Database], worker: Begin, request: pytest.FixtureRequest
) -> None:
    cluster, database = own_server
    away = [2.0, 60.0] if request.config.getoption("--thorough") else [2.0]
    tenant: Tenant = open_shop(database)
    process = worker(database, lease=1.2)
    for seconds in away:
        long = ask(database, "stubborn", 0, parameters={"seconds": seconds + 1})
        wait(lambda: status(database, long) == "running", "it is under way")  # noqa: B023
        with database.connect(tenant.tenant_id) as conn:
            place(conn, [int(seconds)])
        cluster.stop()
        time.sleep(seconds)
        assert process.lives
        cluster.start()
        refreshed = ask(database, "refresh", tenant.tenant_id)
        took = wait(lambda: status(database, refreshed) != "scheduled", "work is resumed")  # noqa: B023
        print(f"\naway for {seconds:g} s, work resumed {took:.1f} s after")
        over(database, long, refreshed)
        assert status(database, refreshed) == "completed"
        assert_exact(database, tenant)
    assert process.lives
    drained(database)
    assert process.end(signal.SIGTERM) == 0
    assert one(database, "SELECT count(*) FROM pg_stat_activity WHERE state = 'idle in transaction'") == 0


@pytest.mark.timeout(1800)
def test_postgresql_is_killed_at_random_points_of_a_refresh(
    own_server: tuple[Cluster, Database], worker: Begin, request: pytest.FixtureRequest
) -> None:
    (cluster, database), dice = own_server, random.Random(6)
    tenant = open_shop(database)
    process = worker(database)
    for attempt in range(50 if request.config.getoption("--thorough") else 1):
        with database.connect(tenant.tenant_id) as conn:
            place(conn, [attempt])
        run = ask(database, "refresh", tenant.tenant_id)
        wait(lambda run=run: status(database, run) != "scheduled", "somebody has begun")  # type: ignore[misc]
        time.sleep(dice.random() * LONGEST)
        postmaster = cluster.postmaster()
        assert postmaster is not None
        postmaster.kill()
        wait(lambda: cluster.postmaster() is None, "it is dead")
        cluster.start()
    last = ask(database, "refresh", tenant.tenant_id)
    over(database, last)
    assert status(database, last) == "completed"
    nothing_lost(database, tenant)
    assert process.lives


def test_told_to_stop_while_the_database_hangs(own_server: tuple[Cluster, Database], worker: Begin) -> None:
    """A database that says nothing keeps no worker; what it had under way is taken up by the next one."""
    cluster, database = own_server
    process = worker(database, lease=1.2, farewell=0.5)
    run = ask(database, "stubborn", 0, parameters={"seconds": 1})
    wait(lambda: "begun" in lines(database), "it is under way")
    with _hanging(cluster):
        assert process.end(signal.SIGTERM) == 0
    assert status(database, run) == "running", "nobody could be told"
    worker(database, lease=1.2)
    over(database, run)
    assert (status(database, run), lines(database)) == ("completed", ["begun", "begun", "done"])
    drained(database)


@contextmanager
def _hanging(cluster: Cluster) -> Iterator[None]:
    """All its processes stand still, as on a machine whose disk answers no more."""
    postmaster = cluster.postmaster()
    assert postmaster is not None
    still = [postmaster, *postmaster.children()]
    for process in still:
        process.suspend()
    try:
        yield
    finally:
        for process in reversed(still):
            process.resume()


def test_processes_end_with_their_worker(noted: Database, worker: Begin) -> None:
    """And whoever takes up the run of one that was lost waits until it has really ended."""
    process = worker(noted)
    run = ask(noted, "stubborn", 0, parameters={"seconds": 1})
    wait(lambda: "begun" in lines(noted), "it is under way")
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
    assert children
    process.kill()
    wait(lambda: not any(_lives(int(pid)) for pid in children), "its processes are gone")
    worker(noted)
    over(noted, run)
    assert (status(noted, run), lines(noted)) == ("completed", ["begun", "begun", "done"])


def _lives(pid: int) -> bool:
    """A process that has ended and that nobody has asked for its status lives no more."""
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
