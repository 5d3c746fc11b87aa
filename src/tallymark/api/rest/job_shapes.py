"""What is told of jobs: the shapes, for the document, and how each is filled in."""

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from tallymark.api.rest.shapes import Shape
from tallymark.model import instant
from tallymark.tasks import schedules, standing

Status = Literal["scheduled", "running", "completed", "failed", "cancelled"]
Missed = Literal["skip", "once"]


class RunShape(Shape):
    """One run. What a run for all shops has met is not told to one of them."""

    run_id: UUID
    job: str
    all_shops: bool = Field(description="Whether it is for all shops at once.")
    trigger: Literal["click", "clock", "event", "command"]
    triggered_by: str
    status: Status
    attempt: int = Field(description="How often it was tried so far.")
    due_at: datetime
    started_at: datetime | None
    ended_at: datetime | None
    duration_ms: float | None
    progress: dict[str, Any] | None
    result: dict[str, Any] | None
    error: str | None


class ScheduleShape(Shape):
    """When a job runs by itself. `own`: the shop has a schedule of its own for it."""

    cron: str = Field(description="Five fields, or six with seconds first.")
    timezone: str
    missed: Missed = Field(description="Due times at which nobody worked are made up for once, or skipped.")
    enabled: bool
    own: bool
    owner: str = Field(description="Who set it; `default` is the declaration.")
    last_due_at: datetime | None
    next_runs: list[datetime] = Field(description="The next three due times; none where it is switched off.")


class MetricsShape(Shape):
    """Of the runs on record, which are those of the last days."""

    total: int
    successful: int
    failed: int
    average_ms: float | None


class JobShape(Shape):
    id: str
    description: str
    priority: Literal["high", "normal", "low"]
    time_limit_seconds: float
    attempts: int
    status: Status | None = Field(description="Null where it has never run and nothing has it run.")
    schedule: ScheduleShape | None
    last_run: RunShape | None
    metrics: MetricsShape


class WorkShape(Shape):
    """Whether somebody works, and whether they keep up."""

    automatic: bool = Field(description="False where DISABLE_AUTO_SYNC is set here: nothing is started by the clock.")
    ticking: bool = Field(description="Whether somebody sees to what is due.")
    workers: int
    last_tick: datetime | None
    waiting: int
    running: int
    oldest_overdue_seconds: float | None
    dead_letters: int


class Jobs(Shape):
    work: WorkShape
    jobs: list[JobShape]


class JobsAnswer(Shape):
    success: Literal[True]
    data: Jobs


class JobAnswer(Shape):
    success: Literal[True]
    data: JobShape


class RunsAnswer(Shape):
    success: Literal[True]
    data: list[RunShape]


class RunAnswer(Shape):
    success: Literal[True]
    data: RunShape


class NextRunsAnswer(Shape):
    success: Literal[True]
    data: list[datetime] = Field(description="The next three due times.")


class Taken(Shape):
    run_id: UUID
    joined: bool = Field(description="A run that waited already serves this call too.")


class TakenAnswer(Shape):
    success: Literal[True]
    data: Taken


class Stopped(Shape):
    cancelled: list[UUID] = Field(description="Runs that waited.")
    stopping: list[UUID] = Field(description="Runs under way, which end within seconds.")


class StoppedAnswer(Shape):
    success: Literal[True]
    data: Stopped


class ScheduleWanted(BaseModel):
    """What is left out stays as it is."""

    model_config = ConfigDict(extra="forbid")

    cron: str | None = Field(None, max_length=100)
    timezone: str | None = Field(None, max_length=60, description="An IANA name such as Europe/London.")
    missed: Missed | None = None
    enabled: bool | None = None


def work_shown(found: standing.Health, automatic: bool) -> dict[str, Any]:
    return {
        "automatic": automatic,
        "ticking": found.ticking,
        "workers": found.workers,
        "lastTick": instant(found.last_tick),
        "waiting": found.waiting,
        "running": found.running,
        "oldestOverdueSeconds": found.oldest_overdue,
        "deadLetters": found.dead_letters,
    }


def job_shown(found: standing.Standing, tenant_id: int) -> dict[str, Any]:
    job = found.job
    return {
        "id": job.name,
        "description": job.description,
        "priority": job.priority,
        "timeLimitSeconds": job.time_limit,
        "attempts": job.attempts,
        "status": found.status,
        "schedule": _schedule_shown(found.schedule) if found.schedule else None,
        "lastRun": run_shown(found.last_run, tenant_id) if found.last_run else None,
        "metrics": {
            "total": found.total,
            "successful": found.successful,
            "failed": found.failed,
            "averageMs": found.average_ms,
        },
    }


def run_shown(run: standing.Run, tenant_id: int) -> dict[str, Any]:
    own = run.tenant_id == tenant_id
    return {
        "runId": run.run_id,
        "job": run.job,
        "allShops": not own,
        "trigger": run.trigger,
        "triggeredBy": run.triggered_by if own else "schedule" if run.trigger == "clock" else "the installation",
        "status": run.status,
        "attempt": run.attempt,
        "dueAt": instant(run.due_at),
        "startedAt": instant(run.started_at),
        "endedAt": instant(run.ended_at),
        "durationMs": run.ms,
        "progress": run.progress if own else None,
        "result": run.result if own else None,
        "error": run.error if own else None,
    }


def _schedule_shown(schedule: schedules.Schedule) -> dict[str, Any]:
    return {
        "cron": schedule.cron,
        "timezone": schedule.timezone,
        "missed": schedule.missed,
        "enabled": schedule.enabled,
        "own": schedule.own,
        "owner": schedule.owner if schedule.own or schedule.owner == "default" else "the installation",
        "lastDueAt": instant(schedule.last_at),
        "nextRuns": [instant(at) for at in schedule.upcoming],
    }
