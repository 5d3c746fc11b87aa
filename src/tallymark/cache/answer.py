"""From a question to its answer. It never writes, and never waits for a refresh."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Literal, cast

from tallymark.db import Database
from tallymark.errors import NotBuilt
from tallymark.metrics import Catalog, Plan, Result, evaluate, plan
from tallymark.model import Answer, Notice, Question, Tenant, exact_json
from tallymark.results import Publication, Stored, freshness, publication, read

Tier = Literal["stored", "rollup"]

SETTLING = Notice("settling", "a large change is being applied; figures may move until it is done")


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
    """Publication and figures of one snapshot: stored ones where they are about the same days, else fresh ones."""
    with database.connect(tenant.tenant_id, read_only=True, isolation="repeatable read") as conn:
        published = publication(conn, tenant.tenant_id)
        if published is None:
            raise NotBuilt(hint=f"Refresh first: tallymark refresh --tenant {tenant.slug}")
        age, stale = freshness(published, now, stale_after)
        stored = read(conn, tenant.tenant_id, asked.name, asked.platform, asked.parameters)
        if stored is not None and (_holds(stored, asked) or published.settling):
            if stored.failed_at is not None or asked.metric.ready == "daily":
                return _of_its_own_age(asked, stored, published, now, stale_after), "stored"
            return _from_stored(asked, stored, published, age, stale), "stored"
        result = evaluate(conn, asked)
        return _from_rollups(asked, result, published, age, stale, now), "rollup"


def _holds(stored: Stored, asked: Plan) -> bool:
    """Whether it is the answer; a failed metric's last good figures are, for it would fail again.

    A daily one of an earlier day is, and says its own age: it is too much work to be done while somebody waits.
    """
    if stored.failed_at is not None:
        return True
    same_day = stored.resolved == asked.resolved or asked.metric.ready == "daily"
    return same_day and stored.definition == asked.metric.definition and not stored.outdated


def _from_stored(asked: Plan, stored: Stored, published: Publication, age: float, stale: bool) -> Answer:
    return Answer(
        metric=asked.name,
        params=exact_json.loads(stored.resolved),
        platform=asked.platform,
        data=stored.data,
        computed_at=stored.computed_at,
        checked_at=published.checked_at,
        data_through=published.through(asked.platform),
        version=published.version,
        age=age,
        stale=stale or published.settling,
        warnings=(*stored.warnings, SETTLING) if published.settling else stored.warnings,
    )


def _of_its_own_age(
    asked: Plan, stored: Stored, published: Publication, now: datetime, stale_after: timedelta
) -> Answer:
    """A failed metric's last good figures, or those of a daily one: as old as they are, whatever came after."""
    age = max(timedelta(), now - stored.computed_at)
    answer = _from_stored(asked, stored, published, age.total_seconds(), age > stale_after)
    answer = replace(answer, checked_at=stored.computed_at, data_through=stored.data_through, version=stored.version)
    if stored.failed_at is None:
        return answer
    at = f"{stored.computed_at:%Y-%m-%d %H:%M} UTC"
    failed = Notice("last_good", f"a later computation failed; these figures are of {at}")
    return replace(answer, stale=True, warnings=(*answer.warnings, failed))


def _from_rollups(
    asked: Plan, result: Result, published: Publication, age: float, stale: bool, now: datetime
) -> Answer:
    return Answer(
        metric=asked.name,
        params=exact_json.loads(asked.resolved),
        platform=asked.platform,
        data=result.data,
        computed_at=now,
        checked_at=published.checked_at,
        data_through=published.through(asked.platform),
        version=published.version,
        age=age,
        stale=stale or published.settling,
        warnings=(*result.warnings, SETTLING) if published.settling else result.warnings,
    )
