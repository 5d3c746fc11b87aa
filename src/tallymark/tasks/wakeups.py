"""Changes and events wake a refresh.

What waits is kept in rows: a change in the log is its own wake-up, noticed by a look at all tenants at once, and an
event that only says that a source has changed leaves a row. However many come, a tenant has one row for each platform.
It is served some seconds after the first of what waits came, so that one refresh serves all that came meanwhile; what
comes while it runs waits for the next. Nothing is forgotten when a process dies: what was taken on and never reported
is taken on again. Which figures are worked out anew follows from what changed, as in every refresh.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime
from time import perf_counter
from typing import Any

import structlog
from psycopg import Connection as Transaction

from tallymark.connectors import Synced, Vault, connections, sync
from tallymark.db import Database
from tallymark.errors import SourceFailed
from tallymark.metrics import Catalog
from tallymark.model import Tenant
from tallymark.tasks.cycle import SQL
from tallymark.tasks.refresh import refresh
from tallymark.tasks.run import ms_since

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

    `quiet`: seconds from the first change to the refresh. A tenant whose last refresh took more than a quarter of that
    waits four times as long as it took, but never more than `longest`.
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

    Raises what that raises; then it is taken on again after a pause that grows.
    """
    began, unread = perf_counter(), list[Synced]()
    claim = _begin(database, tenant)
    if claim is None:
        return None
    claimed = {"tenant": tenant.tenant_id, "claimed_at": claim.claimed_at}
    try:
        for platform in claim.platforms:
            with database.connect(tenant.tenant_id) as conn:
                sources = connections(conn, tenant, platform) if platform != CHANGES else []
            fetched = [sync(database, one, vault, stopping=stopping) for one in sources]
            unread += [done for done in fetched if not done.finished]
        refresh(database, catalog, tenant, triggered_by="event", slow_ms=slow_ms)
        if unread:  # What else had changed is counted; what this one has to tell is asked for again.
            raise SourceFailed(unread[0].error)
    except Exception as failed:
        log.warning("a change waits", tenant=tenant.slug, error=str(failed))
        with database.connect(tenant.tenant_id) as conn:
            conn.execute(SQL.failed, claimed)
        raise
    with database.connect(tenant.tenant_id) as conn:
        conn.execute(SQL.served, claimed | {"took": ms_since(began)})
    return claim


def _begin(database: Database, tenant: Tenant) -> Claim | None:
    """Takes on all that waits for this tenant, whoever had taken it on before."""
    with database.connect(tenant.tenant_id) as conn:
        found = conn.execute(SQL.begin_serving, {"tenant": tenant.tenant_id}).fetchall()
    return Claim(tenant, tuple(sorted(platform for platform, _ in found)), found[0][1]) if found else None
