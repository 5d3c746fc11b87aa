"""`tallymark demo`: a believable shop, made once, refreshed and served."""

import os
import secrets
from datetime import UTC, datetime
from pathlib import Path

from tallymark.api.auth import create_user
from tallymark.cli import terminal
from tallymark.cli.directory import is_known
from tallymark.cli.installation import Installation, installation
from tallymark.cli.progress import progress
from tallymark.cli.refreshing import in_words, refresh_tenant, say_failures
from tallymark.cli.serving import check_address, serve
from tallymark.db import directory
from tallymark.db.queries import load
from tallymark.errors import UnknownTenant
from tallymark.metrics import Catalog
from tallymark.model import Tenant
from tallymark.settings import Settings

SQL = load("tallymark.cli", "demo.sql")
SLUG, NAME, TIMEZONE, CURRENCY = "demo", "Harbour Lane Store", "Europe/London", "GBP"
EMAIL = "admin@example.com"
BYTES_OF_A_PASSWORD = 12


def run(orders: int, seed: int, port: int | None, *, serving: bool) -> int:
    settings = Settings.from_environment()
    host, port = settings.host, port or settings.port
    if serving:
        check_address(host, port)
    with installation() as here:
        tenant = _tenant(here)
        password = _password(here, tenant)
        _fill(here, tenant, orders, seed)
        outcome = refresh_tenant(here, Catalog.load(*here.settings.metric_folders), tenant, triggered_by="demo")
    terminal.note(in_words(outcome))
    good = say_failures(outcome)
    if serving:
        terminal.result(f"Tallymark is at http://{host}:{port}")
    terminal.result(f"Sign in as {EMAIL}, tenant {SLUG}, password {password}")
    if serving:
        serve(settings, host, port)
    return 0 if good else 1


def _tenant(here: Installation) -> Tenant:
    with here.database.connect(None) as conn:
        try:
            return directory.find_tenant(conn, SLUG)
        except UnknownTenant:
            return directory.create_tenant(conn, SLUG, NAME, TIMEZONE, CURRENCY)


def _password(here: Installation, tenant: Tenant) -> str:
    """The password of the demo's user, made once and kept for the owner of this home alone."""
    file = here.settings.home / "demo-password"
    with here.database.connect(None) as conn:
        if not file.exists() and is_known(conn, EMAIL):
            return "as it was when the account was made"
        password = (
            file.read_text().strip() if file.exists() else _keep(file, secrets.token_urlsafe(BYTES_OF_A_PASSWORD))
        )
        create_user(conn, EMAIL, password, tenant, "admin")
    return password


def _keep(file: Path, password: str) -> str:
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as kept:
        kept.write(f"{password}\n")
    return password


def _fill(here: Installation, tenant: Tenant, orders: int, seed: int) -> None:
    with here.database.connect(tenant.tenant_id, read_only=True) as conn:
        row = conn.execute(SQL.has_orders, {"tenant": tenant.tenant_id}).fetchone()
    if row and row[0]:
        return
    # Only the first start needs what makes a shop.
    from tallymark.connectors.demo import load_demo

    terminal.note(f"Making a shop with {orders:,} orders.")
    with progress() as report:
        load_demo(here.database, tenant, orders=orders, seed=seed, until=datetime.now(UTC), on_progress=report)
