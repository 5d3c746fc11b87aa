"""From a question to its answer, straight from the database. It never writes, and never waits for a refresh."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import cast

from tallymark.cache.figures import Tier, find
from tallymark.db import Database
from tallymark.errors import NotBuilt
from tallymark.metrics import Catalog, Plan, plan
from tallymark.model import Answer, Question, Tenant
from tallymark.results import publication


def answer(
    database: Database,
    catalog: Catalog,
    tenant: Tenant,
    question: Question,
    *,
    now: datetime,
    stale_after: timedelta,
    refresh: Callable[[], object] | None = None,
) -> tuple[Answer, Tier]:
    """The answer and where it came from. Raises NotBuilt where nothing was ever published.

    `refresh` is called once when the figures are older than the question's `max_age`, or there are none.
    """
    asked = plan(catalog, question, tenant)
    may_refresh = refresh is not None and question.max_age is not None
    try:
        found, tier = _read(database, tenant, asked, now, stale_after)
        if not may_refresh or found.age <= cast(float, question.max_age):
            return found, tier
    except NotBuilt:
        if not may_refresh:
            raise
    cast(Callable[[], object], refresh)()
    return _read(database, tenant, asked, now, stale_after)


def _read(
    database: Database, tenant: Tenant, asked: Plan, now: datetime, stale_after: timedelta
) -> tuple[Answer, Tier]:
    at_least = 0
    if database.follower is not None:  # Whoever has just refreshed must not be told of what was before.
        with database.connect(tenant.tenant_id) as conn:
            published = publication(conn, tenant.tenant_id)
            at_least = published.version if published else 0
    found = find(database, tenant, asked, now, at_least)
    return found.figures.told(found.published, now, stale_after), found.tier
