"""The answers that a refresh keeps ready: which of them are due, their evaluation, and where they go."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from time import perf_counter
from typing import Any

import psycopg
import structlog
from psycopg import Connection

from tallymark import results
from tallymark.errors import MetricFailed
from tallymark.metrics import Plan, Result, evaluate, evaluate_each, prewarmed
from tallymark.model import ALL_PLATFORMS
from tallymark.monitoring import VALUES
from tallymark.tasks.run import Run, ms_since
from tallymark.tasks.runs import SQL

Evaluated = tuple[Plan, Result | Exception]

log = structlog.get_logger("tallymark.refresh")


@dataclass(frozen=True, slots=True)
class Due:
    """What must be evaluated: `published` within the refresh's own transaction, `after` once that is committed.

    Of the metrics that are published, only the answer about all platforms makes whoever clicked wait.
    """

    published: tuple[Plan, ...]
    after: tuple[Plan, ...]


def due(run: Run, conn: Connection[Any]) -> Due:
    """The questions whose inputs changed or whose window moved; those that nobody keeps ready any more are retired."""
    stored = results.stored_windows(conn, run.tenant.tenant_id, run.catalog)
    counted = conn.execute(SQL.platforms, {"tenant": run.tenant.tenant_id}).fetchall()
    # A platform whose last order is gone still has answers to bring up to date.
    known = {name for (name,) in counted} | {platform for _, platform, _ in stored}
    run.platforms = (ALL_PLATFORMS, *sorted(known - {ALL_PLATFORMS}))
    declared = [
        plan for name in run.catalog for plan in prewarmed(run.catalog, name, ALL_PLATFORMS, run.tenant, run.now)
    ]
    plans = [plan.about(platform) for platform in run.platforms for plan in declared]
    kept = {(plan.name, plan.platform, plan.parameters): plan for plan in plans}
    results.retire(conn, run.tenant.tenant_id, stored.keys() - kept.keys())
    waiting = [plan for question, plan in kept.items() if run.concerns(plan) or stored.get(question) != plan.resolved]
    return Due(
        published=tuple(plan for plan in waiting if _is_published(plan)),
        after=tuple(plan for plan in waiting if not _is_published(plan)),
    )


def _is_published(plan: Plan) -> bool:
    return plan.metric.ready == "published" and plan.platform == ALL_PLATFORMS


def evaluate_all(run: Run, conn: Connection[Any], plans: Iterable[Plan]) -> list[Evaluated]:
    """A broken metric stops neither the others nor the refresh: where one fails, each is done anew by itself."""
    plans = list(plans)
    try:
        with conn.transaction():
            evaluated = list(zip(plans, evaluate_each(conn, plans, prepare=True), strict=True))
    except (MetricFailed, psycopg.Error):
        if conn.closed:
            raise
        return [(plan, evaluate_alone(run, conn, plan)) for plan in plans]
    for plan, result in evaluated:
        _note(run, plan, result, result.computation_ms)
    return [*evaluated]


def evaluate_alone(run: Run, conn: Connection[Any], plan: Plan) -> Result | Exception:
    """Under a savepoint of its own, which a failure ends."""
    began = perf_counter()
    try:
        with conn.transaction():
            outcome: Result | Exception = evaluate(conn, plan)
    except (MetricFailed, psycopg.Error) as failed:
        if conn.closed:
            raise
        outcome = failed
        log.warning(
            "metric failed", tenant=run.tenant.slug, metric=plan.name, platform=plan.platform, error=str(failed)
        )
    _note(run, plan, outcome, ms_since(began))
    return outcome


def _note(run: Run, plan: Plan, outcome: Result | Exception, took: float) -> None:
    """Adds to the record of the run."""
    record = run.metrics.setdefault(plan.name, {"status": "completed", "computation_ms": 0.0})
    record["computation_ms"] = round(float(str(record["computation_ms"])) + took, 3)
    if took > run.slow_ms:
        log.warning("metric is slow", tenant=run.tenant.slug, metric=plan.name, computation_ms=took)
    if isinstance(outcome, Exception):
        record |= {"status": "failed", "error": str(outcome)}
        VALUES.count("metric_failures_total", plan.name)


def store(run: Run, conn: Connection[Any], evaluated: Iterable[Evaluated], through: Mapping[str, datetime]) -> None:
    """Good results become the stored answers of the run's version; where one failed, the last good one stays."""
    latest = {**through, ALL_PLATFORMS: max(through.values(), default=None)}
    good: list[tuple[Plan, Result]] = []
    for plan, result in evaluated:
        if isinstance(result, Exception):
            results.keep_last_good(conn, run.tenant, plan, result, run.now)
        else:
            good.append((plan, result))
    dated = ((plan, result, latest.get(plan.platform)) for plan, result in good)
    results.publish(conn, run.tenant, dated, version=run.version, now=run.now)
    results.snapshot_history(conn, run.tenant, good, version=run.version, now=run.now)
    assert run.snapshot_at is not None
    took = [(plan.name, result.computation_ms) for plan, result in good]
    results.note_timings(conn, run.tenant.tenant_id, took, now=run.snapshot_at, slow_ms=run.slow_ms)


def data_through(run: Run, conn: Connection[Any]) -> dict[str, datetime]:
    """The latest instant of each platform's data."""
    names = [name for name in run.platforms if name != ALL_PLATFORMS]
    asked = {"tenant": run.tenant.tenant_id, "now": run.now, "platforms": names}
    rows = conn.execute(SQL.data_through, asked, prepare=True)  # It is quicker read than planned.
    return {name: at for name, at in rows if at is not None}
