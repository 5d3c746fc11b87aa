"""The dashboard: live counts and the stored figures, read in one transaction; nothing is computed."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Response
from psycopg import Connection

from tallymark.api.facts import UnderWay
from tallymark.api.instance import Instance
from tallymark.api.rest import shapes
from tallymark.api.rest.access import ADMINS, Parts, Visitor
from tallymark.api.rest.platforms import platforms_of, require
from tallymark.api.rest.records import under_way
from tallymark.api.rest.shapes import refusals
from tallymark.metrics import prewarmed
from tallymark.model import ALL_PLATFORMS, Tenant, exact_json, instant
from tallymark.results import Publication, Stored, freshness, publication, read_many
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

    live: LiveCounts
    published: Publication | None
    stored: Mapping[str, Stored]
    running: UnderWay | None


@router.get("/dashboard", response_model=shapes.Dashboard, responses=refusals(400, 401, 403, 404))
async def dashboard(
    visitor: Annotated[Visitor, Depends(ADMINS)], parts: Parts, platform: str = ALL_PLATFORMS
) -> Response:
    """Live counts and the figures of the last refresh, with their age."""
    key = ("dashboard", visitor.tenant, platform)
    body = await parts.bodies.get(key, lambda: _body(parts, visitor.tenant, platform))
    return Response(body, media_type="application/json")


def read(parts: Instance, tenant: Tenant, platform: str, now: datetime) -> Reading:
    """Raises BadQuestion for a platform the shop does not sell on."""
    with parts.database.connect(tenant.tenant_id, read_only=True, isolation="repeatable read") as conn:
        published = publication(conn, tenant.tenant_id)
        require(platform, platforms_of(published))
        return Reading(
            live=live_counts(conn, tenant.tenant_id),
            published=published,
            stored=_stored(conn, parts, tenant, platform, now),
            running=under_way(conn, tenant),
        )


def analytics(parts: Instance, reading: Reading, platform: str, now: datetime) -> dict[str, Any]:
    """The stored figures as the dashboard shows them."""
    published, stored = reading.published, reading.stored
    return {
        **{name: stored[metric].data if metric in stored else None for name, metric in FIGURES.items()},
        "lastRefreshed": instant(published.published_at) if published else None,
        "checkedAt": instant(published.checked_at) if published else None,
        "dataThrough": instant(published.through(platform)) if published else None,
        "version": published.version if published else 0,
        "isStale": stale(parts, published, now)[1],
        "isRefreshing": reading.running is not None,
        "runningRun": reading.running.run_id if reading.running else None,
        "platform": platform,
        "platforms": platforms_of(published),
        "failures": [_failure(answer) for answer in stored.values() if answer.failed_at],
    }


def _body(parts: Instance, tenant: Tenant, platform: str) -> bytes:
    now = datetime.now(UTC)
    reading = read(parts, tenant, platform, now)
    data = {"liveData": _live(reading.live), "analyticsData": analytics(parts, reading, platform, now)}
    return exact_json.dumps({"success": True, "data": data}).encode()


def stale(parts: Instance, published: Publication | None, now: datetime) -> tuple[float | None, bool]:
    """The age of the figures and whether it is too great; without figures there is no age, and it is."""
    if published is None or published.version == 0:
        return None, True
    return freshness(published, now, timedelta(hours=parts.settings.stale_threshold_hours))


def _stored(
    conn: Connection[Any], parts: Instance, tenant: Tenant, platform: str, now: datetime
) -> Mapping[str, Stored]:
    questions = [
        (metric, prewarmed(parts.catalog, metric, platform, tenant, now)[0].parameters) for metric in FIGURES.values()
    ]
    return {metric: answer for (metric, _), answer in read_many(conn, tenant.tenant_id, platform, questions).items()}


def _live(counts: LiveCounts) -> dict[str, Any]:
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
