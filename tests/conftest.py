"""A real PostgreSQL for every test that talks SQL: one server a run, a fresh database a test."""

import itertools
import os
import shutil
import subprocess
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from tallymark.db import Database, embedded, migrations

# A test's data need not survive a power cut.
FAST = {
    "fsync": "off",
    "full_page_writes": "off",
    "synchronous_commit": "off",
    "shared_buffers": "128MB",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "max_connections": "200",
}

END_SESSIONS = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s"
MakeTenant = Callable[..., int]


MEMORY = Path("/dev/shm")
ENOUGH = 4 * 2**30
"""Bytes: databases come and go by the hundred, several times as fast in memory as on a disk."""


def pytest_configure() -> None:
    """Everything temporary goes into memory where there is plenty of it, unless TMPDIR says otherwise."""
    if "TMPDIR" not in os.environ and MEMORY.is_dir() and shutil.disk_usage(MEMORY).free > ENOUGH:
        os.environ["TMPDIR"] = tempfile.tempdir = str(MEMORY)


COSTLY = {
    f"tests/{module}.py"
    for module in (
        "acceptance/test_commands",
        "acceptance/test_online_retail",
        "e2e/test_page",
        "faults/test_workers",
        "integration/test_graphql_fuzzed",
        "integration/test_http_fuzzed",
        "integration/test_http_imports",
        "integration/test_metrics_against_plain_sql",
        "integration/test_metrics_worlds",
        "integration/test_replica",
        "integration/test_two_tenants",
        "unit/test_demo_shop",
    )
}
"""Modules whose tests share what takes long to start: each stays on one worker of xdist."""
LONG = {
    f"tests/{module}.py"
    for module in ("e2e/test_traffic", "faults/test_refresh_killed", "properties/test_rollups_exact")
}
"""Modules of single tests that take long: begun last, each would leave the other workers with nothing to do."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: item.nodeid.partition("::")[0] not in LONG)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """The costly modules first, then every test wherever there is room. (Marks of groups are lost on xdist 3.8's way to
    its scheduler since pytest 9.2: pytest-xdist issue 1386.)
    """
    from xdist.scheduler import LoadScopeScheduling

    assert not [module for module in COSTLY | LONG if not (config.rootpath / module).exists()]

    class Scheduling(LoadScopeScheduling):
        def _split_scope(self, nodeid: str) -> str:
            module = nodeid.partition("::")[0]
            return module if module in COSTLY else nodeid

    return Scheduling(config, log)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--postgres15",
        action="store_true",
        help="use the machine's PostgreSQL 15, the oldest supported, instead of the embedded one",
    )
    parser.addoption("--thorough", action="store_true", help="let random tests run for many minutes, each time anew")


@dataclass
class Server:
    """A running PostgreSQL and the owner's way in."""

    conninfo: str
    worker: str
    _count: Iterator[int] = field(default_factory=itertools.count)

    def create(self, template: str = "template1") -> str:
        """A new database, copied from `template`; returns its conninfo."""
        name = f"{self.worker}_{next(self._count)}"
        with psycopg.connect(self.conninfo, autocommit=True) as connection:
            # Copies files, which for a few megabytes is quicker than writing them to the log.
            connection.execute(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY FILE_COPY")
        return make_conninfo(self.conninfo, dbname=name)

    def drop(self, conninfo: str) -> None:
        """As soon as its sessions have ended: PostgreSQL would end them too, but looks every 0.1 s only."""
        name = psycopg.conninfo.conninfo_to_dict(conninfo)["dbname"]
        with psycopg.connect(self.conninfo, autocommit=True) as connection:
            deadline = time.monotonic() + 0.1
            while connection.execute(END_SESSIONS, (name,)).fetchall() and time.monotonic() < deadline:
                time.sleep(0.002)
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(scope="session")
def programs(request: pytest.FixtureRequest) -> Path:
    """The folder of PostgreSQL programs this run is about."""
    if not request.config.getoption("--postgres15"):
        return embedded.bundled_programs()
    found = _postgres15()
    if found is None:
        pytest.skip("PostgreSQL 15 is not installed on this machine")
    return found


def _postgres15() -> Path | None:
    candidates = [Path("/usr/lib/postgresql/15/bin")]
    if asked := shutil.which("pg_config"):
        told = subprocess.run([asked, "--bindir"], capture_output=True, text=True, check=True).stdout
        candidates.append(Path(told.strip()))
    for folder in candidates:
        program = folder / "postgres"
        if program.exists():
            said = subprocess.run([program, "--version"], capture_output=True, text=True, check=True).stdout
            if " 15." in said:
                return folder
    return None


@pytest.fixture(scope="session")
def postgres(request: pytest.FixtureRequest, programs: Path) -> Iterator[Server]:
    """One server for the whole run: the workers of xdist share it as processes share a home."""
    worker_input = getattr(request.config, "workerinput", {})
    run = worker_input.get("testrunuid") or uuid.uuid4().hex
    worker = worker_input.get("workerid", "gw")
    home = Path(tempfile.gettempdir()) / f"tallymark-test-{run}"
    yield Server(embedded.ensure(home, programs=programs, options=FAST), worker)
    if embedded.leave(home):
        shutil.rmtree(home)


@pytest.fixture(scope="session")
def template(postgres: Server) -> str:
    """The name of a database with every migration, for copying."""
    conninfo = postgres.create()
    with psycopg.connect(conninfo, autocommit=True) as connection:
        migrations.apply(connection)
        return connection.info.dbname


@pytest.fixture
def empty_database(postgres: Server) -> Iterator[str]:
    """The conninfo of a database with nothing in it, as its owner."""
    conninfo = postgres.create()
    yield conninfo
    postgres.drop(conninfo)


@pytest.fixture
def database(postgres: Server, template: str) -> Iterator[Database]:
    """A fresh database with every migration and no rows."""
    conninfo = postgres.create(template)
    with Database(conninfo) as database:
        yield database
    postgres.drop(conninfo)


@pytest.fixture
def make_tenant(database: Database) -> MakeTenant:
    """Makes a tenant of `database` and returns its id."""

    def make(slug: str, timezone: str = "Europe/London", currency: str = "GBP") -> int:
        with database.connect(None) as connection:
            row = connection.execute(
                "INSERT INTO tallymark.tenants (slug, name, timezone, currency)"
                " VALUES (%s, %s, %s, %s) RETURNING tenant_id",
                (slug, slug.title(), timezone, currency),
            ).fetchone()
        assert row is not None
        tenant_id: int = row[0]
        return tenant_id

    return make
