"""How often somebody may try to sign in: counted per account and per address, in memory, for a bounded number of both.

Kept in the process on purpose: a limit that guards passwords must hold when the database or Valkey is away.
"""

from collections import OrderedDict
from dataclasses import dataclass

from tallymark.errors import TooManyRequests

PER_ACCOUNT = 10
PER_ADDRESS = 50
WINDOW = 15 * 60.0
REMEMBERED = 10_000


@dataclass(slots=True)
class _Count:
    since: float
    failures: int = 0


class Attempts:
    """Failed attempts within a window that starts with the first of them."""

    def __init__(self, limit: int, window: float = WINDOW, remembered: int = REMEMBERED) -> None:
        self._limit, self._window, self._remembered = limit, window, remembered
        self._counts: OrderedDict[str, _Count] = OrderedDict()

    def begin(self, key: str, now: float) -> None:
        """Counts an attempt before it is made, so that many at once count too. Raises TooManyRequests."""
        count = self._counts.get(key)
        if count is None or now - count.since >= self._window:
            count = _Count(now)
        if count.failures >= self._limit:
            raise TooManyRequests(
                "Too many attempts to sign in; try again later.", retry_after=self._window - (now - count.since)
            )
        count.failures += 1
        self._counts[key] = count
        self._counts.move_to_end(key)
        if len(self._counts) > self._remembered:
            self._counts.popitem(last=False)

    def succeed(self, key: str) -> None:
        """Forgets what was counted: whoever knows the password is not guessing."""
        self._counts.pop(key, None)

    def take_back(self, key: str) -> None:
        """Uncounts one attempt that turned out well, and leaves the failures of others from the same place."""
        if count := self._counts.get(key):
            count.failures -= 1

    def __len__(self) -> int:
        return len(self._counts)


class LoginGuard:
    """One account may fail ten times in a quarter of an hour, one address fifty."""

    def __init__(self, per_account: int = PER_ACCOUNT, per_address: int = PER_ADDRESS) -> None:
        self._accounts = Attempts(per_account)
        self._addresses = Attempts(per_address)

    def begin(self, email: str, address: str, now: float) -> None:
        self._addresses.begin(address, now)
        self._accounts.begin(email, now)

    def succeed(self, email: str, address: str) -> None:
        self._accounts.succeed(email)
        self._addresses.take_back(address)
