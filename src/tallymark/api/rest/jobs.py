"""Background work: what there is, how it stands, and the ways to start, stop and plan it for one's own shop.

Everybody who belongs to a shop may look; its admins may change what concerns the shop. The schedules of all shops are
changed on the command line, by whoever runs the server.
"""

from datetime import UTC, datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Response
from psycopg import Connection

from tallymark.api import audit
from tallymark.api.instance import Instance
from tallymark.api.rest import job_shapes
from tallymark.api.rest.access import MANAGERS, MEMBERS, Parts, Visitor
from tallymark.api.rest.shapes import refusals
from tallymark.model import exact_json, instant
from tallymark.tasks import calendar, find_job, ledger, records, schedules, standing

router = APIRouter(prefix="/api/jobs", tags=["jobs"])
Member = Annotated[Visitor, Depends(MEMBERS)]
Manager = Annotated[Visitor, Depends(MANAGERS)]
Limit = Annotated[int, Query(ge=1, le=500)]


@router.get("", response_model=job_shapes.JobsAnswer, responses=refusals(401, 403, 404))
def listed(visitor: Member, parts: Parts) -> Response:
    """Every job with its status, its figures and its next three due times; and whether anybody works."""
    tenant_id = visitor.tenant.tenant_id
    with parts.database.connect(tenant_id) as conn:
        found = standing.standings(conn, tenant_id)
    with records.engine(parts.database) as conn:
        work = standing.health(conn)
    automatic = not parts.settings.disable_auto_sync
    jobs = [job_shapes.job_shown(one, tenant_id) for one in found]
    return _answer({"work": job_shapes.work_shown(work, automatic), "jobs": jobs})


@router.get("/dead-letters", response_model=job_shapes.RunsAnswer, responses=refusals(400, 401, 403, 404))
def dead_letters(visitor: Member, parts: Parts, limit: Limit = 50) -> Response:
    """Runs that have failed as often as they may and that no later run stands for, the newest first."""
    tenant_id = visitor.tenant.tenant_id
    with parts.database.connect(tenant_id) as conn:
        found = standing.dead_letters(conn, tenant_id, limit=limit)
    return _answer([job_shapes.run_shown(run, tenant_id) for run in found])


@router.get("/next-runs", response_model=job_shapes.NextRunsAnswer, responses=refusals(400, 401, 403, 404))
def next_runs(
    visitor: Member,
    cron: Annotated[str, Query(max_length=100, description="Five fields, or six with seconds first.")],
    timezone: Annotated[str, Query(max_length=60, description="An IANA name such as Europe/London.")] = "UTC",
) -> Response:
    """When a schedule would have a job run next; nothing is changed."""
    calendar.check(cron, timezone)
    calendar.check_pace(cron, timezone)
    return _answer([instant(at) for at in calendar.upcoming(cron, timezone, datetime.now(UTC))])


@router.get("/runs/{job_run}", response_model=job_shapes.RunAnswer, responses=refusals(400, 401, 403, 404))
def run(visitor: Member, parts: Parts, job_run: UUID) -> Response:
    """One run, also while it is under way."""
    tenant_id = visitor.tenant.tenant_id
    with parts.database.connect(tenant_id) as conn:
        found = standing.find_run(conn, tenant_id, job_run)
    return _answer(job_shapes.run_shown(found, tenant_id))


@router.post(
    "/runs/{job_run}/retry",
    status_code=202,
    response_model=job_shapes.TakenAnswer,
    responses=refusals(400, 401, 403, 404, 409),
)
def retry(visitor: Manager, parts: Parts, job_run: UUID) -> Response:
    """Has one of the shop's runs that has failed or was cancelled tried again."""
    with parts.database.connect(visitor.tenant.tenant_id) as conn:
        taken = ledger.retry(conn, visitor.tenant.tenant_id, str(job_run))
        _note(conn, visitor, "job.retry", taken)
    return _answer({"runId": taken, "joined": False}, 202)


@router.get("/{job}", response_model=job_shapes.JobAnswer, responses=refusals(401, 403, 404))
def one(visitor: Member, parts: Parts, job: str) -> Response:
    """One job; an unknown one is answered with those there are."""
    return _told(parts, visitor, job)


@router.get("/{job}/runs", response_model=job_shapes.RunsAnswer, responses=refusals(400, 401, 403, 404))
def runs(
    visitor: Member,
    parts: Parts,
    job: str,
    status: Annotated[job_shapes.Status | None, Query(description="Only runs of this status.")] = None,
    limit: Limit = 50,
) -> Response:
    """The job's runs on record, the newest first."""
    tenant_id = visitor.tenant.tenant_id
    with parts.database.connect(tenant_id) as conn:
        found = standing.runs(conn, tenant_id, job=find_job(job).name, status=status, limit=limit)
    return _answer([job_shapes.run_shown(run, tenant_id) for run in found])


@router.post(
    "/{job}/trigger", status_code=202, response_model=job_shapes.TakenAnswer, responses=refusals(401, 403, 404)
)
def trigger(visitor: Manager, parts: Parts, job: str) -> Response:
    """Has the job run for the shop, soon. While one is under way, one more follows it; never two at once."""
    with parts.database.connect(visitor.tenant.tenant_id) as conn:
        asked = _enqueue(conn, visitor, job)
        _note(conn, visitor, "job.trigger", job, run=asked.run_id)
    return _answer({"runId": asked.run_id, "joined": asked.joined}, 202)


@router.post("/{job}/stop", response_model=job_shapes.StoppedAnswer, responses=refusals(401, 403, 404))
def stop(visitor: Manager, parts: Parts, job: str) -> Response:
    """Stops the job for the shop: what waits, what is under way, and its schedule until it is started again."""
    tenant_id = visitor.tenant.tenant_id
    with parts.database.connect(tenant_id) as conn:
        stopped = ledger.stop(conn, job, tenant_id)
        schedules.switch(conn, tenant_id, job, False, owner=visitor.name)
        _note(conn, visitor, "job.stop", job)
    return _answer(stopped)


@router.post(
    "/{job}/restart", status_code=202, response_model=job_shapes.TakenAnswer, responses=refusals(401, 403, 404)
)
def restart(visitor: Manager, parts: Parts, job: str) -> Response:
    """Switches the job's schedule on again for the shop, and has it run soon."""
    tenant_id = visitor.tenant.tenant_id
    with parts.database.connect(tenant_id) as conn:
        ledger.stop(conn, job, tenant_id)
        schedules.switch(conn, tenant_id, job, True, owner=visitor.name)
        asked = _enqueue(conn, visitor, job)
        _note(conn, visitor, "job.restart", job, run=asked.run_id)
    return _answer({"runId": asked.run_id, "joined": asked.joined}, 202)


@router.put("/{job}/schedule", response_model=job_shapes.JobAnswer, responses=refusals(400, 401, 403, 404, 413, 422))
def plan(visitor: Manager, parts: Parts, job: str, given: job_shapes.ScheduleWanted) -> Response:
    """Gives the shop a schedule of its own for the job, from now on."""
    wanted = given.model_dump()
    with parts.database.connect(visitor.tenant.tenant_id) as conn:
        schedules.change(conn, visitor.tenant.tenant_id, job, owner=visitor.name, **wanted)
        _note(
            conn, visitor, "job.schedule", job, **{name: value for name, value in wanted.items() if value is not None}
        )
    return _told(parts, visitor, job)


@router.delete("/{job}/schedule", response_model=job_shapes.JobAnswer, responses=refusals(401, 403, 404))
def unplan(visitor: Manager, parts: Parts, job: str) -> Response:
    """Takes the shop's own schedule away: what holds for all shops holds for it again."""
    with parts.database.connect(visitor.tenant.tenant_id) as conn:
        schedules.reset(conn, visitor.tenant.tenant_id, job)
        _note(conn, visitor, "job.schedule.reset", job)
    return _told(parts, visitor, job)


def _enqueue(conn: Connection[Any], visitor: Visitor, job: str) -> ledger.Asked:
    return ledger.enqueue(conn, job, visitor.tenant.tenant_id, trigger="click", triggered_by=visitor.name)


def _told(parts: Instance, visitor: Visitor, job: str) -> Response:
    tenant_id = visitor.tenant.tenant_id
    with parts.database.connect(tenant_id) as conn:
        found = standing.standing(conn, tenant_id, job)
    return _answer(job_shapes.job_shown(found, tenant_id))


def _note(conn: Connection[Any], visitor: Visitor, action: str, subject: str, **details: object) -> None:
    audit.record(conn, visitor.tenant.tenant_id, visitor.name, action, subject, address=visitor.address, **details)


def _answer(data: object, status: int = 200) -> Response:
    return Response(exact_json.dumps({"success": True, "data": data}), status, media_type="application/json")
