"""Where things stand: the last runs, how fresh each metric is, and how the figures have moved."""

from datetime import UTC, date, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Response
from psycopg import Connection

from tallymark.api.instance import Instance
from tallymark.api.rest import shapes
from tallymark.api.rest.access import ADMINS, Parts, Visitor
from tallymark.api.rest.dashboard import stale
from tallymark.api.rest.records import SQL, recent, under_way
from tallymark.api.rest.shapes import refusals
from tallymark.errors import BadQuestion
from tallymark.model import ALL_PLATFORMS, Tenant, exact_json, instant
from tallymark.results import Publication, Snapshot, history, platforms_of, publication, require_platform
from tallymark.tasks import Alert, open_alerts

router = APIRouter(prefix="/api/admin/analytics", tags=["refresh"])
RUNS = 10


@router.get("/status", response_model=shapes.StatusAnswer, responses=refusals(400, 401, 403, 404))
async def status(visitor: Annotated[Visitor, Depends(ADMINS)], parts: Parts, platform: str = ALL_PLATFORMS) -> Response:
    """The last runs and the freshness of each stored metric. Cheap: made for polling."""
    key = ("status", visitor.tenant, platform)
    body = await parts.bodies.get(key, lambda: _status(parts, visitor.tenant, platform))
    return Response(body, media_type="application/json")


@router.get("/history/{metric}", response_model=shapes.HistoryAnswer, responses=refusals(400, 401, 403, 404))
def metric_history(
    visitor: Annotated[Visitor, Depends(ADMINS)],
    parts: Parts,
    metric: str,
    first: Annotated[date | None, Query(alias="from", description="Local day of the shop.")] = None,
    last: Annotated[date | None, Query(alias="to", description="Local day, inclusive.")] = None,
    platform: str = ALL_PLATFORMS,
) -> Response:
    """One snapshot for each version whose figures differ from the one before, oldest first."""
    known = parts.catalog[metric]
    if first and last and first > last:
        raise BadQuestion("from is after to.", details={"parameter": "from"})
    tenant = visitor.tenant.tenant_id
    newest = parts.answers.publications.newest(visitor.tenant)

    def look(conn: Connection[Any]) -> tuple[Publication | None, list[Snapshot]]:
        published = publication(conn, tenant)
        require_platform(platform, platforms_of(published))
        return published, history(conn, tenant, known.name, first, last, platform)

    _, snapshots = parts.database.read(
        tenant,
        look,
        enough=lambda found: newest is None or (found[0] is not None and found[0].version >= newest.version),
    )
    data = {
        "metric": known.name,
        "platform": platform,
        "snapshots": [
            {
                "version": snapshot.version,
                "day": snapshot.day.isoformat(),
                "createdAt": instant(snapshot.created_at),
                "data": snapshot.data,
            }
            for snapshot in snapshots
        ],
    }
    return Response(exact_json.dumps({"success": True, "data": data}), media_type="application/json")


def _status(parts: Instance, tenant: Tenant, platform: str) -> bytes:
    now = datetime.now(UTC)
    with parts.database.connect(tenant.tenant_id, isolation="repeatable read") as conn:
        published = publication(conn, tenant.tenant_id)
        require_platform(platform, platforms_of(published))
        running = under_way(conn, tenant)
        metrics = _metrics(conn, tenant, platform)
        alerts = open_alerts(conn, tenant)
    with parts.database.connect(tenant.tenant_id) as conn:
        runs = recent(conn, tenant, RUNS)
    if published:
        parts.answers.publications.seen(tenant.tenant_id, published.version)
    age, is_stale = stale(parts, published, now)
    data = {
        "version": published.version if published else 0,
        "publishedAt": instant(published.published_at) if published else None,
        "checkedAt": instant(published.checked_at) if published else None,
        "dataThrough": instant(published.through(platform)) if published else None,
        "age": None if age is None else round(age, 3),
        "isStale": is_stale,
        "isRefreshing": running is not None,
        "runningRun": running.run_id if running else None,
        "platform": platform,
        "platforms": platforms_of(published),
        "runs": runs,
        "metrics": metrics,
        "alerts": [_alert(alert) for alert in alerts],
    }
    return exact_json.dumps({"success": True, "data": data}).encode()


def _alert(alert: Alert) -> dict[str, Any]:
    return {
        "kind": alert.kind,
        "subject": alert.subject,
        "message": alert.message,
        "raisedAt": instant(alert.raised_at),
        "seenAt": instant(alert.seen_at),
    }


def _metrics(conn: Connection[Any], tenant: Tenant, platform: str) -> list[dict[str, Any]]:
    """One line per metric: of several parameter sets, the failed or else the oldest one speaks."""
    rows = conn.execute(SQL.stored, {"tenant_id": tenant.tenant_id, "platform": platform}).fetchall()
    worst: dict[str, Any] = {}
    for row in rows:
        worst.setdefault(row[0], row)
    return [
        {
            "metric": name,
            "platform": platform,
            "computedAt": instant(row[1]),
            "dataThrough": instant(row[2]),
            "version": row[3],
            "computationMs": row[4],
            "failedAt": instant(row[5]),
            "failure": row[6],
        }
        for name, row in worst.items()
    ]
