"""Is it alive, is it ready, how is it: for load balancers and people who wonder."""

import time

from fastapi import APIRouter, Depends, Response
from pydantic import Field

from tallymark.api import problems
from tallymark.api.instance import VERSION, Instance
from tallymark.api.rest import shapes
from tallymark.api.rest.access import PUBLIC, Parts
from tallymark.api.rest.job_shapes import WorkShape, work_shown
from tallymark.api.rest.shapes import refusals
from tallymark.db import migrations
from tallymark.errors import DatabaseUnavailable, Draining, MigrationError, TallymarkError
from tallymark.model import exact_json
from tallymark.tasks import count_alerts, records, standing

router = APIRouter(tags=["probes"], dependencies=[Depends(PUBLIC)])


@router.get("/livez", response_model=shapes.Alive)
async def livez() -> Response:
    """Touches nothing outside the process: a database that is away is no reason to restart us."""
    return _json({"status": "alive"})


class Ready(shapes.Ready):
    work: WorkShape = Field(description="How the background work stands: no reason to wait either.")


@router.get("/readyz", response_model=Ready, responses=refusals())
def readyz(parts: Parts) -> Response:
    """Whether to send requests here: the database answers, its schema is ours, and the server does not stop.

    Nobody need wait for the shared cache or the replica: without them it is slower, and no more.
    """
    told = _optional(parts)
    try:
        if parts.streams.closing:
            raise Draining
        parts.ready.check(lambda: _look(parts))
    except TallymarkError as failed:
        return problems.of(failed, {"server": "serving", "database": "reachable", **_at_fault(failed), **told})
    told = {"server": "serving", "database": "reachable", "schema": "current", **told}
    return _json({"status": "ready", "parts": told, **parts.noticed})


@router.get("/health", response_model=shapes.Health, responses={503: {"model": shapes.Health}})
def health(parts: Parts) -> Response:
    """Version, uptime, and whether the database can be reached."""
    reachable = parts.reachable.holds(lambda: _reach(parts))
    content = {
        "status": "ok" if reachable else "unavailable",
        "version": VERSION,
        "uptimeSeconds": round(time.monotonic() - parts.started, 1),
        "database": "reachable" if reachable else "unreachable",
    }
    return _json(content, 200 if reachable else 503)


def _optional(parts: Instance) -> dict[str, str]:
    """The parts that there may be."""
    told = {}
    if parts.shared is not None:
        told["sharedCache"] = "away" if parts.shared.away else "reachable"
    if (follower := parts.database.follower) is not None:
        told["replica"] = follower.unfit() or f"{follower.lag or 0.0:.1f} s behind"
    return told


def _at_fault(failed: TallymarkError) -> dict[str, str]:
    match failed:
        case Draining():
            return {"server": "draining"}
        case DatabaseUnavailable():
            return {"database": "unreachable"}
        case MigrationError():
            return {"schema": "of another release"}
    return {"database": "at fault"}


def _look(parts: Instance) -> None:
    _require_schema(parts)
    with parts.database.connect(None, statement_timeout=2.0) as connection:
        parts.noticed["alerts"] = count_alerts(connection)
    with records.engine(parts.database) as connection:
        work = standing.health(connection)
    parts.noticed["work"] = work_shown(work, not parts.settings.disable_auto_sync)


def _require_schema(parts: Instance) -> None:
    with parts.database.owner() as connection:
        missing = migrations.pending(connection, migrations.available())
    if missing:
        raise MigrationError(f"Migration {missing[0].path.name} has not been applied.")


def _reach(parts: Instance) -> None:
    with parts.database.connect(None, statement_timeout=2.0) as connection:
        connection.execute("SELECT 1")


def _json(content: object, status: int = 200) -> Response:
    return Response(exact_json.dumps(content), status, media_type="application/json")
