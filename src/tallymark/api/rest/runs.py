"""One run, and its progress as it happens."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Header, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import StreamingResponse

from tallymark.api.instance import Instance
from tallymark.api.rest import records, shapes
from tallymark.api.rest.access import ADMINS, Parts, Visitor
from tallymark.api.rest.records import Seen
from tallymark.api.rest.shapes import refusals
from tallymark.errors import DatabaseUnavailable, NotFound, TooManyRequests
from tallymark.model import Tenant, exact_json

router = APIRouter(prefix="/api/admin/analytics/runs", tags=["refresh"])

POLL = 0.15
HEARTBEAT = 10.0
LONGEST = 15 * 60.0
APPEARS_WITHIN = 5.0
"""Seconds that a run asked for in another process is given to appear."""
EVENT_STREAM = "text/event-stream"


@router.get("/{run_id}", response_model=shapes.RunAnswer, responses=refusals(400, 401, 403, 404))
def run(visitor: Annotated[Visitor, Depends(ADMINS)], parts: Parts, run_id: UUID) -> Response:
    """The run: processing, then completed or failed; waiting while another one is before it."""
    seen = look(parts, visitor.tenant, run_id)
    if seen is None:
        raise NotFound(f"There is no run {run_id}.")
    content = {"success": True, "data": {**seen.record, "steps": seen.steps}}
    return Response(exact_json.dumps(content), media_type="application/json")


@router.get(
    "/{run_id}/events",
    response_class=StreamingResponse,
    responses={
        200: {
            "description": "`progress` events with the named steps in order, then `completed` or `failed`.",
            "content": {EVENT_STREAM: {"schema": {"type": "string"}}},
        },
        **refusals(400, 401, 403, 404, 429),
    },
)
async def events(
    visitor: Annotated[Visitor, Depends(ADMINS)],
    parts: Parts,
    run_id: UUID,
    last_event_id: Annotated[int, Header(alias="Last-Event-ID", ge=0, le=1000)] = 0,
) -> Response:
    """The progress of a run of any process, as server-sent events."""
    if parts.streams.full:
        raise TooManyRequests("Too many runs are being watched; look at the run itself.", retry_after=5)
    first = await _appeared(parts, visitor.tenant, run_id)
    stream = _events(parts, visitor.tenant, run_id, first, last_event_id)
    return StreamingResponse(stream, media_type=EVENT_STREAM)


def look(parts: Instance, tenant: Tenant, run_id: UUID) -> Seen | None:
    """The run; for one that was asked for here and has no record, the run that served it instead."""
    seen = _look(parts, tenant, run_id)
    if seen and seen.record["version"]:
        parts.answers.publications.seen(tenant.tenant_id, seen.record["version"])
    return seen


def _look(parts: Instance, tenant: Tenant, run_id: UUID) -> Seen | None:
    asked = parts.asked.when(str(run_id), tenant)
    with parts.database.connect(tenant.tenant_id) as conn:
        seen = records.look(conn, tenant, run_id)
        if seen or asked is None:
            return seen
        if served := records.answering(conn, tenant, asked):
            return records.look(conn, tenant, UUID(served["runId"]))
    if parts.flights.running(tenant.tenant_id) or (datetime.now(UTC) - asked).total_seconds() < APPEARS_WITHIN:
        return records.unrecorded(run_id, "waiting")
    return records.unrecorded(run_id, "failed", "The refresh could not begin.")


async def ended(parts: Instance, tenant: Tenant, run_id: str) -> Mapping[str, Any]:
    """The record of a run once it has ended; all who wait for the same run share one look at it."""

    async def watch() -> Mapping[str, Any]:
        deadline = asyncio.get_running_loop().time() + LONGEST
        while asyncio.get_running_loop().time() < deadline:
            seen = await run_in_threadpool(look, parts, tenant, UUID(run_id))
            if seen is None or seen.ended:
                break
            await asyncio.sleep(POLL)
        return seen.record if seen else {}

    return await parts.ends.get(run_id, watch)


async def _appeared(parts: Instance, tenant: Tenant, run_id: UUID) -> Seen:
    loop = asyncio.get_running_loop()
    deadline = loop.time() + APPEARS_WITHIN
    while (seen := await run_in_threadpool(look, parts, tenant, run_id)) is None:
        if loop.time() > deadline:
            raise NotFound(f"There is no run {run_id}.")
        await asyncio.sleep(POLL)
    return seen


async def _events(parts: Instance, tenant: Tenant, run_id: UUID, seen: Seen, reached: int) -> AsyncIterator[str]:
    """Each step when it is reached and again when it has moved, a heartbeat in between, the end, and nothing more."""
    loop = asyncio.get_running_loop()
    deadline, spoken = loop.time() + LONGEST, loop.time()
    told: Mapping[str, Any] = {}
    with parts.streams.one():
        yield "retry: 1000\n\n"
        while True:
            for step in seen.steps:
                if step["index"] > reached or (step["index"] == reached and told and step != told):
                    reached, told, spoken = step["index"], step, loop.time()
                    yield _event("progress", step, reached)
            if seen.ended:
                yield _event(seen.record["status"], seen.record)
                return
            if loop.time() > deadline or parts.streams.closing:
                return
            if loop.time() - spoken > HEARTBEAT:
                spoken = loop.time()
                yield ": still going\n\n"
            await asyncio.sleep(POLL)
            # A database that is away for a moment is no news of the run.
            with suppress(DatabaseUnavailable):
                latest = await run_in_threadpool(look, parts, tenant, run_id)
                seen = latest or seen


def _event(name: str, data: object, number: int | None = None) -> str:
    identity = f"id: {number}\n" if number is not None else ""
    return f"{identity}event: {name}\ndata: {exact_json.dumps(data)}\n\n"
