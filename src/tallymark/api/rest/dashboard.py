"""The dashboard: live counts and the stored figures, read in one transaction.

Nothing is computed, but for figures of one platform in the moment between a publication and their being stored.
"""

import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Header, Request, Response
from psycopg import Connection

from tallymark.api.cached import Cached
from tallymark.api.facts import UnderWay
from tallymark.api.instance import Instance
from tallymark.api.lane import QUARTER
from tallymark.api.rest import shapes
from tallymark.api.rest.access import ADMINS, Parts, Visitor
from tallymark.api.rest.records import under_way
from tallymark.api.rest.shapes import refusals
from tallymark.api.shown import Figures, Shown, mark_of
from tallymark.cache import Body
from tallymark.errors import MetricFailed
from tallymark.metrics import Plan, evaluate, prewarmed
from tallymark.model import ALL_PLATFORMS, Tenant, exact_json, instant
from tallymark.results import Publication, Stored, freshness, platforms_of, publication, read_many, require_platform
from tallymark.tasks import LiveCounts, live_counts

router = APIRouter(prefix="/api/admin", tags=["dashboard"])

FIGURES: Mapping[str, str] = {
    "netRevenue": "net_revenue",
    "monthlyTrends": "monthly_trends",
    "expenseBreakdown": "expense_breakdown",
    "topProducts": "top_products",
    "monthlyAnalytics": "monthly_analytics",
}


@dataclass(frozen=True, slots=True)
class Reading:
    """What one transaction saw."""

    figures: Figures
    running: UnderWay | None
    live: LiveCounts | None


@router.get("/dashboard", response_model=shapes.Dashboard, responses=refusals(400, 401, 403, 404))
async def dashboard(
    request: Request,
    visitor: Annotated[Visitor, Depends(ADMINS)],
    parts: Parts,
    platform: str = ALL_PLATFORMS,
    if_none_match: Annotated[str, Header()] = "",
    accept_encoding: Annotated[str, Header(include_in_schema=False)] = "",
) -> Response:
    """Live counts and the figures of the last refresh, with their age."""
    tenant, key = visitor.tenant, (visitor.tenant.tenant_id, visitor.tenant.timezone, platform)

    def look() -> Shown:
        return _show(parts, tenant, platform, parts.dashboards.last(key))

    def peek(at: datetime) -> Cached | None:
        published = parts.answers.publications.peek(tenant)
        held = parts.dashboards.peek(key, look)
        if held is None or published is None or held.value.mark != mark_of(published.value):
            return None
        return held.value.cached(b"STALE" if held.failing else b"HIT", b"memory", at)

    parts.lane.learn(request.scope, visitor.membership, peek)
    now = datetime.now(UTC)
    if (cached := peek(now)) is None:
        held = await parts.dashboards.get(key, look, since=time.monotonic())
        if held.value.published:
            parts.answers.publications.learn(tenant, held.value.published, held.began)
        cached = held.value.cached(b"STALE" if held.failing else b"MISS", b"stored", now)
    return cached.reply(accept_encoding, if_none_match).response()


def read(
    parts: Instance, tenant: Tenant, platform: str, now: datetime, *, live: bool, before: Figures | None = None
) -> Reading:
    """Raises BadQuestion for a platform the shop does not sell on.

    `live`: with the live counts, which cost what has changed since the last refresh. Never from a replica: they hold
    all that was committed before they were asked for. `before`: what an earlier look at the same dashboard saw.
    """
    with parts.database.connect(tenant.tenant_id, read_only=True, isolation="repeatable read") as conn:
        published = publication(conn, tenant.tenant_id)
        require_platform(platform, platforms_of(published))
        quarter = int(now.timestamp()) // QUARTER
        # Those of all platforms are stored with the publication; those of one may follow it.
        known = before and platform == ALL_PLATFORMS and (before.published, before.quarter) == (published, quarter)
        return Reading(
            figures=before if before and known else _figures(parts, conn, tenant, platform, now, published),
            running=under_way(conn, tenant),
            live=live_counts(conn, tenant.tenant_id) if live else None,
        )


def analytics(parts: Instance, reading: Reading, platform: str, now: datetime) -> dict[str, Any]:
    """The stored figures as the dashboard shows them."""
    published = reading.figures.published
    figures = {name: reading.figures.by_metric[metric] for name, metric in FIGURES.items()}
    return {
        **{name: exact_json.raw(figure) if figure else None for name, figure in figures.items()},
        "lastRefreshed": instant(published.published_at) if published else None,
        "checkedAt": instant(published.checked_at) if published else None,
        "dataThrough": instant(published.through(platform)) if published else None,
        "version": published.version if published else 0,
        "isStale": stale(parts, published, now)[1],
        "isRefreshing": reading.running is not None,
        "runningRun": reading.running.run_id if reading.running else None,
        "platform": platform,
        "platforms": platforms_of(published),
        "failures": [_failure(answer) for answer in reading.figures.failures],
    }


def _show(parts: Instance, tenant: Tenant, platform: str, before: Shown | None) -> Shown:
    now = datetime.now(UTC)
    reading = read(parts, tenant, platform, now, live=True, before=before.figures if before else None)
    assert reading.live is not None
    data = {"liveData": told(reading.live), "analyticsData": analytics(parts, reading, platform, now)}
    counts = {name: value for name, value in data["liveData"].items() if name != "lastUpdated"}
    digest = sha256(exact_json.dumps([tenant.tenant_id, counts, data["analyticsData"]]).encode())
    plain = exact_json.dumps({"success": True, "data": data}).encode()
    return Shown(Body(plain, f'W/"{digest.hexdigest()[:32]}"'), reading.figures)


def stale(parts: Instance, published: Publication | None, now: datetime) -> tuple[float | None, bool]:
    """The age of the figures and whether it is too great; without figures there is no age, and it is."""
    if published is None or published.version == 0:
        return None, True
    return freshness(published, now, timedelta(hours=parts.settings.stale_threshold_hours))


def _figures(
    parts: Instance, conn: Connection[Any], tenant: Tenant, platform: str, now: datetime, published: Publication | None
) -> Figures:
    plans = [prewarmed(parts.catalog, metric, platform, tenant, now)[0] for metric in FIGURES.values()]
    asked = [(plan.name, plan.parameters) for plan in plans]
    stored = {answer.metric: answer for answer in read_many(conn, tenant.tenant_id, platform, asked).values()}
    return Figures(
        published,
        int(now.timestamp()) // QUARTER,
        {plan.name: _figure(conn, published, plan, stored.get(plan.name)) for plan in plans},
        [answer for answer in stored.values() if answer.failed_at],
    )


def _figure(conn: Connection[Any], published: Publication | None, plan: Plan, stored: Stored | None) -> str | None:
    """Those of the version that is published: stored, or worked out from its rollups where that is still to come."""
    rollups_hold = published is not None and not published.settling
    if rollups_hold and (stored is None or stored.outdated):
        with suppress(MetricFailed), conn.transaction():
            return evaluate(conn, plan).json
    return stored.json if stored else None


def told(counts: LiveCounts) -> dict[str, Any]:
    """The live counts, as HTTP gives them."""
    return {
        "totalProducts": counts.products,
        "totalOrders": counts.orders,
        "totalExpenses": counts.expenses,
        "lastUpdated": instant(counts.last_updated),
    }


def _failure(answer: Stored) -> dict[str, Any]:
    return {
        "metric": answer.metric,
        "platform": answer.platform,
        "computedAt": instant(answer.computed_at),
        "failedAt": instant(answer.failed_at),
        "reason": answer.failure or "",
    }
