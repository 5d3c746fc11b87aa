"""What people read: the current answers, their history and their age."""

from tallymark.results.freshness import Publication, freshness, publication
from tallymark.results.history import Snapshot, history, snapshot_history
from tallymark.results.platforms import platforms_of, require_platform
from tallymark.results.stored import Stored, keep_last_good, outdate, publish, read, read_many, retire, stored_windows
from tallymark.results.timings import Timing, note_timings, timings

__all__ = [
    "Publication",
    "Snapshot",
    "Stored",
    "Timing",
    "freshness",
    "history",
    "keep_last_good",
    "note_timings",
    "outdate",
    "platforms_of",
    "publication",
    "publish",
    "read",
    "read_many",
    "require_platform",
    "retire",
    "snapshot_history",
    "stored_windows",
    "timings",
]
