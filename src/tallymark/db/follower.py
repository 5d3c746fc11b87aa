"""Whether the replica keeps up: it is asked a few times a second whether it has come as far as the primary just was.

How far it is behind is thus known by one clock, ours, also while it is cut off and thinks that it has everything.
"""

import threading
import time
from collections.abc import Callable

import psycopg

from tallymark.errors import TallymarkError

EVERY = 0.25
"""Seconds between two looks."""


class Follower:
    """What is known of the replica. Looks begin with the first question."""

    def __init__(self, written: Callable[[], str], replayed: Callable[[str], tuple[bool, bool]], most: float) -> None:
        self._written = written
        self._replayed = replayed
        self._most = most
        self._mark: tuple[float, str] | None = None
        self._current: float | None = None
        self._reason: str | None = "unknown"
        self._stopping = threading.Event()
        self._starting = threading.Lock()
        self._thread: threading.Thread | None = None

    @property
    def lag(self) -> float | None:
        """Seconds since it was last known to have everything; None: never."""
        return None if self._current is None else time.monotonic() - self._current

    def unfit(self) -> str | None:
        """Why nobody should read there: `unknown`, `away`, `promoted` or `lag`; None where they may."""
        if self._thread is None:
            self._start()
        if self._reason is not None:
            return self._reason
        lag = self.lag
        return "lag" if lag is None or lag > self._most else None

    def stop(self) -> None:
        self._stopping.set()
        if self._thread is not None:
            self._thread.join(5)

    def _start(self) -> None:
        with self._starting:
            if self._thread is None:
                self._thread = threading.Thread(target=self._follow, name="follower", daemon=True)
                self._thread.start()

    def _follow(self) -> None:
        while not self._stopping.is_set():
            self.look()
            self._stopping.wait(EVERY)

    def look(self) -> None:
        """One look. A mark is set on the primary, and crossed off once the replica has come so far."""
        try:
            if self._mark is None:
                self._mark = (time.monotonic(), self._written())
            at, written = self._mark
            follows, reached = self._replayed(written)
        except (TallymarkError, psycopg.Error):
            self._reason = "away"
            return
        if reached:
            self._current = at
            self._mark = None
        self._reason = None if follows else "promoted"
