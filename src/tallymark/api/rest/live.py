"""What is so at this moment: live counts, and how fresh the stored figures are. For everyone who may read them."""

from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Response

from tallymark.api import limits
from tallymark.api.instance import Instance
from tallymark.api.rest import shapes
from tallymark.api.rest.access import MEMBERS, REFRESHERS, Parts, Visitor
from tallymark.api.rest.dashboard import stale, told
from tallymark.api.rest.records import clock, under_way
from tallymark.api.rest.shapes import refusals
from tallymark.model import ALL_PLATFORMS, Tenant, exact_json, instant
from tallymark.results import platforms_of, publication, require_platform
from tallymark.tasks import live_counts

router = APIRouter(prefix="/api", tags=["dashboard"])


@router.get("/live", response_model=shapes.LiveAnswer, responses=refusals(400, 401, 403, 404), summary="Live")
async def live(visitor: Annotated[Visitor, Depends(MEMBERS)], parts: Parts, platform: str = ALL_PLATFORMS) -> Response:
    """Live counts, and the version and age of the figures. Cheap: made for polling, and nothing is computed."""
    refresher = visitor.name if visitor.role in REFRESHERS.roles else None
    key = ("live", visitor.tenant, platform, refresher)
    body = await parts.bodies.get(key, lambda: _live(parts, visitor.tenant, platform, refresher))
    return Response(body, media_type="application/json")


def _live(parts: Instance, tenant: Tenant, platform: str, refresher: str | None) -> bytes:
    """`refresher`: who is told when their next refresh may start."""
    now = datetime.now(UTC)
    with parts.database.connect(tenant.tenant_id, isolation="repeatable read") as conn:
        published = publication(conn, tenant.tenant_id)
        require_platform(platform, platforms_of(published))
        counts = live_counts(conn, tenant.tenant_id)
        running = under_way(conn, tenant)
        allowed = limits.allowance(conn, parts.settings, tenant, refresher, clock(conn)) if refresher else None
    if published:
        parts.answers.publications.seen(tenant.tenant_id, published.version)
    data = {
        **told(counts),
        "version": published.version if published else 0,
        "publishedAt": instant(published.published_at) if published else None,
        "checkedAt": instant(published.checked_at) if published else None,
        "dataThrough": instant(published.through(platform)) if published else None,
        "isStale": stale(parts, published, now)[1],
        "staleAfterHours": parts.settings.stale_threshold_hours,
        "runningRun": running.run_id if running else None,
        "platforms": platforms_of(published),
        "refreshIn": allowed.wait if allowed else None,
    }
    return exact_json.dumps({"success": True, "data": data}).encode()
