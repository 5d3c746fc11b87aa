"""`tallymark user list|role|remove|password` and `tallymark key`: who may come in, and the keys of programs."""

import secrets
import sys

from tallymark.api import audit
from tallymark.api.auth import find_user, keys, users
from tallymark.cli import terminal
from tallymark.cli.installation import installation
from tallymark.cli.tables import show
from tallymark.db import Database
from tallymark.errors import BadQuestion
from tallymark.model import exact_json, instant

BYTES_OF_A_PASSWORD = 15


def list_users(slug: str | None, *, as_json: bool) -> int:
    with installation() as here:
        tenant = here.tenant(slug)
        with here.database.connect(None, read_only=True) as conn:
            members = users.members(conn, tenant)
    if as_json:
        for one in members:
            seen = instant(one.last_signed_in)
            terminal.result(exact_json.dumps({"email": one.email, "role": one.role, "last_signed_in": seen}))
    else:
        seen_last = [f"{one.last_signed_in:%Y-%m-%d %H:%M}" if one.last_signed_in else "never" for one in members]
        rows = [(one.email, one.role, seen) for one, seen in zip(members, seen_last, strict=True)]
        show(("email", "role", "last signed in"), rows)
    return 0


def change_role(email: str, slug: str | None, role: str) -> int:
    with installation() as here:
        tenant = here.tenant(slug)
        with here.database.connect(tenant.tenant_id) as conn:
            user = find_user(conn, email)
            users.change_role(conn, tenant, user.user_id, role)
            audit.record(conn, tenant.tenant_id, audit.COMMAND_LINE, "user.role", user.email, role=role)
    terminal.result(f"{user.email} is now {role} of {tenant.slug}.")
    return 0


def remove_user(email: str, slug: str | None) -> int:
    with installation() as here:
        tenant = here.tenant(slug)
        with here.database.connect(tenant.tenant_id) as conn:
            user = find_user(conn, email)
            users.remove_member(conn, tenant, user.user_id)
            audit.record(conn, tenant.tenant_id, audit.COMMAND_LINE, "user.remove", user.email)
    terminal.result(f"{user.email} does not belong to {tenant.slug} any more.")
    return 0


def set_password(email: str, *, from_standard_input: bool) -> int:
    given = sys.stdin.readline().rstrip("\r\n") if from_standard_input else None
    if given == "":
        raise BadQuestion("There is no password on standard input.")
    password = given or secrets.token_urlsafe(BYTES_OF_A_PASSWORD)
    with installation() as here:
        with here.database.connect(None) as conn:
            user = find_user(conn, email)
            users.set_password(conn, user, password)
        note_everywhere(here.database, user, "password.change")
    terminal.note(f"{user.email} has another password; every session and token of theirs has ended.")
    if given is None:
        terminal.note("It is shown this once:")
        terminal.result(password)
    return 0


def note_everywhere(database: Database, user: users.User, action: str) -> None:
    """Writes down what was done to a person where those who answer for them look: in each of their shops."""
    with database.connect(None, read_only=True) as conn:
        shops = users.shops_of(conn, user)
    for shop in shops:
        tenant_id = shop.tenant.tenant_id
        with database.connect(tenant_id) as conn:
            audit.record(conn, tenant_id, audit.COMMAND_LINE, action, user.email)


def create_key(name: str, slug: str | None, role: str, scopes: str) -> int:
    with installation() as here:
        tenant = here.tenant(slug)
        with here.database.connect(tenant.tenant_id) as conn:
            wanted = [scope.strip() for scope in scopes.split(",") if scope.strip()]
            key, text = keys.create_key(conn, tenant, name, role, wanted, audit.COMMAND_LINE, None)
            actor = audit.COMMAND_LINE
            audit.record(conn, tenant.tenant_id, actor, "key.create", key.name, role=key.role, scopes=key.scopes)
    terminal.note(f"The key {key.name} of {tenant.slug}, for {', '.join(key.scopes)}; it is shown this once:")
    terminal.result(text)
    return 0


def list_keys(slug: str | None, *, as_json: bool) -> int:
    with installation() as here:
        tenant = here.tenant(slug)
        with here.database.connect(tenant.tenant_id, read_only=True) as conn:
            found = keys.list_keys(conn, tenant)
    if as_json:
        for key in found:
            used = instant(key.used_at)
            shown = {"id": key.key_id, "name": key.name, "ending": key.ending, "role": key.role}
            terminal.result(exact_json.dumps(shown | {"scopes": key.scopes, "last_used": used}))
    elif found:
        rows = [
            (str(key.key_id), key.name, f"…{key.ending}", key.role, ", ".join(key.scopes), key.created_by)
            for key in found
        ]
        show(("id", "name", "ends in", "role", "scopes", "made by"), rows)
    else:
        terminal.note("There is no key yet.")
    return 0


def revoke_key(key_id: int, slug: str | None) -> int:
    with installation() as here:
        tenant = here.tenant(slug)
        with here.database.connect(tenant.tenant_id) as conn:
            name = keys.revoke_key(conn, tenant, key_id)
            audit.record(conn, tenant.tenant_id, audit.COMMAND_LINE, "key.revoke", name)
    terminal.result(f"The key {name} opens nothing any more.")
    return 0
