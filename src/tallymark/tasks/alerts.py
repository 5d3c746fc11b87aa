"""What a person should look at: raised once, seen again, and resolved when it is well again."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import structlog
from psycopg import Connection
from psycopg.types.json import Jsonb

from tallymark.model import Tenant
from tallymark.tasks.housekeeping import SQL

log = structlog.get_logger("tallymark.alerts")


@dataclass(frozen=True, slots=True)
class Alert:
    """Something that is not well, since when, and when it was last found so."""

    kind: str
    subject: str
    message: str
    raised_at: datetime
    seen_at: datetime


def raise_alert(
    conn: Connection[Any], tenant: Tenant, kind: str, message: str, *, subject: str = "", **details: object
) -> None:
    """Notes it and says so in the log."""
    row = {"tenant": tenant.tenant_id, "kind": kind, "subject": subject, "message": message}
    conn.execute(SQL.raise_alert, row | {"details": Jsonb(details)})
    log.error("alert", tenant=tenant.slug, kind=kind, subject=subject, message=message)


def resolve_alert(conn: Connection[Any], tenant: Tenant, kind: str, *, subject: str = "") -> bool:
    """Notes that it is well again; False: nothing was wrong."""
    place: Mapping[str, object] = {"tenant": tenant.tenant_id, "kind": kind, "subject": subject}
    well = conn.execute(SQL.resolve_alert, place).rowcount > 0
    if well:
        log.info("alert resolved", tenant=tenant.slug, kind=kind, subject=subject)
    return well


def open_alerts(conn: Connection[Any], tenant: Tenant) -> list[Alert]:
    """What is not well of one tenant, the newest first."""
    return [Alert(*row) for row in conn.execute(SQL.alerts, {"tenant": tenant.tenant_id})]


def count_alerts(conn: Connection[Any]) -> int:
    """How much is not well, of all tenants."""
    row = conn.execute(SQL.open_alerts).fetchone()
    return int(row[0]) if row else 0
