"""kill -9 of `tallymark serve` and its background work in the middle of a refresh; then it is started again."""

import random
import secrets
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import httpx
import psutil
import pytest
from tests.e2e.conftest import PASSWORD, Running, address_of
from tests.faults.seen import given_up, nothing_lost, one, wait
from tests.properties.world import open_shop, place

from tallymark.api.auth import create_user
from tallymark.db import Database
from tallymark.metrics import Catalog
from tallymark.model import Tenant
from tallymark.tasks import DIED, check_integrity, records, schedules

LONGEST = 0.3
"""Seconds that a refresh may run before its server is killed: some have ended by then."""
UNLIMITED = {
    "ANALYTICS_REFRESH_COOLDOWN_MINUTES": "0",
    "ANALYTICS_RATE_LIMIT_REQUESTS": "1000000",
    "TALLYMARK_DEBOUNCE_SECONDS": "0",
}
LEFT = """
    SELECT (SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'
            AND database = (SELECT oid FROM pg_database WHERE datname = current_database()))
         + (SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()
            AND state LIKE 'idle in transaction%%' AND xact_start < clock_timestamp() - interval '1 second')"""


class Server(Running):
    """`tallymark serve`, as a user starts it."""

    def __init__(self, database: Database, home: Path) -> None:
        settings = {"TALLYMARK_HOME": str(home), "DATABASE_URL": address_of(database.conninfo)}
        settings["TALLYMARK_SECRET_KEY"] = secrets.token_hex(32)
        super().__init__({**settings, **UNLIMITED}, ("-m", "tallymark", "serve"))

    def kill_itself_only(self) -> None:
        """What it has started notices, and ends too: the address is free, and nobody works for a server that is not."""
        started = psutil.Process(self.process.pid).children(recursive=True)
        assert len(started) >= 2, "the one that answers and the one that works"
        self.process.kill()
        self.process.wait(60)
        _, alive = psutil.wait_procs(started, timeout=60)
        assert not alive


@pytest.fixture
def tenant(database: Database) -> Tenant:
    """A shop with an admin, where nothing happens by the clock."""
    tenant = open_shop(database)
    with database.connect(None) as conn:
        create_user(conn, "admin@example.com", PASSWORD, tenant, "admin")
    with records.engine(database) as conn:
        schedules.define(conn)
        conn.execute("UPDATE schedules SET enabled = false")
    return tenant


@pytest.fixture
def server(database: Database, tenant: Tenant, tmp_path: Path) -> Iterator[Server]:
    server = Server(database, tmp_path)
    yield server
    server.process.terminate()
    server.process.wait(120)


class Admin:
    """Somebody who refreshes, and looks what became of it."""

    def __init__(self, server: Server) -> None:
        self._client = httpx.Client(base_url=server.address, timeout=120)
        account = {"email": "admin@example.com", "password": PASSWORD}
        token = self._client.post("/api/auth/login", json=account).json()["accessToken"]
        self._client.cookies.clear()
        self._client.headers["Authorization"] = f"Bearer {token}"

    def begin(self) -> str:
        return str(self.refresh(Prefer="respond-async").json()["runId"])

    def refresh(self, **headers: str) -> httpx.Response:
        return self._client.post("/api/admin/analytics/refresh?force=true", headers=headers)

    def told(self, run: str) -> str:
        """How a run ended of which nobody can be at work any more."""
        answer = self._client.get(f"/api/admin/analytics/runs/{run}")
        if answer.status_code == 404:
            return "never begun"
        record = answer.json()["data"]
        assert record["status"] == "completed" or record["error"] == DIED, record
        return str(record["status"])


@pytest.mark.timeout(1800)
def test_killed_at_random_points_of_a_refresh(
    database: Database, tenant: Tenant, server: Server, request: pytest.FixtureRequest
) -> None:
    dice, ends = random.Random(8), Counter[str]()
    for attempt in range(50 if request.config.getoption("--thorough") else 2):
        with database.connect(tenant.tenant_id) as conn:
            place(conn, range(attempt * 3, attempt * 3 + 3))
        run = Admin(server).begin() if attempt % 2 else woken(database, tenant)
        time.sleep(dice.random() * LONGEST)
        server.kill() if attempt % 4 in (0, 3) else server.kill_itself_only()
        given_up(database)
        server.start()
        admin = Admin(server)
        ends[admin.told(run)] += 1
        assert admin.refresh().status_code == 200
        nothing_lost(database, tenant)
        wait(lambda: one(database, LEFT) == 0, "no lock is left, and nobody idles in a transaction")
        assert newest(database, tenant, "status = 'processing'") is None
    print(f"\n{ends}")
    assert check_integrity(database, Catalog.load(), tenant).ok


def woken(database: Database, tenant: Tenant) -> str:
    """The run that the newest change has woken."""
    last = newest(database, tenant, "triggered_by = 'event'")
    wait(lambda: newest(database, tenant, "triggered_by = 'event'") != last, "the change is counted")
    return str(newest(database, tenant, "triggered_by = 'event'"))


def newest(database: Database, tenant: Tenant, which: str) -> str | None:
    with database.connect(tenant.tenant_id) as conn:
        row = conn.execute(
            f"SELECT run_id::text FROM analytics_metadata WHERE {which} ORDER BY started_at DESC LIMIT 1"
        ).fetchone()
    return row and row[0]
