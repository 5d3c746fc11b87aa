"""Keys of programs: one shop, one role, and of what that role may do only the scopes they were given."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, get_args

from psycopg import Connection
from psycopg.rows import class_row

from tallymark.api.auth import secret
from tallymark.api.auth.users import ROLES, Role
from tallymark.db.queries import load
from tallymark.errors import BadQuestion, NotFound, NotSignedIn
from tallymark.model import Tenant

SQL = load("tallymark.api.auth", "keys.sql")

Scope = Literal["read", "refresh", "events", "manage"]
SCOPES: tuple[Scope, ...] = get_args(Scope)
"""read: figures and how fresh they are; refresh: start one; events: send changes; manage: people, keys, settings."""
PREFIX = "tmk"
LONGEST_NAME = 80


@dataclass(frozen=True, slots=True)
class Key:
    """A key as it is shown: never its secret, of which only the ending is kept."""

    key_id: int
    name: str
    ending: str
    role: Role
    scopes: list[Scope]
    created_by: str
    created_at: datetime
    expires_at: datetime | None
    used_at: datetime | None


@dataclass(frozen=True, slots=True)
class Program:
    """A program that has shown its key."""

    key_id: int
    name: str
    tenant: Tenant
    role: Role
    scopes: frozenset[str]


def create_key(
    conn: Connection[Any], tenant: Tenant, name: str, role: str, scopes: list[str], by: str, expires: datetime | None
) -> tuple[Key, str]:
    """Makes a key; the text that stands for it is given this once. Raises BadQuestion."""
    if not 1 <= len(name.strip()) <= LONGEST_NAME:
        raise BadQuestion(f"A key's name has between 1 and {LONGEST_NAME} characters.")
    if role not in ROLES:
        raise BadQuestion(f"There is no role {role!r}, only {', '.join(ROLES)}.")
    unknown = set(scopes) - set(SCOPES)
    if unknown or not scopes:
        raise BadQuestion(f"A key's scopes are some of {', '.join(SCOPES)}.", details={"scopes": scopes})
    text = f"{PREFIX}_{tenant.tenant_id}_{secret.make()}"
    row = {
        "tenant": tenant.tenant_id,
        "name": name.strip(),
        "hash": secret.hashed(text),
        "ending": text[-4:],
        "role": role,
        "scopes": [scope for scope in SCOPES if scope in scopes],
        "by": by,
        "expires": expires,
    }
    with conn.cursor(row_factory=class_row(Key)) as cursor:
        key = cursor.execute(SQL.create, row).fetchone()
    assert key is not None
    return key, text


def list_keys(conn: Connection[Any], tenant: Tenant) -> list[Key]:
    with conn.cursor(row_factory=class_row(Key)) as cursor:
        return cursor.execute(SQL["list"], {"tenant": tenant.tenant_id}).fetchall()


def revoke_key(conn: Connection[Any], tenant: Tenant, key_id: int) -> str:
    """Ends a key; gives its name. Raises NotFound."""
    row = conn.execute(SQL.revoke, {"tenant": tenant.tenant_id, "key": key_id}).fetchone()
    if row is None:
        raise NotFound("There is no such key.")
    return str(row[0])


def is_key(text: str) -> bool:
    return text.startswith(f"{PREFIX}_")


def tenant_of(text: str) -> int:
    """The shop that a key says it is of. Raises NotSignedIn where it says none."""
    _, _, rest = text.partition("_")
    number, _, _ = rest.partition("_")
    if not (number.isascii() and number.isdigit() and len(number) <= 9):
        raise NotSignedIn("This key is not valid.")
    return int(number)


def find_program(conn: Connection[Any], text: str) -> Program:
    """Whose key it is. Raises NotSignedIn."""
    given = {"tenant": tenant_of(text), "hash": secret.hashed(text)}
    row = conn.execute(SQL.find, given).fetchone()
    if row is None:
        raise NotSignedIn("This key is not valid.")
    name, role, scopes, *tenant, key_id, note = row
    if note:
        conn.execute(SQL.used, given | {"key": key_id})
    return Program(key_id, name, Tenant(*tenant), role, frozenset(scopes))
