"""What is done when somebody asks, the clock strikes or data arrives: each task is one call to a door below."""

from tallymark.tasks import calendar, ledger, records, schedules, standing
from tallymark.tasks.alerts import Alert, count_alerts, open_alerts, raise_alert, resolve_alert
from tallymark.tasks.archiving import archive_orders, beginning_of, restore_orders
from tallymark.tasks.counts import LiveCounts, live_counts
from tallymark.tasks.cycle import Client, Cycle, clients, cycle, note_unchanged
from tallymark.tasks.events import Event, Taken, take_events
from tallymark.tasks.flights import Flights
from tallymark.tasks.housekeeping import clean_up, upkeep
from tallymark.tasks.integrity import Integrity, check_integrity
from tallymark.tasks.jobs import JOBS, Clock, Job, find_job
from tallymark.tasks.refresh import refresh
from tallymark.tasks.run import STEPS
from tallymark.tasks.runs import DIED, LOCK_CLASS, Outcome, Progress
from tallymark.tasks.wakeups import Claim, serve, take_on, wake
from tallymark.tasks.watch import watch
from tallymark.tasks.work import Interrupted, Work

__all__ = [
    "DIED",
    "JOBS",
    "LOCK_CLASS",
    "STEPS",
    "Alert",
    "Claim",
    "Client",
    "Clock",
    "Cycle",
    "Event",
    "Flights",
    "Integrity",
    "Interrupted",
    "Job",
    "LiveCounts",
    "Outcome",
    "Progress",
    "Taken",
    "Work",
    "archive_orders",
    "beginning_of",
    "calendar",
    "check_integrity",
    "clean_up",
    "clients",
    "count_alerts",
    "cycle",
    "find_job",
    "ledger",
    "live_counts",
    "note_unchanged",
    "open_alerts",
    "raise_alert",
    "records",
    "refresh",
    "resolve_alert",
    "restore_orders",
    "schedules",
    "serve",
    "standing",
    "take_events",
    "take_on",
    "upkeep",
    "wake",
    "watch",
]
