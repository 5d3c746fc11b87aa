"""A running server with a shop in it, and a browser in front."""

import os
import secrets
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright
from psycopg.conninfo import conninfo_to_dict

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
expect.set_options(timeout=20_000)


@dataclass(frozen=True)
class Shop:
    """A shop on a running server. Everybody's password is PASSWORD."""

    address: str
    database: Database
    tenant: Tenant
    process: "subprocess.Popen[bytes]"

    def run(self, statement: str) -> None:
        with self.database.connect(self.tenant.tenant_id) as conn:
            conn.execute(statement)

    def own(self, statement: str) -> None:
        with self.database.owner() as conn:
            conn.execute(statement)

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(20)


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
    page.set_default_timeout(15_000)
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


@pytest.fixture
def make_shop(database: Database, tmp_path: Path) -> Iterator[Callable[..., Shop]]:
    """Makes a shop with an admin and a viewer, and serves it on a port of its own."""
    running: list[subprocess.Popen[bytes]] = []

    def make(seed: str = "", **environment: str) -> Shop:
        with database.connect(None) as conn:
            row = conn.execute(
                "INSERT INTO tenants (slug, name, timezone, currency) VALUES ('harbour', 'Harbour Coffee Roasters',"
                " 'Europe/Berlin', 'EUR') RETURNING tenant_id, slug, name, timezone, currency"
            ).fetchone()
            assert row is not None
            tenant = Tenant(*row)
            create_user(conn, "admin@example.com", PASSWORD, tenant, "admin")
            create_user(conn, "viewer@example.com", PASSWORD, tenant, "viewer")
        with database.connect(tenant.tenant_id) as conn:
            conn.execute(seed or "SELECT 1")
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        set_up = {
            "TALLYMARK_HOME": str(tmp_path),
            "DATABASE_URL": address_of(database.conninfo),
            "TALLYMARK_SECRET_KEY": secrets.token_hex(32),
            "TALLYMARK_PORT": str(port),
            "TALLYMARK_REQUESTS_PER_ADDRESS": "1000000",
            "TALLYMARK_REQUESTS_PER_CREDENTIAL": "1000000",
        }
        command = [sys.executable, "-c", SERVE]
        process = subprocess.Popen(command, env={**os.environ, **set_up, **environment})
        running.append(process)
        shop = Shop(f"http://127.0.0.1:{port}", database, tenant, process)
        wait_for(shop)
        return shop

    yield make
    for process in running:
        process.terminate()
        process.wait(20)


def wait_for(shop: Shop) -> None:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        with suppress(httpx.TransportError):
            if httpx.get(f"{shop.address}/readyz").status_code == 200:
                return
        assert shop.process.poll() is None, "the server ended"
        time.sleep(0.1)
    raise AssertionError("the server did not become ready in 30 s")
