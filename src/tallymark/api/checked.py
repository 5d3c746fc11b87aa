"""A check that many may ask for and that is made once a second: probes must not become load."""

import threading
import time
from collections.abc import Callable

from tallymark.errors import TallymarkError


class Checked:
    """Remembers for a moment how a check went."""

    def __init__(self, seconds: float = 1.0) -> None:
        self._seconds = seconds
        self._until = 0.0
        self._failure: TallymarkError | None = None
        self._lock = threading.Lock()

    def check(self, attempt: Callable[[], None]) -> None:
        """Raises what the attempt raised, now or a moment ago."""
        with self._lock:
            if time.monotonic() >= self._until:
                self._failure = _failure_of(attempt)
                self._until = time.monotonic() + self._seconds
            if self._failure:
                raise self._failure

    def holds(self, attempt: Callable[[], None]) -> bool:
        try:
            self.check(attempt)
        except TallymarkError:
            return False
        return True


def _failure_of(attempt: Callable[[], None]) -> TallymarkError | None:
    try:
        attempt()
    except TallymarkError as failure:
        return failure
    return None
