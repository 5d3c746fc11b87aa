"""A refresh that dies at any statement, or whose process is killed, leaves nothing half done and nothing locked."""

import random
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

import psycopg
import pytest
from tests.properties.world import assert_exact, open_shop, place

from tallymark import rollups
from tallymark.changes import progress
from tallymark.db import Database
from tallymark.errors import DatabaseUnavailable, RefreshFailed
from tallymark.metrics import Catalog
from tallymark.model import Tenant
from tallymark.tasks import refresh

FEW = Catalog([Catalog.load()[name] for name in ("net_revenue", "top_products")])
LOCKS = """
    SELECT count(*) FROM pg_locks
    WHERE locktype = 'advisory' AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"""


@contextmanager
def killed_after(statements: int, database: Database) -> Iterator[list[int]]:
    """PostgreSQL ends the connection that has just run so many statements; yields how many there were."""
    plain, count, mine = psycopg.Cursor.execute, [0], threading.local()

    def execute(self: Any, *arguments: Any, **more: Any) -> Any:
        done = plain(self, *arguments, **more)
        if not getattr(mine, "killing", False):
            count[0] += 1
            if count[0] == statements:
                mine.killing = True
                with database.owner() as owner:
                    owner.execute("SELECT pg_terminate_backend(%s, 5000)", (self.connection.info.backend_pid,))
                mine.killing = False
        return done

    psycopg.Cursor.execute = execute  # type: ignore[method-assign]
    try:
        yield count
    finally:
        psycopg.Cursor.execute = plain  # type: ignore[method-assign]


def runs(database: Database, tenant: Tenant) -> list[str]:
    with database.connect(tenant.tenant_id) as conn:
        return [s for (s,) in conn.execute("SELECT status FROM analytics_metadata ORDER BY started_at, run_id")]


def test_ended_after_any_statement(database: Database) -> None:
    """Its n-th statement is its last, for every n up to the whole run."""
    tenant = open_shop(database)
    with database.connect(tenant.tenant_id) as conn:
        place(conn, range(6))
    refresh(database, FEW, tenant, triggered_by="test")
    died = 0
    for statements in range(1, 500):
        with database.connect(tenant.tenant_id) as conn:
            conn.execute(
                "UPDATE order_items SET unit_price = unit_price + 1 WHERE order_id <> %s", (f"o{statements % 6}",)
            )
        before = runs(database, tenant).count("completed")
        with killed_after(statements, database) as count:
            try:
                refresh(database, FEW, tenant, triggered_by="test")
            except (RefreshFailed, DatabaseUnavailable):
                died += 1
                assert runs(database, tenant).count("completed") == before, "what is published has not failed"
        if count[0] < statements:
            break
        outcome = refresh(database, FEW, tenant, triggered_by="test")
        assert outcome.status == "completed"
        assert_exact(database, tenant)
        assert "processing" not in runs(database, tenant)
        with database.owner() as owner:
            assert owner.execute(LOCKS).fetchone() == (0,)
    assert count[0] < statements, "some run must come to its end"
    assert died > 15
    print(f"\nkilled after each of {statements - 1} statements; {died} runs died of it")


REFRESHER = """
import sys
from tallymark.db import Database
from tallymark.metrics import Catalog
from tallymark.model import Tenant
from tallymark.tasks import refresh
database, catalog = Database(sys.argv[1]), Catalog.load()
tenant = Tenant(int(sys.argv[2]), "shop", "Shop", "Europe/London", "GBP")
with database.connect(tenant.tenant_id) as conn:
    conn.execute("SELECT 1")
print("ready", flush=True)
sys.stdin.readline()
print(refresh(database, catalog, tenant, triggered_by="killed").run_id, flush=True)
"""
BUILDER = """
import sys
from tallymark import rollups
from tallymark.db import Database
from tallymark.model import Tenant
database = Database(sys.argv[1])
tenant = Tenant(int(sys.argv[2]), "shop", "Shop", "Europe/London", "GBP")
print("ready", flush=True)
sys.stdin.readline()
with database.session(tenant.tenant_id) as session:
    for step in rollups.build(session, tenant):
        print(step.stage, step.done, flush=True)
        sys.stdin.readline()
"""


@contextmanager
def started(program: str, database: Database, tenant: Tenant) -> Iterator["subprocess.Popen[str]"]:
    """Another process, ready to go at the first line it is sent."""
    process = subprocess.Popen(
        [sys.executable, "-c", program, database.conninfo, str(tenant.tenant_id)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
    )  # fmt: skip
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def go(process: "subprocess.Popen[str]") -> None:
    assert process.stdin is not None
    assert process.stdout is not None
    while process.stdout.readline().strip() != "ready":
        pass
    process.stdin.write("\n")
    process.stdin.flush()


@pytest.mark.timeout(900)
def test_killed_at_random(database: Database, request: pytest.FixtureRequest) -> None:
    tenant = open_shop(database)
    dice = random.Random(7)
    for attempt in range(50 if request.config.getoption("--thorough") else 4):
        with database.connect(tenant.tenant_id) as conn:
            place(conn, range(attempt * 40, attempt * 40 + 40))
        with started(REFRESHER, database, tenant) as process:
            go(process)
            with suppress(subprocess.TimeoutExpired):
                process.wait(dice.uniform(0.0, 0.25))
            process.kill()
        if attempt % 2:
            refresh(database, FEW, tenant, triggered_by="test")
            assert_exact(database, tenant)
            assert "processing" not in runs(database, tenant)
    refresh(database, FEW, tenant, triggered_by="test")
    assert_exact(database, tenant)


@pytest.mark.parametrize("steps", [1, 9, 17, 20, 25, 29])
def test_a_build_killed_after_a_step_goes_on_with_the_next(database: Database, steps: int) -> None:
    tenant = open_shop(database)
    with database.connect(tenant.tenant_id) as conn:
        place(conn, range(0, 224, 4))
    with started(BUILDER, database, tenant) as process:
        go(process)
        assert process.stdout is not None
        assert process.stdin is not None
        # It goes on after each step that it is told to, so the kill comes after the last of these and before the next.
        process.stdin.write("\n" * (steps - 1))
        process.stdin.flush()
        told = [process.stdout.readline().split() for _ in range(steps)]
        process.kill()
    stage, done = told[-1][0], int(told[-1][1])
    with database.connect(tenant.tenant_id) as conn:
        state = progress(conn, tenant.tenant_id)
        place(conn, range(1, 40, 4))
    assert state is not None
    assert state.building is not None
    with database.session(tenant.tenant_id) as session:
        rest = [(step.stage, step.done) for step in rollups.build(session, tenant)]
    assert [step for step in rest if step[0] == stage and step[1] <= done] == [], "no step is done twice"
    assert len(told) + len(rest) <= len({*rest, *((s, int(d)) for s, d in told)}) + 1
    with database.connect(tenant.tenant_id) as conn:
        after = progress(conn, tenant.tenant_id)
        assert after is not None
        assert after.seen == state.seen, "it began when the first began"
    assert_exact(database, tenant, current=False)
    with database.connect(tenant.tenant_id, isolation="repeatable read") as conn:
        assert rollups.verify(conn, tenant).ok
