"""The audit log: who did what, added and never changed."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from psycopg import Connection

from tallymark.db.queries import load
from tallymark.model import exact_json

SQL = load("tallymark.api", "audit.sql")

COMMAND_LINE = "command line"


@dataclass(frozen=True, slots=True)
class Entry:
    at: datetime
    actor: str
    action: str
    subject: str
    details: Mapping[str, Any]
    address: str


def record(
    conn: Connection[Any],
    tenant_id: int,
    actor: str,
    action: str,
    subject: str,
    *,
    address: str = "",
    **details: object,
) -> None:
    """Notes what is done in this transaction: if it is rolled back, so is the note."""
    row = {"tenant": tenant_id, "actor": actor, "action": action, "subject": subject, "address": address}
    conn.execute(SQL.record, row | {"details": exact_json.dumps(details)})


def signed_in(conn: Connection[Any], user_id: int, outcome: str, address: str) -> None:
    """Notes an attempt to sign in to an account that exists: `ok` or `wrong password`."""
    conn.execute(SQL.signed_in, {"user": user_id, "outcome": outcome, "address": address})


def entries(
    conn: Connection[Any], tenant_id: int, *, limit: int, before: datetime | None = None, action: str | None = None
) -> list[Entry]:
    """What happened in a shop before an instant, newest first."""
    scope = {"tenant": tenant_id, "before": before, "action": action, "limit": limit}
    return [
        Entry(at, actor, action, subject, exact_json.loads(details), address)
        for at, actor, action, subject, details, address in conn.execute(SQL.entries, scope)
    ]
