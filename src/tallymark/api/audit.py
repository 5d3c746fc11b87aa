"""The audit log: who did what, added and never changed."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from psycopg import Connection

from tallymark.db.queries import load
from tallymark.errors import BadQuestion
from tallymark.model import exact_json, instant

SQL = load("tallymark.api", "audit.sql")

COMMAND_LINE = "command line"
LEAST, MOST = -(2**63), 2**63 - 1
"""Numbers that an entry can have."""


@dataclass(frozen=True, slots=True)
class Entry:
    at: datetime
    number: int
    actor: str
    action: str
    subject: str
    details: Mapping[str, Any]
    address: str


@dataclass(frozen=True, slots=True)
class Place:
    """A place in the log: by instant, and by number among entries of the same instant.

    As text `2026-03-05T14:00:00.25Z,17`; an instant alone is the place before all that happened at it.
    """

    at: datetime
    number: int = LEAST

    def __str__(self) -> str:
        return f"{instant(self.at)},{self.number}"

    @classmethod
    def read(cls, text: str) -> "Place":
        """The place that is written so; an instant without a time zone is one of UTC."""
        at, comma, number = text.partition(",")
        try:
            place = cls(datetime.fromisoformat(at), int(number) if comma else LEAST)
            if not LEAST <= place.number <= MOST:
                raise ValueError(number)
        except ValueError:
            raise BadQuestion(
                f"before is {text!r}, which is neither an instant as 2026-03-05T14:00:00Z nor the `next` of a page.",
                details={"parameter": "before"},
            ) from None
        return place if place.at.tzinfo else replace(place, at=place.at.replace(tzinfo=UTC))


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
    conn: Connection[Any], tenant_id: int, *, limit: int, before: Place | None = None, action: str | None = None
) -> list[Entry]:
    """What happened in a shop before a place in its log, newest first."""
    at, number = (before.at, before.number) if before else (None, LEAST)
    scope = {"tenant": tenant_id, "at": at, "number": number, "action": action, "limit": limit}
    return [
        Entry(at, number, actor, action, subject, exact_json.loads(details), address)
        for at, number, actor, action, subject, details, address in conn.execute(SQL.entries, scope)
    ]
