"""Refresh on demand. However many ask at once, one run answers them, and perhaps one more after it."""

import time
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Header, Response
from fastapi.concurrency import run_in_threadpool

from tallymark.api import audit, limits, problems
from tallymark.api.facts import Facts, Standing
from tallymark.api.instance import Instance
from tallymark.api.rest import dashboard, records, runs, shapes
from tallymark.api.rest.access import REFRESHERS, Parts, Visitor
from tallymark.api.rest.shapes import refusals
from tallymark.errors import RefreshFailed, TooManyRequests
from tallymark.model import ALL_PLATFORMS, Tenant, exact_json, instant
from tallymark.results import platforms_of, publication, require_platform
from tallymark.tasks import Outcome

router = APIRouter(prefix="/api/admin/analytics", tags=["refresh"])
ASYNC = "respond-async"


@router.post(
    "/refresh",
    response_model=shapes.Refreshed,
    responses={
        202: {"model": shapes.Accepted, "description": "Started; `Location` is the run."},
        **refusals(400, 401, 403, 404, 429),
    },
    summary="Refresh",
)
async def refresh(
    visitor: Annotated[Visitor, Depends(REFRESHERS)],
    parts: Parts,
    platform: str = ALL_PLATFORMS,
    force: bool = False,
    prefer: Annotated[str, Header(description=f"`{ASYNC}`: answer at once with the run's address.")] = "",
) -> Response:
    """Computes every figure from one snapshot taken after this request, and answers with all of them."""
    standing = await _standing(parts, visitor, platform)
    headers = standing.allowance.headers()
    at_once = ASYNC in {preference.strip() for preference in prefer.lower().split(",")}
    if standing.answering:
        return await _refreshed(parts, visitor, platform, standing.answering, headers)
    if standing.serves:
        if at_once:
            return _accepted(headers, standing.serves)
        record = await runs.ended(parts, visitor.tenant, standing.serves)
        return await _refreshed(parts, visitor, platform, record, headers)
    joins = standing.joins or parts.flights.joins(visitor.tenant.tenant_id, visitor.arrived)
    if not joins:
        try:
            standing.allowance.require()
        except TooManyRequests as refused:
            response = problems.of(refused)
            response.headers.update(headers)
            return response
        headers = standing.allowance.spent().headers()
    flight = parts.flights.start(
        visitor.tenant,
        platform=platform,
        force=force and standing.allowance.wait == 0,
        # Whoever joins is not the one who started it, and it does not count against them.
        triggered_by=f"{visitor.name}, joining" if joins else visitor.name,
        arrived=visitor.arrived,
    )
    if not joins:
        await run_in_threadpool(_note, parts, visitor, platform)
    if at_once:
        parts.asked.add(str(flight.run_id), visitor.tenant, standing.arrived)
        return _accepted(headers, str(flight.run_id))
    return await _refreshed(parts, visitor, platform, _record(await flight.outcome(), joins), headers)


async def _standing(parts: Instance, visitor: Visitor, platform: str) -> Standing:
    """Looked up again while runs begin or end in the meantime, so that a storm of callers never starts one too many."""
    tenant, email = visitor.tenant, visitor.name
    while True:
        before = parts.flights.running(tenant.tenant_id)
        facts = await parts.standings.get((tenant, email, platform), lambda: _look_up(parts, tenant, email, platform))
        standing = facts.to(visitor.arrived)
        if standing.answering or before == parts.flights.running(tenant.tenant_id):
            return standing


def _look_up(parts: Instance, tenant: Tenant, email: str, platform: str) -> Facts:
    with parts.database.connect(tenant.tenant_id) as conn:
        at = time.monotonic()
        now = records.clock(conn)
        require_platform(platform, platforms_of(publication(conn, tenant.tenant_id)))
        # What is under way before what has ended: a run that ends in between is then seen at least once.
        running = records.under_way(conn, tenant)
        return Facts(
            at=at,
            now=now,
            allowance=limits.allowance(conn, parts.settings, tenant, email, now),
            under_way=running,
            completed=records.newest_completed(conn, tenant),
        )


def _note(parts: Instance, visitor: Visitor, platform: str) -> None:
    with parts.database.connect(visitor.tenant.tenant_id) as conn:
        audit.record(
            conn, visitor.tenant.tenant_id, visitor.name, "refresh", visitor.tenant.slug,
            address=visitor.address, platform=platform,
        )  # fmt: skip


def _accepted(headers: Mapping[str, str], run_id: str) -> Response:
    location = f"{router.prefix}/runs/{run_id}"
    content = {"success": True, "runId": run_id, "location": location, "events": f"{location}/events"}
    headers = {**headers, "Location": location, "Preference-Applied": ASYNC}
    return Response(exact_json.dumps(content), 202, headers, "application/json")


async def _refreshed(
    parts: Instance, visitor: Visitor, platform: str, record: Mapping[str, Any], headers: Mapping[str, str]
) -> Response:
    if record.get("status") != "completed":
        reason = record.get("error") or "it ended without a word"
        raise RefreshFailed(f"The refresh failed: {reason}", details={"run_id": record.get("runId")})
    parts.answers.publications.seen(visitor.tenant.tenant_id, record["version"])
    figures = await parts.readings.get(
        f"{record['runId']} {platform}", lambda: run_in_threadpool(_figures, parts, visitor, platform)
    )
    metadata = exact_json.dumps(_metadata(record)).encode()
    body = b'{"success":true,"data":' + figures + b',"metadata":' + metadata + b"}"
    return Response(body, headers=dict(headers), media_type="application/json")


def _figures(parts: Instance, visitor: Visitor, platform: str) -> bytes:
    now = datetime.now(UTC)
    reading = dashboard.read(parts, visitor.tenant, platform, now, live=False)
    return exact_json.dumps(dashboard.analytics(parts, reading, platform, now)).encode()


def _record(outcome: Outcome, joins: bool) -> Mapping[str, Any]:
    return {
        "runId": outcome.run_id,
        "status": outcome.status,
        "endedAt": instant(outcome.refreshed_at),
        "durationMs": outcome.duration_ms,
        "version": outcome.version,
        "changesApplied": outcome.changes_applied,
        "joined": joins or outcome.joined,
    }


def _metadata(record: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "runId": record["runId"],
        "refreshedAt": record["endedAt"],
        "computationTimeMs": record["durationMs"],
        "version": record["version"],
        "changesApplied": record["changesApplied"],
        "joined": record.get("joined", True),
    }
