"""How this installation performs for one shop: its own requests and queries, and sums that tell nothing of others."""

import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Response
from pydantic import BaseModel, ConfigDict, Field

from tallymark.api import audit
from tallymark.api.instance import Instance
from tallymark.api.monitor import Told
from tallymark.api.rest import performance_shapes as shapes
from tallymark.api.rest.access import ADMINS, MANAGERS, Parts, Visitor
from tallymark.api.rest.shapes import refusals
from tallymark.api.standing import SQL
from tallymark.errors import NotFound
from tallymark.model import exact_json, instant
from tallymark.monitoring import Slow, Tally, percentile, together
from tallymark.results import Timing, timings


def measured(parts: Parts) -> None:
    """Raises NotFound where monitoring is switched off."""
    if not parts.settings.monitoring:
        raise NotFound("Nothing is measured here.", hint="Set ENABLE_ANALYTICS_MONITORING=true.")


router = APIRouter(prefix="/api/performance", tags=["monitoring"], dependencies=[Depends(measured)])


class Clearing(BaseModel):
    model_config = ConfigDict(extra="forbid")

    pattern: str = Field(
        "*", min_length=1, max_length=100, pattern=r"^[a-z0-9_*?]+$", description="Metrics by name: `sales_*`."
    )


@router.get("/metrics", response_model=shapes.PerformanceAnswer, responses=refusals(401, 403, 404))
def metrics(visitor: Annotated[Visitor, Depends(ADMINS)], parts: Parts) -> Response:
    """Response times of this shop's requests by endpoint, and how long each of its metrics takes to work out."""
    tenant, told = visitor.tenant.tenant_id, parts.monitor.all()
    with parts.database.connect(tenant) as conn:
        found = timings(conn, tenant, datetime.now(UTC))
    tallies = _of(told, tenant)
    whole = Tally(tenant, "", "")
    for tally in tallies:
        whole.absorb(tally)
    living = [one for one in told if one.alive]
    data = {
        "uptimeSeconds": round(max(one.uptime for one in living), 1),
        "memoryBytes": sum(one.memory for one in living),
        "processes": len(living),
        "thresholdMs": parts.settings.slow_query_threshold_ms,
        "requests": _times(whole),
        "endpoints": [
            {"method": tally.method, "route": tally.route, **_times(tally)}
            for tally in sorted(tallies, key=lambda tally: -tally.count)
        ],
        "metrics": [_timing(timing) for timing in found],
        "alerts": [timing.metric for timing in found if timing.slow],
    }
    return _answer({"data": data})


@router.get("/cache", response_model=shapes.CacheAnswer, responses=refusals(401, 403, 404))
def cache(visitor: Annotated[Visitor, Depends(ADMINS)], parts: Parts) -> Response:
    """Where this shop's answers were found."""
    outcomes: dict[tuple[str, str], int] = {}
    for tally in _of(parts.monitor.all(), visitor.tenant.tenant_id):
        for key, count in tally.outcomes.items():
            outcomes[key] = outcomes.get(key, 0) + count
    every = sum(outcomes.values())
    missed = sum(count for (_, outcome), count in outcomes.items() if outcome == "miss")
    entries, kept = parts.answers.part(visitor.tenant.tenant_id)
    data = {
        "requests": every,
        "hitRatio": round((every - missed) / every, 4) if every else None,
        "tiers": [
            {"tier": tier, "result": outcome, "count": count, "share": round(count / every, 4)}
            for (tier, outcome), count in sorted(outcomes.items())
        ],
        "memoryEntries": entries,
        "memoryBytes": kept,
        "memoryLimitBytes": parts.answers.memory.most,
        "shared": "none" if parts.shared is None else "away" if parts.shared.away else "up",
    }
    return _answer({"data": data})


@router.get("/database", response_model=shapes.DatabaseAnswer, responses=refusals(401, 403, 404))
def database(visitor: Annotated[Visitor, Depends(ADMINS)], parts: Parts) -> Response:
    """How busy the database is, and this shop's slow queries."""
    tenant = visitor.tenant.tenant_id
    with parts.database.connect(tenant) as conn:
        row = conn.execute(SQL.activity).fetchone()
    assert row is not None
    names = (
        "sizeBytes", "connections", "mostConnections", "deadRows", "oldestTransactionSeconds", "longestWaitSeconds",
    )  # fmt: skip
    slow = [one for told in parts.monitor.all() for one in told.slow if one.tenant_id == tenant]
    data = {
        **dict(zip(names, row, strict=True)),
        "pools": [
            {
                "pool": name, "used": usage.used, "idle": usage.idle, "most": usage.most, "waiting": usage.waiting,
            }
            for name, usage in parts.database.usage().items()
        ],
        "thresholdMs": parts.settings.slow_query_threshold_ms,
        "slowQueries": [_slow(one) for one in sorted(slow, key=lambda one: -one.ended)],
    }  # fmt: skip
    return _answer({"data": data})


@router.post(
    "/cache/clear",
    response_model=shapes.Cleared,
    responses=refusals(401, 403, 404, 413, 422),
    summary="Clear the cache",
)
def clear(visitor: Annotated[Visitor, Depends(MANAGERS)], parts: Parts, what: Clearing | None = None) -> Response:
    """Every process of every instance forgets this shop's answers of the metrics that the pattern names, or all.

    Figures are never wrong for being in the cache: this costs time and is good for nothing but finding that out.
    """
    pattern = (what or Clearing()).pattern
    cleared = parts.answers.forget(visitor.tenant.tenant_id, pattern)
    _note(parts, visitor, pattern)
    return _answer({"pattern": pattern, "cleared": cleared})


def _note(parts: Instance, visitor: Visitor, pattern: str) -> None:
    with parts.database.connect(visitor.tenant.tenant_id) as conn:
        audit.record(
            conn, visitor.tenant.tenant_id, visitor.name, "cache.clear", pattern, address=visitor.address
        )  # fmt: skip


def _of(told: Sequence[Told], tenant_id: int) -> list[Tally]:
    """The shop's own, of all processes."""
    return together(tally for one in told for tally in one.tallies if tally.tenant_id == tenant_id)


def _times(tally: Tally) -> dict[str, Any]:
    return {
        "count": tally.count,
        "errors": tally.classes[5],
        "refused": tally.classes[4],
        "p50Ms": _percentile(tally, 0.5),
        "p95Ms": _percentile(tally, 0.95),
        "maxMs": _milliseconds(tally.longest),
    }


def _percentile(tally: Tally, share: float) -> float | None:
    """Told by the upper end of a step of the histogram; no percentile is above the longest."""
    found = percentile(tally.times, share)
    return None if found is None else _milliseconds(min(found, tally.longest))


def _milliseconds(seconds: float | None) -> float | None:
    return None if seconds is None else round(seconds * 1000, 3)


def _timing(timing: Timing) -> dict[str, Any]:
    return {
        "metric": timing.metric,
        "evaluations": timing.evaluations,
        "averageMs": round(timing.average_ms, 3),
        "longestMs": round(timing.longest_ms, 3),
        "slow": timing.slow,
    }


def _slow(slow: Slow) -> dict[str, Any]:
    return {
        "at": instant(datetime.now(UTC) - timedelta(seconds=time.monotonic() - slow.ended)),
        "name": slow.name,
        "statement": slow.statement,
        "metric": slow.metric,
        "milliseconds": slow.milliseconds,
        "parameters": slow.parameters,
        "failed": slow.failed,
    }


def _answer(content: dict[str, Any]) -> Response:
    return Response(exact_json.dumps({"success": True, **content}), media_type="application/json")
