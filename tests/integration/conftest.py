"""Two small shops behind the HTTP server, with people of every role."""

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import cache
from typing import Any

import pytest
from argon2 import PasswordHasher
from fastapi import FastAPI
from fastapi.testclient import TestClient

from tallymark.api import Instance, build
from tallymark.api.auth import create_user, passwords
from tallymark.api.graphql import engine, schema
from tallymark.db import Database
from tallymark.metrics import Catalog
from tallymark.model import Tenant
from tallymark.settings import Settings
from tallymark.tasks import Flights

PASSWORD = "a long password"
CATALOG = Catalog.load()


def ago(minutes: int) -> str:
    """SQL: so long ago, or less where the day in London is younger: today always, and in the same order."""
    since_midnight = "(now() - date_trunc('day', now(), 'Europe/London'))"
    return f"now() - least({minutes} * interval '1 minute', {since_midnight} * {minutes} / 180)"


# Three orders on two platforms, one of them cancelled; a refund; two expenses. Figures of an odd precision stay.
WORLD = f"""
SELECT ensure_months(now() - interval '40 days', now());
INSERT INTO products (tenant_id, platform, product_id, name, cost, price) VALUES
    (current_tenant(), 'shopify', 'p1', 'Kettle', 4, 10), (current_tenant(), 'amazon', 'p2', 'Cup', 1, 2.005);
INSERT INTO orders (tenant_id, placed_at, platform, order_id, status, currency) VALUES
    (current_tenant(), {ago(120)}, 'shopify', 'o1', 'completed', 'GBP'),
    (current_tenant(), {ago(120)}, 'amazon', 'o2', 'completed', 'GBP'),
    (current_tenant(), {ago(120)}, 'amazon', 'o3', 'cancelled', 'GBP');
INSERT INTO order_items (tenant_id, placed_at, platform, order_id, line_id, product_id, quantity, unit_price, unit_cost)
    SELECT tenant_id, placed_at, platform, order_id, '1', CASE platform WHEN 'shopify' THEN 'p1' ELSE 'p2' END,
        CASE platform WHEN 'shopify' THEN 3 ELSE 1 END, CASE platform WHEN 'shopify' THEN 10 ELSE 2.005 END, 1
    FROM orders WHERE tenant_id = current_tenant();
INSERT INTO refunds (tenant_id, platform, refund_id, order_id, product_id, refunded_at, quantity, amount)
    VALUES (current_tenant(), 'shopify', 'r1', 'o1', 'p1', {ago(60)}, 1, 10);
INSERT INTO expenses (tenant_id, platform, expense_id, incurred_at, category, amount) VALUES
    (current_tenant(), 'shopify', 'e1', {ago(60)}, 'Rent', 6),
    (current_tenant(), 'amazon', 'e2', {ago(60)}, 'Advertising', 2);
"""
MORE = f"""
INSERT INTO orders (tenant_id, placed_at, platform, order_id, status, currency, total_amount)
    VALUES (current_tenant(), {ago(30)}, 'shopify', 'o4', 'completed', 'GBP', 100)
"""


@dataclass(frozen=True)
class Shop:
    """A server over a fresh database. `tenant` has the world in it, `other` is somebody else's and as full."""

    app: FastAPI
    client: TestClient
    instance: Instance
    tenant: Tenant
    other: Tenant

    def token(self, email: str) -> str:
        answer = self.client.post("/api/auth/login", json={"email": email, "password": PASSWORD})
        self.client.cookies.clear()
        token: str = answer.json()["accessToken"]
        return token

    def bearer(self, role: str) -> dict[str, str]:
        """Headers of the person with this role; `outsider` is an admin of the other shop, `nobody` has none."""
        return {} if role == "nobody" else {"Authorization": f"Bearer {self.token(f'{role}@example.com')}"}

    def run(self, statement: str, tenant: Tenant | None = None) -> None:
        with self.instance.database.connect((tenant or self.tenant).tenant_id) as conn:
            conn.execute(statement)

    def own(self, statement: str) -> None:
        with self.instance.database.owner() as conn:
            conn.execute(statement)

    def until_all_is_ready(self) -> None:
        """Until the answers that follow the last refresh are stored; it is published before that."""
        newest = "SELECT phases->>'Preparing Answers' FROM analytics_metadata ORDER BY started_at DESC LIMIT 1"
        deadline = time.monotonic() + 60
        while True:
            with self.instance.database.connect(self.tenant.tenant_id) as conn:
                if conn.execute(newest).fetchone() != (None,):
                    return
            assert time.monotonic() < deadline
            time.sleep(0.02)


MakeShop = Callable[[Settings], Shop]


@pytest.fixture(autouse=True, scope="module")
def quickly() -> Iterator[None]:
    """Passwords cost next to nothing, and GraphQL's schema is made once. Unit tests tell what both are otherwise."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(passwords, "_hasher", PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
        patch.setattr(engine, "build", lambda catalog: _schema() if catalog is CATALOG else schema.build(catalog))
        yield
    passwords._nobodys.cache_clear()


@cache
def _schema() -> Any:
    return schema.build(CATALOG)


@contextmanager
def opened(database: Database, settings: Settings) -> Iterator[Shop]:
    """The server with both shops and their people, over a database with no rows."""
    if "requests_per_address" not in settings.model_fields_set:
        many = {"requests_per_address": 1_000_000, "requests_per_credential": 1_000_000}
        settings = settings.model_copy(update=many)
    harbour, summit = (_tenant(database, slug) for slug in ("harbour", "summit"))
    with database.connect(None) as conn:
        for role in ("admin", "analyst", "viewer"):
            create_user(conn, f"{role}@example.com", PASSWORD, harbour, role)
        create_user(conn, "outsider@example.com", PASSWORD, summit, "admin")
    with served(database, settings) as (app, client, instance):
        yield Shop(app, client, instance, harbour, summit)


@contextmanager
def served(database: Database, settings: Settings) -> Iterator[tuple[FastAPI, TestClient, Instance]]:
    """One instance over a database that is there."""
    with ThreadPoolExecutor(2) as executor:
        instance = Instance(settings, "k" * 32, database, CATALOG, Flights(database, CATALOG, executor))
        app = build(instance, lambda: None)
        with TestClient(app, client=("127.0.0.1", 50000)) as client:
            yield app, client, instance


def _tenant(database: Database, slug: str) -> Tenant:
    with database.connect(None) as conn:
        row = conn.execute(
            "INSERT INTO tenants (slug, name, timezone, currency) VALUES (%s, %s, 'Europe/London', 'GBP')"
            " RETURNING tenant_id, slug, name, timezone, currency",
            (slug, slug.title()),
        ).fetchone()
    assert row is not None
    tenant = Tenant(*row)
    with database.connect(tenant.tenant_id) as conn:
        conn.execute(WORLD)
    return tenant


@pytest.fixture
def make_shop(database: Database) -> Iterator[MakeShop]:
    with ExitStack() as stack:
        yield lambda settings: stack.enter_context(opened(database, settings))


@pytest.fixture
def shop(make_shop: MakeShop) -> Shop:
    """The shop with the settings that are in force when nobody sets any."""
    return make_shop(Settings())


@pytest.fixture
def lenient(make_shop: MakeShop) -> Shop:
    """The shop without a cooldown between refreshes."""
    return make_shop(Settings(refresh_cooldown_minutes=0, rate_limit_requests=1000))
