"""What is done when somebody asks, the clock strikes or data arrives: each task is one call to a door below."""

from tallymark.tasks.counts import LiveCounts, live_counts
from tallymark.tasks.flights import Flights
from tallymark.tasks.integrity import Integrity, check_integrity
from tallymark.tasks.refresh import LOCK_CLASS, refresh
from tallymark.tasks.run import STEPS
from tallymark.tasks.runs import Outcome, Progress

__all__ = [
    "LOCK_CLASS",
    "STEPS",
    "Flights",
    "Integrity",
    "LiveCounts",
    "Outcome",
    "Progress",
    "check_integrity",
    "live_counts",
    "refresh",
]
