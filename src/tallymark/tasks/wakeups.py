"""Changes and events wake a refresh.

What waits is kept in rows: a change in the log is its own wake-up, noticed by a look at all tenants at once, and an
event that only says that a source has changed leaves a row. However many come, a tenant has one row for each platform.
The first that comes after some quiet is served at once, what comes after it some seconds later together, and what comes
while a refresh runs with the next. Nothing is forgotten when a process dies: what was taken on and never reported is
taken on again. Which figures are worked out anew follows from what changed, as in every refresh.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

import structlog
from psycopg import Connection as Transaction

from tallymark.connectors import Vault, connections, sync
from tallymark.db import Database
from tallymark.errors import Conflict, SourceFailed
from tallymark.metrics import Catalog
from tallymark.model import Tenant
from tallymark.tasks.cycle import SQL
from tallymark.tasks.records import SQL as RUNS
from tallymark.tasks.refresh import refresh
from tallymark.tasks.work import Interrupted

LOST = 900.0
"""Seconds after which what was taken on and never reported is taken on again."""
CHANGES = ""
"""Stands for the change log where a source's platform would stand."""

log = structlog.get_logger("tallymark.events")


@dataclass(frozen=True, slots=True)
class Claim:
    """What of a tenant is being served: the platforms whose sources have changed, CHANGES for what is in the log."""

    tenant: Tenant
    platforms: tuple[str, ...]
    claimed_at: datetime


def wake(conn: Transaction[Any], tenant: Tenant, platforms: Collection[str]) -> None:
    """Notes that the sources of these platforms have changed, to be fetched and counted soon."""
    conn.execute(SQL.wake, {"tenant": tenant.tenant_id, "platforms": sorted(platforms)})


def take_on(conn: Transaction[Any], *, quiet: float, longest: float, most: int = 100) -> list[int]:
    """Notices what has changed anywhere, and takes on the tenants whose time has come: call `serve` for each.

    `quiet`: seconds from the beginning of one refresh of a tenant to the next. Where publishing takes more than a
    quarter of that, it is four times as long as it took, but never more than `longest`.
    """
    conn.execute(SQL.notice)
    due = conn.execute(SQL.claim, {"quiet": quiet, "longest": longest, "lost": LOST, "most": most})
    return [tenant_id for (tenant_id,) in due]


def serve(
    database: Database,
    catalog: Catalog,
    vault: Vault,
    tenant: Tenant,
    *,
    stopping: Callable[[], bool] = lambda: False,
    slow_ms: float = 30_000,
) -> Claim | None:
    """Fetches from the sources that have changed, then refreshes; None: nothing waited.

    What cannot be read, and what a refresh that fails leaves, is taken on again after a pause that grows; the rest does
    not wait for it. Raises SourceFailed, what `refresh` raises, and Interrupted.
    """
    claim = _begin(database, tenant)
    if claim is None:
        return None
    try:
        unread = _fetch(database, vault, claim, stopping)
        outcome = refresh(
            database,
            catalog,
            tenant,
            triggered_by="event",
            slow_ms=slow_ms,
            followed=partial(_is_followed, database, tenant),
        )
    except Interrupted:
        raise
    except Exception as failed:
        _tell(database, claim, dict.fromkeys(claim.platforms, str(failed)))
        raise
    _tell(database, claim, unread, outcome.duration_ms)
    if unread:
        raise SourceFailed("\n".join(unread.values()))
    return claim


def _is_followed(database: Database, tenant: Tenant) -> bool:
    """Whether the next run for this tenant is due, which cannot begin before this one has ended."""
    with database.connect(tenant.tenant_id) as conn:
        row = conn.execute(RUNS.next_waits, {"tenant": tenant.tenant_id}).fetchone()
    return bool(row and row[0])


def _begin(database: Database, tenant: Tenant) -> Claim | None:
    """Takes on all that waits for this tenant, whoever had taken it on before."""
    with database.connect(tenant.tenant_id) as conn:
        found = conn.execute(SQL.begin_serving, {"tenant": tenant.tenant_id}).fetchall()
    return Claim(tenant, tuple(sorted(platform for platform, _ in found)), found[0][1]) if found else None


def _fetch(database: Database, vault: Vault, claim: Claim, stopping: Callable[[], bool]) -> dict[str, str]:
    """Asks the sources of these platforms; returns what is wrong with those that could not be read to their end."""
    unread: dict[str, str] = {}
    for platform in claim.platforms:
        with database.connect(claim.tenant.tenant_id) as conn:
            sources = connections(conn, claim.tenant, platform) if platform != CHANGES else []
        for source in sources:
            try:
                done = sync(database, source, vault, stopping=stopping)
            except Conflict as busy:
                unread[platform] = busy.message
                continue
            if stopping() and not done.finished:
                raise Interrupted
            if not done.finished:
                unread[platform] = done.error or f"{source.name} could not be read to its end."
    return unread


def _tell(database: Database, claim: Claim, unread: Mapping[str, str], took: float | None = None) -> None:
    """Notes what is served and what is to be tried again."""
    of = {"tenant": claim.tenant.tenant_id, "claimed_at": claim.claimed_at}
    with database.connect(claim.tenant.tenant_id) as conn:
        conn.execute(SQL.served, of | {"platforms": [name for name in claim.platforms if name not in unread]})
        if took is not None:
            conn.execute(SQL.took, of | {"took": took})
        if unread:
            conn.execute(SQL.failed, of | {"platforms": list(unread)})
            log.warning("a change waits", tenant=claim.tenant.slug, error="\n".join(set(unread.values())))
