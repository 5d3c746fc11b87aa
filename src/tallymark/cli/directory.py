"""`tallymark tenant`, `user` and `token`: who there is."""

import secrets
import sys
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from psycopg import Connection

from tallymark.api import audit
from tallymark.api.auth import create_user as add_user
from tallymark.api.auth import find_user, issue_token
from tallymark.cli import terminal
from tallymark.cli.installation import installation
from tallymark.cli.people import note_everywhere
from tallymark.cli.tables import show
from tallymark.db import directory
from tallymark.db.queries import load
from tallymark.errors import BadQuestion, NotFound
from tallymark.model import exact_json

SQL = load("tallymark.cli", "directory.sql")
BYTES_OF_A_PASSWORD = 15


def create_tenant(slug: str, name: str, timezone: str, currency: str) -> int:
    with installation() as here, here.database.connect(None) as conn:
        tenant = directory.create_tenant(conn, slug, name, timezone, currency)
    terminal.result(f"Made the tenant {tenant.slug}: {tenant.name}, {tenant.timezone}, {tenant.currency}.")
    return 0


def list_tenants(*, as_json: bool) -> int:
    with installation() as here:
        tenants = here.all_tenants()
    if as_json:
        for tenant in tenants:
            fields = asdict(tenant)
            del fields["tenant_id"]
            terminal.result(exact_json.dumps(fields))
    elif tenants:
        rows = [(tenant.slug, tenant.name, tenant.timezone, tenant.currency) for tenant in tenants]
        show(("tenant", "name", "time zone", "currency"), rows)
    else:
        terminal.note("There is no tenant yet.")
    return 0


def create_user(email: str, slug: str, role: str, *, from_standard_input: bool) -> int:
    given = _password_given() if from_standard_input else None
    with installation() as here:
        tenant = here.tenant(slug)
        password = given or secrets.token_urlsafe(BYTES_OF_A_PASSWORD)
        with here.database.connect(tenant.tenant_id) as conn:
            known = is_known(conn, email)
            user = add_user(conn, email, password, tenant, role)
            audit.record(conn, tenant.tenant_id, audit.COMMAND_LINE, "user.invite", user.email, role=role)
    terminal.note(f"{user.email} is now {role} of {tenant.slug}.")
    if known:
        terminal.note("The account was there already and keeps its password.")
    elif given is None:
        terminal.note("The password, shown this once:")
        terminal.result(password)
    return 0


def print_token(email: str, slug: str | None) -> int:
    with installation() as here:
        with here.database.connect(None) as conn:
            user = find_user(conn, email)
            if slug is not None:
                tenant = directory.find_tenant(conn, slug)
                member = conn.execute(SQL.member, {"user": user.user_id, "tenant": tenant.tenant_id}).fetchone()
                if member is None:
                    raise NotFound(
                        f"{user.email} does not belong to {slug}.",
                        hint=f"tallymark user create {user.email} --tenant {slug} --role admin|analyst|viewer",
                    )
        note_everywhere(here.database, user, "token.issue")
        terminal.result(issue_token(here.settings, user, datetime.now(UTC)).text)
    return 0


def _password_given() -> str:
    password = sys.stdin.readline().rstrip("\r\n")
    if not password:
        raise BadQuestion("There is no password on standard input.")
    return password


def is_known(conn: Connection[Any], email: str) -> bool:
    """Whether somebody has the address."""
    try:
        find_user(conn, email)
    except NotFound:
        return False
    return True
