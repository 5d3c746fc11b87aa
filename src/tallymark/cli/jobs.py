"""`tallymark jobs …`: what runs by itself, for one tenant or, without one, for all of them together."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from psycopg import Connection

from tallymark.cli import terminal
from tallymark.cli.installation import Installation, installation
from tallymark.cli.status import seen_to
from tallymark.cli.tables import show
from tallymark.errors import BadQuestion
from tallymark.model import exact_json
from tallymark.tasks import find_job, ledger, records, schedules, standing

BY = "command line"
LONGEST = 120


def list_jobs(slug: str | None, *, as_json: bool) -> int:
    with installation() as here, _engine(here) as conn:
        tenant = here.tenant(slug).tenant_id if slug else None
        found = standing.standings(conn, tenant)
        if as_json:
            for one in found:
                terminal.result(exact_json.dumps(_job(one)))
            return 0
        health = standing.health(conn)
    show(("job", "status", "schedule", "next run", "runs", "failed", "average s"), [_row(one) for one in found])
    terminal.note(
        f"{seen_to(health)}. {health.workers} at work, {health.running} under way, {health.waiting} waiting,"
        f" {health.dead_letters} dead letters."
    )
    return 0


def trigger(job: str, slug: str | None) -> int:
    with installation() as here, _engine(here) as conn:
        asked = ledger.enqueue(conn, job, _number(here, slug), trigger="command", triggered_by=BY)
        health = standing.health(conn)
    terminal.result(asked.run_id)
    if not health.workers:
        terminal.note("Nobody works: it waits for tallymark work, or tallymark serve.")
    return 0


def stop(job: str, slug: str | None) -> int:
    with installation() as here, _engine(here) as conn:
        number = _number(here, slug)
        stopped = ledger.stop(conn, job, number)
        schedules.switch(conn, number, job, False, owner=BY)
    terminal.note(
        f"{job} is stopped: {len(stopped['cancelled'])} waiting runs are cancelled,"
        f" {len(stopped['stopping'])} under way end within seconds."
    )
    return 0


def restart(job: str, slug: str | None) -> int:
    with installation() as here, _engine(here) as conn:
        number = _number(here, slug)
        ledger.stop(conn, job, number)
        schedules.switch(conn, number, job, True, owner=BY)
        terminal.result(ledger.enqueue(conn, job, number, trigger="command", triggered_by=BY).run_id)
    return 0


def plan(
    job: str, slug: str | None, cron: str | None, timezone: str | None, missed: str | None, enabled: bool | None,
    *, reset: bool,
) -> int:  # fmt: skip
    if missed not in (None, "skip", "once"):
        raise BadQuestion(f"--missed is skip or once, not {missed!r}.")
    policy: Literal["skip", "once"] | None = missed  # type: ignore[assignment]
    with installation() as here, _engine(here) as conn:
        number = _number(here, slug)
        if reset:
            schedules.reset(conn, number, job)
        elif (cron, timezone, missed, enabled) != (None,) * 4:
            schedules.change(conn, number, job, owner=BY, cron=cron, timezone=timezone, missed=policy, enabled=enabled)
        found = standing.standing(conn, number or None, job).schedule
    if found is None:
        terminal.note(f"{job} has no schedule: it runs when it is asked for.")
        return 0
    state, late = "on" if found.enabled else "off", "made up for once" if found.missed == "once" else "skipped"
    terminal.result(f"{job}: {found.cron} ({found.timezone}), {state}; missed times are {late}; set by {found.owner}")
    for at in found.upcoming:
        terminal.result(f"  next {at:%Y-%m-%d %H:%M:%S} UTC")
    return 0


def list_runs(job: str | None, slug: str | None, *, dead: bool, limit: int, as_json: bool) -> int:
    with installation() as here, _engine(here) as conn:
        tenant = here.tenant(slug).tenant_id if slug else None
        if dead:
            found = standing.dead_letters(conn, tenant, limit=limit)
        else:
            found = standing.runs(conn, tenant, job=find_job(job).name if job else None, limit=limit)
    if as_json:
        for run in found:
            terminal.result(exact_json.dumps(_printable(asdict(run))))
        return 0
    show(
        ("run", "job", "tenant", "status", "attempt", "started", "seconds", "what came of it"),
        [
            (
                run.run_id, run.job, run.tenant or "all", run.status, run.attempt, run.started_at,
                round(run.ms / 1000, 2) if run.ms is not None else None, _outcome(run),
            )
            for run in found
        ],
    )  # fmt: skip
    return 0


def retry(run: str) -> int:
    try:
        number = UUID(run)
    except ValueError:
        raise BadQuestion(f"{run!r} is not the id of a run.", hint="Run: tallymark jobs runs --dead") from None
    with installation() as here, _engine(here) as conn:
        found = standing.find_run(conn, None, number)
        terminal.result(ledger.retry(conn, found.tenant_id, found.run_id))
    return 0


@contextmanager
def _engine(here: Installation) -> Iterator[Connection[Any]]:
    with records.engine(here.database) as conn:
        schedules.define(conn)
        yield conn


def _number(here: Installation, slug: str | None) -> int:
    return here.tenant(slug).tenant_id if slug else records.EVERYBODY


def _outcome(run: standing.Run) -> str | None:
    """What went wrong, or what it noted: nothing is said of what there was none of."""
    noted = {name: value for name, value in (run.result or {}).items() if value}
    told = run.error or (exact_json.dumps(noted) if noted else None)
    return told if told is None or len(told) <= LONGEST else f"{told[: LONGEST - 1]}…"


def _row(found: standing.Standing) -> tuple[object, ...]:
    schedule, average = found.schedule, found.average_ms
    planned = f"{schedule.cron} {schedule.timezone}" if schedule else "when asked for"
    due = schedule.upcoming[0] if schedule and schedule.upcoming else "switched off" if schedule else None
    seconds = round(average / 1000, 2) if average is not None else None
    return (found.job.name, found.status, planned, due, found.total, found.failed, seconds)


def _job(found: standing.Standing) -> dict[str, Any]:
    return {
        "id": found.job.name,
        "description": found.job.description,
        "status": found.status,
        "schedule": _printable(asdict(found.schedule)) if found.schedule else None,
        "last_run": _printable(asdict(found.last_run)) if found.last_run else None,
        "metrics": {
            "total": found.total,
            "successful": found.successful,
            "failed": found.failed,
            "average_ms": found.average_ms,
        },
    }


def _printable(value: Any) -> Any:
    if isinstance(value, datetime):
        return exact_json.instant(value)
    if isinstance(value, dict):
        return {name: _printable(part) for name, part in value.items()}
    return [_printable(part) for part in value] if isinstance(value, list | tuple) else value
