"""People: their accounts, the shops they belong to, and whether a token of theirs still stands."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, get_args

from psycopg import Connection

from tallymark.api.auth import tokens
from tallymark.api.auth.passwords import LONGEST, SHORTEST, hash_password, outdated
from tallymark.api.auth.tokens import Claims, Token
from tallymark.db.queries import load
from tallymark.errors import BadQuestion, NotFound, NotSignedIn
from tallymark.model import Tenant
from tallymark.settings import Settings

SQL = load("tallymark.api.auth", "users.sql")

Role = Literal["admin", "analyst", "viewer"]
ROLES: tuple[Role, ...] = get_args(Role)


@dataclass(frozen=True, slots=True)
class User:
    user_id: int
    email: str
    session_epoch: int


@dataclass(frozen=True, slots=True)
class Membership:
    tenant: Tenant
    role: Role


@dataclass(frozen=True, slots=True)
class Person:
    """A user who is signed in, with the active shops they belong to, by slug."""

    user: User
    memberships: tuple[Membership, ...]


def create_user(conn: Connection[Any], email: str, password: str, tenant: Tenant, role: str) -> User:
    """Makes the account unless the address has one, and gives it this role in the shop.

    An account that exists keeps its password. Raises BadQuestion.
    """
    address = _address(email)
    if role not in ROLES:
        raise BadQuestion(f"There is no role {role!r}, only {', '.join(ROLES)}.")
    if not SHORTEST <= len(password.encode()) <= LONGEST:
        raise BadQuestion(f"A password has between {SHORTEST} and {LONGEST} characters.")
    conn.execute(SQL.create_user, {"email": address, "password_hash": hash_password(password)})
    user = find_user(conn, address)
    conn.execute(SQL.join_tenant, {"tenant_id": tenant.tenant_id, "user_id": user.user_id, "role": role})
    return user


def find_user(conn: Connection[Any], email: str) -> User:
    """Raises NotFound."""
    row = conn.execute(SQL.user_by_email, {"email": email.strip().lower()}).fetchone()
    if row is None:
        raise NotFound(f"Nobody has the address {email}.")
    return User(*row)


def credentials(conn: Connection[Any], email: str) -> tuple[User, str] | None:
    """The user and the hash of their password, or None for a stranger."""
    row = conn.execute(SQL.credentials, {"email": email.strip().lower()}).fetchone()
    return (User(*row[:3]), row[3]) if row else None


def renew_hash(conn: Connection[Any], user: User, stored: str, password: str) -> None:
    """Hashes a password again, just shown to be right, where the stored hash is of an older kind."""
    if outdated(stored):
        conn.execute(SQL.replace_hash, {"user_id": user.user_id, "password_hash": hash_password(password)})


def issue_token(settings: Settings, user: User, now: datetime) -> Token:
    """A token that stands for this user until it expires or their session epoch is raised."""
    return tokens.sign(settings.require_secret(), Claims(user.user_id, user.session_epoch), now)


def person(conn: Connection[Any], claims: Claims) -> Person:
    """Whom a token stands for today; raises NotSignedIn when they are gone or the session was ended."""
    rows = conn.execute(SQL.session, {"user_id": claims.user_id}).fetchall()
    if not rows or rows[0][2] != claims.epoch:
        raise NotSignedIn("Your session has ended; sign in again.")
    return Person(User(*rows[0][:3]), tuple(Membership(Tenant(*row[3:8]), row[8]) for row in rows if row[3]))


def _address(email: str) -> str:
    address = email.strip().lower()
    if not 3 <= len(address) <= 254 or "@" not in address[1:-1] or any(c.isspace() for c in address):
        raise BadQuestion(f"{email!r} is not an email address.")
    return address
