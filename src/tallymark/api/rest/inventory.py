"""Stock and sales in one answer: key figures, each platform, each product and the trend, all of one version."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from hashlib import sha256
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Header, Query, Response

from tallymark.api.cached import Cached
from tallymark.api.instance import Instance
from tallymark.api.rest import shapes
from tallymark.api.rest.access import MEMBERS, Parts, Visitor
from tallymark.api.rest.metrics import require_role
from tallymark.api.rest.refresh import refresh
from tallymark.api.rest.shapes import Shape, refusals
from tallymark.cache import Body, Given
from tallymark.errors import NotAllowed
from tallymark.model import ALL_PLATFORMS, Question, Tenant, exact_json, instant
from tallymark.results import platforms_of, require_platform

router = APIRouter(prefix="/api/dashboard", tags=["dashboard"])

PLATFORMS, PRODUCTS, TRENDS = METRICS = ("inventory_analytics", "sku_analysis", "sales_trends")
TIERS = ("memory", "shared", "stored", "rollup")
TRIES = 3
"""How often the metrics are asked again because a refresh has published in between."""


class InventoryWarning(Shape):
    """Something the reader of a metric's figures must know."""

    metric: str
    code: str
    message: str


class InventoryAnalyticsData(Shape):
    """Figures of one version, of the platform asked for or of all of them."""

    kpis: shapes.metric_row("inventory_analytics")  # type: ignore[valid-type]
    platform_comparison: shapes.metric_data("inventory_analytics")  # type: ignore[valid-type]
    sku_analysis: shapes.metric_data("sku_analysis")  # type: ignore[valid-type]
    sales_trends: shapes.metric_data("sales_trends")  # type: ignore[valid-type]
    last_refreshed: datetime
    data_through: datetime | None
    version: int
    is_stale: bool
    platform: str
    platforms: list[str]
    warnings: list[InventoryWarning]


class InventoryAnalytics(Shape):
    success: Literal[True]
    data: InventoryAnalyticsData


@router.get(
    "/inventory-analytics",
    response_model=InventoryAnalytics,
    responses={
        304: {"description": "What `If-None-Match` names is still the answer."},
        **refusals(400, 401, 403, 404, 409, 429),
    },
    summary="Inventory and sales",
)
async def inventory_analytics(
    visitor: Annotated[Visitor, Depends(MEMBERS)],
    parts: Parts,
    platform: str = ALL_PLATFORMS,
    force_refresh: Annotated[bool, Query(description="Refresh first: for who may, and as often as they may.")] = False,
    if_none_match: Annotated[str, Header()] = "",
    accept_encoding: Annotated[str, Header(include_in_schema=False)] = "",
) -> Response:
    """Sales, stock and turnover of the last 30 days, by platform and by product, with growth and trend."""
    for name in METRICS:
        require_role(parts.catalog[name], visitor)
    if force_refresh:
        refreshed = await _refreshed(visitor, parts, platform)
        if refreshed.status_code != 200:
            return refreshed
    now = datetime.now(UTC)
    require_platform(platform, platforms_of(await parts.answers.published(visitor.tenant)))
    given = await _asked(parts, visitor.tenant, platform, now)
    return _cached(given, platform, now).reply(accept_encoding, if_none_match).response()


async def _refreshed(visitor: Visitor, parts: Instance, platform: str) -> Response:
    """What asking for a refresh gives. Raises NotAllowed."""
    if visitor.role != "admin" or "refresh" not in visitor.scopes:
        raise NotAllowed(
            "force_refresh is for admins, and for keys with the scope refresh.", hint="Ask without force_refresh."
        )
    return await refresh(visitor, parts, platform)


async def _asked(parts: Instance, tenant: Tenant, platform: str, now: datetime) -> Mapping[str, Given]:
    """The answer of each metric, of one version unless refreshes follow each other without end."""
    for _ in range(TRIES):
        given = {name: await parts.answers.ask(tenant, Question(name, platform, as_of=now)) for name in METRICS}
        if len({one.publication.version for one in given.values()}) == 1:
            break
    return given


def _cached(given: Mapping[str, Given], platform: str, now: datetime) -> Cached:
    """As old, and from as far away, as the part of it that is the oldest and from the farthest."""
    answers = {name: one.answer(now) for name, one in given.items()}
    rows: Sequence[Mapping[str, Any]] = answers[PLATFORMS].data  # type: ignore[assignment]
    published = given[PLATFORMS].publication
    stale = any(answer.stale for answer in answers.values())
    data = {
        "kpis": rows[0] if rows else None,
        "platformComparison": [row for row in rows if row["platform"] != ALL_PLATFORMS],
        "skuAnalysis": answers[PRODUCTS].data,
        "salesTrends": answers[TRENDS].data,
        "lastRefreshed": instant(published.published_at),
        "dataThrough": instant(published.through(platform)),
        "version": published.version,
        "isStale": stale,
        "platform": platform,
        "platforms": platforms_of(published),
        "warnings": [
            {"metric": name, "code": notice.code, "message": notice.message}
            for name, answer in answers.items()
            for notice in answer.warnings
        ],
    }
    plain = exact_json.dumps({"success": True, "data": data}).encode()
    tier = max((one.tier for one in given.values()), key=TIERS.index)
    kept = b"STALE" if stale or any(one.overdue for one in given.values()) else b"HIT"
    return Cached(
        Body(plain, f'W/"{sha256(plain).hexdigest()[:32]}"'),
        b"MISS" if tier == "rollup" else kept,
        tier.encode(),
        published.version,
        max(one.age(now) for one in given.values()),
    )
