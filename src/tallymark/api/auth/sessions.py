"""Staying signed in: sessions of browsers, kept here, and refresh tokens of programs, each good for one use."""

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

from psycopg import Connection

from tallymark.api.auth import secret
from tallymark.api.auth.tokens import Claims
from tallymark.db.queries import load
from tallymark.errors import NotSignedIn

SQL = load("tallymark.api.auth", "sessions.sql")

IDLE, LONGEST = timedelta(days=3), timedelta(days=30)
"""A session that nobody uses for three days ends, and every session after thirty."""
PROGRAM = timedelta(days=30)
"""How long a refresh token waits for its use."""


def open_session(conn: Connection[Any], claims: Claims) -> str:
    """Begins a session; gives the cookie's value."""
    value = secret.make()
    user = {"user": claims.user_id, "epoch": claims.epoch, "hash": secret.hashed(value)}
    conn.execute(SQL.open, user | {"longest": LONGEST, "idle": IDLE})
    return value


def find_session(conn: Connection[Any], value: str) -> Claims:
    """Whom a cookie stands for. Raises NotSignedIn when its session is over."""
    given = {"hash": secret.hashed(value)}
    row = conn.execute(SQL.find, given | {"longest": LONGEST, "idle": IDLE}).fetchone()
    if row is None:
        raise NotSignedIn("Your session has ended; sign in again.")
    user_id, epoch, long_ago = row
    if long_ago:
        conn.execute(SQL.seen, given)
    return Claims(user_id, epoch)


def close_session(conn: Connection[Any], value: str) -> None:
    conn.execute(SQL.close, {"hash": secret.hashed(value)})


def grant(conn: Connection[Any], claims: Claims, family: UUID | None = None) -> str:
    """A refresh token: the first of a family, or the next."""
    value = secret.make()
    row = {"hash": secret.hashed(value), "user": claims.user_id, "epoch": claims.epoch, "longest": PROGRAM}
    conn.execute(SQL.grant, row | {"family": family or uuid4()})
    return value


def exchange(conn: Connection[Any], value: str) -> tuple[Claims, str] | None:
    """Whom a refresh token stands for, and the next one.

    None where it is not good: one that was used before ends its whole family, which the caller must commit.
    """
    given = {"hash": secret.hashed(value), "longest": PROGRAM}
    row = conn.execute(SQL.use, given).fetchone()
    if row is None:
        conn.execute(SQL.end_family, given)
        return None
    family, user_id, epoch = row
    claims = Claims(user_id, epoch)
    return claims, grant(conn, claims, family)
