"""The jobs: everything that is done in the background, each declared once, here.

A job's body is a plain function of `Work` that returns what is worth recording. It runs in a process of its own, so it
may take long, fail or die without harm to anything else; and it may be run again after it was interrupted, so doing it
twice must come to the same as doing it once.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

from tallymark.errors import UnknownJob
from tallymark.tasks import archiving, housekeeping, nightly, ready, rounds
from tallymark.tasks.work import Work

Priority = Literal["high", "normal", "low"]
Missed = Literal["skip", "once"]
PRIORITIES: tuple[Priority, ...] = ("high", "normal", "low")


@dataclass(frozen=True, slots=True)
class Clock:
    """When a job runs unless somebody says otherwise.

    `cron` has five fields, or six with seconds first. `missed` says what becomes of due times at which nobody worked:
    they are made up for once, or skipped.
    """

    cron: str
    timezone: str = "UTC"
    missed: Missed = "once"


@dataclass(frozen=True, slots=True)
class Job:
    """One kind of background work.

    An attempt that takes longer than `time_limit` seconds is ended. `attempts` counts the first one too; the pauses
    between them grow. What has failed so often stays as a dead letter until somebody has it tried again.
    """

    name: str
    body: Callable[[Work], Mapping[str, object]]
    description: str
    priority: Priority = "normal"
    time_limit: float = 600.0
    attempts: int = 3
    clock: Clock | None = None


_ALL = (
    Job(
        "refresh",
        ready.refresh_tenants,
        "Counts what has changed and publishes it.",
        priority="high",
        time_limit=3600,
        attempts=5,
    ),
    Job(
        "wake",
        rounds.wake,
        "Counts what has just changed: the first of it at once, what follows every few seconds.",
        priority="high",
        time_limit=3600,
        attempts=1,
    ),
    Job(
        "cycle",
        rounds.go_round,
        "For every shop: fetches what is new at its sources and refreshes whose figures wait for it.",
        time_limit=7200,
        clock=Clock("0 */2 * * *"),
    ),
    Job(
        "cache_refresh",
        ready.refresh_tenants,
        "Brings the figures of every shop up to date, where anything has changed or a day has passed.",
        time_limit=3600,
        clock=Clock("0 * * * *"),
    ),
    Job(
        "user_growth",
        ready.keep_ready("user_growth"),
        "Keeps sign-ups of the last 6, 12 and 24 months ready.",
        clock=Clock("*/10 * * * *", missed="skip"),
    ),
    Job(
        "activity_trends",
        ready.keep_ready("activity_trends"),
        "Keeps activity of the last 7, 14 and 30 days ready.",
        clock=Clock("*/5 * * * *", missed="skip"),
    ),
    Job(
        "top_items",
        ready.keep_ready("top_items"),
        "Keeps the 10, 20 and 50 items with the most activity ready.",
        clock=Clock("*/15 * * * *", missed="skip"),
    ),
    Job(
        "recent_activity",
        ready.keep_ready("recent_activity"),
        "Keeps the latest 10 and 20 events ready.",
        priority="high",
        clock=Clock("*/2 * * * *", missed="skip"),
    ),
    Job(
        "performance_metrics",
        ready.measure,
        "Looks how current the figures are and how much waits to be counted.",
        time_limit=60,
        attempts=1,
        clock=Clock("*/30 * * * * *", missed="skip"),
    ),
    Job(
        "cache_clean_up",
        ready.clean_up,
        "Removes what is of no use any more: the progress of runs, records of jobs done long ago.",
        priority="low",
        clock=Clock("7 * * * *", missed="skip"),
    ),
    Job(
        "upkeep",
        housekeeping.do_upkeep,
        "Makes room for the months to come and renews statistics.",
        priority="low",
        clock=Clock("30 0 * * *"),
    ),
    Job(
        "integrity_check",
        nightly.do_check,
        "Recounts some shops in full, whoever waited longest first; a figure that differs is an alert.",
        priority="low",
        time_limit=14_400,
        clock=Clock("0 4 * * *"),
    ),
    Job(
        "clean_up",
        housekeeping.do_clean_up,
        "Removes records that are older than they have to be kept.",
        priority="low",
        time_limit=3600,
        clock=Clock("0 5 * * SUN"),
    ),
    Job(
        "archive",
        archiving.do_archive,
        "Puts order lines older than two years, or than the day that is named, into files; every figure stays.",
        priority="low",
        time_limit=14_400,
    ),
    Job(
        "daily_summary",
        ready.keep_ready("daily_summary"),
        "Keeps the summary of each day ready.",
        clock=Clock("0 1 * * *"),
    ),
    Job(
        "product_performance",
        ready.keep_ready("product_performance", "top_products"),
        "Keeps the products' figures ready.",
        priority="low",
        clock=Clock("0 2 * * *"),
    ),
    Job(
        "customer_metrics",
        ready.keep_ready("customer_segments", "customer_lifetime_value", "customer_retention", "customer_insights"),
        "Keeps the customers' figures ready.",
        priority="low",
        clock=Clock("0 3 * * *"),
    ),
)

JOBS: Mapping[str, Job] = {job.name: job for job in _ALL}


def find_job(name: str) -> Job:
    """The job of this name. Raises UnknownJob, which lists those there are."""
    if name not in JOBS:
        raise UnknownJob(
            f"There is no job {name[:80]!r}.", hint=f"One of {', '.join(JOBS)}.", details={"jobs": list(JOBS)}
        )
    return JOBS[name]
