"""People: their accounts, the shops they belong to, and whether a token of theirs still stands."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, get_args

from psycopg import Connection, Cursor
from psycopg.rows import class_row

from tallymark.api.auth import tokens
from tallymark.api.auth.passwords import LONGEST, SHORTEST, hash_password, outdated
from tallymark.api.auth.tokens import OPERATORS, Claims, Token
from tallymark.db.queries import load
from tallymark.errors import BadQuestion, Conflict, NotFound, NotSignedIn
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


@dataclass(frozen=True, slots=True)
class Colleague:
    """A member of a shop, as its admins see them."""

    user_id: int
    email: str
    role: Role
    created_at: datetime
    last_signed_in: datetime | None


def create_user(conn: Connection[Any], email: str, password: str, tenant: Tenant, role: str) -> User:
    """Makes the account unless the address has one, and gives it this role in the shop.

    An account that exists keeps its password. Raises BadQuestion, and Conflict where the last admin would be none.
    """
    address = _address(email)
    _check_role(role)
    _check_password(password)
    conn.execute(SQL.create_user, {"email": address, "password_hash": hash_password(password)})
    user = find_user(conn, address)
    if role != "admin":
        _keep_an_admin(conn, tenant, user.user_id)
    conn.execute(SQL.join_tenant, {"tenant_id": tenant.tenant_id, "user_id": user.user_id, "role": role})
    return user


def members(conn: Connection[Any], tenant: Tenant) -> list[Colleague]:
    """Who belongs to a shop, by address."""
    with conn.cursor(row_factory=class_row(Colleague)) as cursor:
        return cursor.execute(SQL.members, {"tenant_id": tenant.tenant_id}).fetchall()


def change_role(conn: Connection[Any], tenant: Tenant, user_id: int, role: str) -> str:
    """Gives a member another role; gives their email. Raises NotFound, and Conflict for the last admin."""
    _check_role(role)
    if role != "admin":
        _keep_an_admin(conn, tenant, user_id)
    return _email(conn.execute(SQL.change_role, {"tenant_id": tenant.tenant_id, "user_id": user_id, "role": role}))


def remove_member(conn: Connection[Any], tenant: Tenant, user_id: int) -> str:
    """Takes a person out of a shop; the account stays. Raises NotFound, and Conflict for the last admin."""
    _keep_an_admin(conn, tenant, user_id)
    return _email(conn.execute(SQL.leave_tenant, {"tenant_id": tenant.tenant_id, "user_id": user_id}))


def set_password(conn: Connection[Any], user: User, password: str) -> None:
    """Another password; every session and token of the old one ends."""
    _check_password(password)
    conn.execute(SQL.set_password, {"user_id": user.user_id, "password_hash": hash_password(password)})


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


def renew_hash(conn: Connection[Any], user: User, password: str) -> None:
    """Hashes a password again, just shown to be right, where the stored hash is of an older kind."""
    found = credentials(conn, user.email)
    if found is not None and outdated(found[1]):
        conn.execute(SQL.replace_hash, {"user_id": user.user_id, "password_hash": hash_password(password)})


def issue_token(settings: Settings, user: User, now: datetime) -> Token:
    """An operator's token: it stands for this user until it expires or their session epoch is raised."""
    return tokens.sign(settings.require_secret(), Claims(user.user_id, user.session_epoch), now, OPERATORS)


def shops_of(conn: Connection[Any], user: User) -> tuple[Membership, ...]:
    """The active shops that somebody belongs to, by slug."""
    rows = conn.execute(SQL.session, {"user_id": user.user_id}).fetchall()
    return tuple(Membership(Tenant(*row[3:8]), row[8]) for row in rows if row[3])


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


def _check_role(role: str) -> None:
    if role not in ROLES:
        raise BadQuestion(f"There is no role {role!r}, only {', '.join(ROLES)}.")


def _check_password(password: str) -> None:
    if not SHORTEST <= len(password.encode()) <= LONGEST:
        raise BadQuestion(f"A password has between {SHORTEST} and {LONGEST} characters.")


def _keep_an_admin(conn: Connection[Any], tenant: Tenant, user_id: int) -> None:
    """Locks the shop's admins, so that two of them cannot take each other's place at once."""
    admins = {admin for (admin,) in conn.execute(SQL.admins, {"tenant_id": tenant.tenant_id})}
    if admins == {user_id}:
        raise Conflict("This is the shop's last admin.", hint="Make somebody else an admin first.")


def _email(found: Cursor[Any]) -> str:
    row = found.fetchone()
    if row is None:
        raise NotFound("Nobody in this shop has that number.")
    return str(row[0])
