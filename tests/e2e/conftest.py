"""A running server with a shop in it, and a browser in front."""

import os
import secrets
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode

import httpx
import psutil
import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright
from psycopg.conninfo import conninfo_to_dict
from tests.conftest import Server
from tests.ports import free_port

from tallymark.api.auth import create_user
from tallymark.db import Database
from tallymark.model import Tenant

YEAR = (Path(__file__).parent / "year.sql").read_text()
PASSWORD = "a long password"
QUIET = [
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
]  # fmt: skip
SERVE = """
from tallymark.app import serve
from tallymark.settings import Settings
settings = Settings.from_environment()
serve(settings, settings.host, settings.port, 1)
"""
expect.set_options(timeout=60_000)


@dataclass(frozen=True)
class Shop:
    """A shop on a running server. Everybody's password is PASSWORD."""

    server: "Running"
    database: Database
    tenant: Tenant

    @property
    def address(self) -> str:
        return self.server.address

    @property
    def process(self) -> "subprocess.Popen[bytes]":
        return self.server.process

    def run(self, statement: str) -> None:
        with self.database.connect(self.tenant.tenant_id) as conn:
            conn.execute(statement)

    def own(self, statement: str) -> None:
        with self.database.owner() as conn:
            conn.execute(statement)

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(60)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """For one module only: while it is open, its event loop keeps every other one from running in this process."""
    program = shutil.which("chromium") or shutil.which("google-chrome")
    if program is None:
        missing = "there is no Chromium on this machine: apt-get install chromium"
        pytest.fail(missing) if os.environ.get("CI") else pytest.skip(missing)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=QUIET)
        yield browser
        browser.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A page in an English browser; whatever the console complains of, besides refusals we ask for, fails the test."""
    context = browser.new_context(locale="en-GB", viewport={"width": 1280, "height": 900})
    page = context.new_page()
    page.set_default_timeout(60_000)
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda said: complaints.append(said.text) if "Content Security" in said.text else None)
    yield page
    context.close()
    assert complaints == []


def address_of(conninfo: str) -> str:
    """The same as an address, as an operator would set it."""
    parts = conninfo_to_dict(conninfo)
    name, user = parts.pop("dbname", ""), parts.pop("user", "")
    return f"postgresql:///{name}?{urlencode({**parts, 'user': user})}"


def opened(database: Database, slug: str, name: str, seed: str = "", domain: str = "example.com") -> Tenant:
    """A shop with an admin and a viewer."""
    with database.connect(None) as conn:
        row = conn.execute(
            "INSERT INTO tenants (slug, name, timezone, currency) VALUES (%s, %s, 'Europe/Berlin', 'EUR')"
            " RETURNING tenant_id, slug, name, timezone, currency",
            (slug, name),
        ).fetchone()
        assert row is not None
        tenant = Tenant(*row)
        create_user(conn, f"admin@{domain}", PASSWORD, tenant, "admin")
        create_user(conn, f"viewer@{domain}", PASSWORD, tenant, "viewer")
    with database.connect(tenant.tenant_id) as conn:
        conn.execute(seed or "SELECT 1")
    return tenant


class Running:
    """A server on a port of its own, which it has again after it was killed."""

    def __init__(self, environment: Mapping[str, str], program: Sequence[str] = ("-c", SERVE)) -> None:
        port = free_port()
        self._command = [sys.executable, *program]
        self.address = f"http://127.0.0.1:{port}"
        self._environment = {**os.environ, "TALLYMARK_PORT": str(port), **environment}
        self.start()

    def start(self) -> None:
        self.process = subprocess.Popen(self._command, env=self._environment)
        try:
            wait_for(self.address, self.process)
        except BaseException:
            self.kill()
            raise

    def kill(self) -> None:
        """As a machine that loses its power: the server and its workers are gone at once."""
        whole = []
        with suppress(psutil.NoSuchProcess):
            parent = psutil.Process(self.process.pid)
            whole = [parent, *parent.children(recursive=True)]
        for one in whole:
            with suppress(psutil.NoSuchProcess):
                one.kill()
        self.process.wait(60)
        psutil.wait_procs(whole, timeout=60)


@contextmanager
def serving(database: Database, home: Path, **environment: str) -> Iterator[Running]:
    set_up = {
        "TALLYMARK_HOME": str(home),
        "DATABASE_URL": address_of(database.conninfo),
        "TALLYMARK_SECRET_KEY": secrets.token_hex(32),
        "TALLYMARK_REQUESTS_PER_ADDRESS": "1000000",
        "TALLYMARK_REQUESTS_PER_CREDENTIAL": "1000000",
    }
    server = Running({**set_up, **environment})
    try:
        yield server
    finally:
        server.process.terminate()
        server.process.wait(120)


@pytest.fixture
def make_shop(database: Database, tmp_path: Path) -> Iterator[Callable[..., Shop]]:
    """Makes a shop with an admin and a viewer, and serves it on a port of its own."""
    with ExitStack() as running:

        def make(seed: str = "", **environment: str) -> Shop:
            tenant = opened(database, "harbour", "Harbour Coffee Roasters", seed)
            return Shop(running.enter_context(serving(database, tmp_path, **environment)), database, tenant)

        yield make


@dataclass(frozen=True)
class Mall:
    """One server for the tests of a module, with a shop for each that changes something."""

    server: Running
    database: Database

    @property
    def address(self) -> str:
        return self.server.address

    def shop(self, slug: str, seed: str = "", *, refreshed: bool = False) -> Shop:
        """Its people are admin@ and viewer@ of `slug`.example; nobody of them is who refreshed it."""
        tenant = opened(self.database, slug, f"{slug.title()} Coffee", seed, f"{slug}.example")
        shop = Shop(self.server, self.database, tenant)
        if refreshed:
            with self.database.connect(None) as conn:
                create_user(conn, f"early@{slug}.example", PASSWORD, tenant, "admin")
            self.refresh(shop)
        return shop

    def refresh(self, shop: Shop) -> None:
        account = {"email": f"early@{shop.tenant.slug}.example", "password": PASSWORD}
        with httpx.Client(base_url=self.address, timeout=60) as client:
            token = client.post("/api/auth/login", json=account).json()["accessToken"]
            client.cookies.clear()
            headers = {"Authorization": f"Bearer {token}"}
            assert client.post("/api/admin/analytics/refresh", headers=headers).status_code == 200


@pytest.fixture(scope="module")
def mall(postgres: Server, template: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mall]:
    conninfo = postgres.create(template)
    with Database(conninfo) as database, serving(database, tmp_path_factory.mktemp("home")) as server:
        yield Mall(server, database)
    postgres.drop(conninfo)


@pytest.fixture(scope="module")
def harbour(mall: Mall) -> Shop:
    """A shop with a year of sales, counted; for tests that only look."""
    return mall.shop("harbour", YEAR, refreshed=True)


def wait_for(address: str, process: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        with suppress(httpx.TransportError):
            if httpx.get(f"{address}/readyz").status_code == 200:
                return
        assert process.poll() is None, "the server ended"
        time.sleep(0.1)
    raise AssertionError("the server did not become ready in 120 s")
