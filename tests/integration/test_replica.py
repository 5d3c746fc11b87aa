"""Reads from a streaming replica: never older than what somebody has seen, whatever becomes of the replica."""

import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest
from fastapi.testclient import TestClient
from psycopg.conninfo import make_conninfo
from tests.integration.conftest import PASSWORD, WORLD

from tallymark import cache
from tallymark.api import Instance, build
from tallymark.api.auth import create_user
from tallymark.cache.figures import find
from tallymark.db import Database, migrations
from tallymark.db.cluster import Cluster
from tallymark.db.directory import create_tenant
from tallymark.metrics import Catalog, plan
from tallymark.model import Question, Tenant
from tallymark.monitoring import VALUES
from tallymark.settings import Settings
from tallymark.tasks import Flights, refresh

SENDING = {"fsync": "off", "wal_level": "replica", "max_wal_senders": "4", "shared_buffers": "32MB"}
LAG = 2.0


def address(cluster: Cluster) -> str:
    return make_conninfo(host=str(cluster.sockets), port=5432, user="tallymark", dbname="postgres")


@dataclass
class Pair:
    """A primary with a shop, the standby that follows it, and the database that knows both."""

    primary: Cluster
    standby: Cluster
    database: Database
    tenant: Tenant
    catalog: Catalog

    def on_standby(self, statement: str) -> None:
        with psycopg.connect(address(self.standby), autocommit=True) as connection:
            connection.execute(statement)

    def publish(self) -> int:
        """Something changes, and is published."""
        with self.database.connect(self.tenant.tenant_id) as conn:
            conn.execute("UPDATE expenses SET amount = amount + 1")
        return refresh(self.database, self.catalog, self.tenant, triggered_by="test").version

    def find(self, at_least: int = 0) -> int:
        """The version that somebody is told of who has seen this one."""
        now = datetime.now(UTC)
        asked = plan(self.catalog, Question("net_revenue", as_of=now), self.tenant)
        return find(self.database, self.tenant, asked, now, at_least).published.version

    def where(self) -> str:
        """Which of the two answers a reader."""

        def is_standby(conn: Any) -> bool:
            return bool(conn.execute("SELECT pg_is_in_recovery()").fetchone()[0])

        return "standby" if self.database.read(self.tenant.tenant_id, is_standby) else "primary"

    def until(self, holds: Callable[[], bool]) -> None:
        deadline = time.monotonic() + 120
        while not holds():
            assert time.monotonic() < deadline
            time.sleep(0.05)

    def recover(self) -> None:
        """The standby follows again, and reads go there."""
        with suppress(psycopg.Error):
            self.on_standby("SELECT pg_wal_replay_resume()")
        self.until(lambda: self.where() == "standby")


@pytest.fixture(scope="module")
def pair(programs: Path) -> Iterator[Pair]:
    home = Path(tempfile.mkdtemp(prefix="tallymark-replica-"))
    primary = Cluster(home / "primary", programs, SENDING)
    standby = Cluster(home / "standby", programs, SENDING)
    for cluster in (primary, standby):
        cluster.home.mkdir(mode=0o700)
    primary.start()
    try:
        source = ["-h", str(primary.sockets), "-U", "tallymark", "-D", str(standby.data), "-R", "-X", "stream"]
        standby._give(standby.home)
        copy = primary._run([str(programs / "pg_basebackup"), *source, "-c", "fast"])
        said, _ = copy.communicate()
        assert copy.returncode == 0, said
        (standby.data / ".s.PGSQL.5432.lock").unlink()  # The primary's, which keeps it among its data.
        standby.start()
        with psycopg.connect(address(primary), autocommit=True) as connection:
            migrations.apply(connection)
        catalog = Catalog.load()
        with Database(address(primary), replica=address(standby), replica_lag=LAG) as database:
            with database.connect(None) as conn:
                tenant = create_tenant(conn, "harbour", "Harbour", "Europe/London", "GBP")
                create_user(conn, "admin@example.com", PASSWORD, tenant, "admin")
            with database.connect(tenant.tenant_id) as conn:
                conn.execute(WORLD)
            refresh(database, catalog, tenant, triggered_by="test")
            yield Pair(primary, standby, database, tenant, catalog)
    finally:
        standby.stop()
        primary.stop()
        shutil.rmtree(home)


def fallbacks() -> dict[str, float]:
    found = VALUES.readings().get("replica_fallbacks_total", {})
    return {labels[0]: float(value) for labels, value in found.items() if not isinstance(value, list)}


def test_figures_are_read_from_the_replica_and_writes_are_not(pair: Pair) -> None:
    pair.recover()
    with pair.database.connect(pair.tenant.tenant_id, read_only=True) as conn:
        assert conn.execute("SELECT pg_is_in_recovery()").fetchone() == (False,)
    assert pair.database.follower is not None
    assert pair.database.follower.lag is not None
    assert pair.database.follower.lag < LAG
    assert set(pair.database.usage()) == {"primary", "sessions", "replica"}


def test_nobody_is_told_of_less_than_they_have_seen(pair: Pair) -> None:
    pair.recover()
    pair.on_standby("SELECT pg_wal_replay_pause()")
    try:
        before = pair.find()
        version = pair.publish()
        assert version == before + 1
        assert pair.find() in {before, version}  # Whoever has seen nothing may be told of either.
        assert pair.find(at_least=version) == version
        answer, _ = cache.answer(
            pair.database,
            pair.catalog,
            pair.tenant,
            Question("net_revenue", as_of=datetime.now(UTC)),
            now=datetime.now(UTC),
            stale_after=timedelta(hours=1),
        )
        assert answer.version == version
    finally:
        pair.recover()
    pair.until(lambda: pair.find() == version)


def test_one_reads_ones_own_refresh_over_http_while_the_replica_lags(pair: Pair) -> None:
    pair.recover()
    settings = Settings(refresh_cooldown_minutes=0, rate_limit_requests=1000)
    with ThreadPoolExecutor(2) as executor:
        flights = Flights(pair.database, pair.catalog, executor)
        servers = [
            TestClient(build(Instance(settings, "k" * 32, pair.database, pair.catalog, flights), lambda: None))
            for _ in range(2)
        ]
        with servers[0] as one, servers[1] as other:
            token = one.post("/api/auth/login", json={"email": "admin@example.com", "password": PASSWORD}).json()
            signed = {"Authorization": f"Bearer {token['accessToken']}"}
            other.get("/api/metrics/net_revenue", headers=signed)
            pair.on_standby("SELECT pg_wal_replay_pause()")
            try:
                for _ in range(3):
                    with pair.database.connect(pair.tenant.tenant_id) as conn:
                        conn.execute("UPDATE expenses SET amount = amount + 1")
                    done = one.post("/api/admin/analytics/refresh", headers=signed)
                    version = str(done.json()["metadata"]["version"])
                    assert one.get("/api/metrics/net_revenue", headers=signed).headers["X-Version"] == version
                    seen = {**signed, "X-Version": version}
                    assert other.get("/api/metrics/net_revenue", headers=seen).headers["X-Version"] == version
                    history = one.get("/api/admin/analytics/history/net_revenue", headers=signed).json()["data"]
                    assert str(history["snapshots"][-1]["version"]) == version
                far = {**signed, "X-Version": "9" * 18}
                assert other.get("/api/metrics/net_revenue", headers=far).headers["X-Version"] == version
            finally:
                pair.recover()


def test_a_replica_that_lags_is_left_alone_until_it_has_caught_up(pair: Pair) -> None:
    pair.recover()
    before = fallbacks().get("lag", 0)
    pair.on_standby("SELECT pg_wal_replay_pause()")
    pair.publish()
    pair.until(lambda: pair.where() == "primary")
    assert pair.database.follower is not None
    assert (pair.database.follower.lag or 0) > LAG
    assert fallbacks()["lag"] > before
    pair.recover()


def test_a_replica_that_is_cut_off_is_known_to_be_behind(pair: Pair) -> None:
    """It thinks that it has everything it was sent."""
    pair.recover()
    pair.on_standby("ALTER SYSTEM SET primary_conninfo = 'host=/nowhere'")
    pair.on_standby("SELECT pg_reload_conf()")
    try:
        pair.until(lambda: pair.publish() > 0 and pair.where() == "primary")
    finally:
        pair.on_standby("ALTER SYSTEM RESET primary_conninfo")
        pair.on_standby(f"ALTER SYSTEM SET primary_conninfo = 'host={pair.primary.sockets} user=tallymark'")
        pair.on_standby("SELECT pg_reload_conf()")
        pair.recover()


def test_a_replica_that_restarts_fails_nobody(pair: Pair) -> None:
    pair.recover()
    version = pair.find()
    pair.standby.stop()
    for _ in range(3):
        assert pair.find(at_least=version) == version
    assert pair.where() == "primary"
    pair.standby.start()
    pair.recover()


def test_a_replica_that_was_promoted_is_a_replica_no_more(pair: Pair) -> None:
    pair.recover()
    pair.on_standby("SELECT pg_promote()")
    pair.until(lambda: pair.database.follower is not None and pair.database.follower.unfit() == "promoted")
    version = pair.publish()
    assert pair.where() == "primary"
    assert pair.find() == version
