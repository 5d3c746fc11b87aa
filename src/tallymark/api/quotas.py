"""How many requests an address and a credential may make in a minute, whichever instance they reach.

Each process counts by itself, so the limit never goes away. With a shared cache the counts are exchanged many times a
second, off the path of any request: several instances together let through what one does, and little more, namely what
reached an instance between its last two exchanges.
"""

import asyncio
import time
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256
from ipaddress import IPv6Address, IPv6Network
from math import ceil, floor
from typing import NamedTuple

from starlette.types import Scope

from tallymark.cache import SharedCache
from tallymark.errors import TooManyRequests

WINDOW = 60
EXCHANGE = 0.05
"""Seconds between two exchanges."""
REMEMBERED = 100_000
TOLD = "tallymark.quotas"


@dataclass(slots=True)
class Count:
    """Requests of one window and the one before: `mine` of them counted here, the rest by other instances."""

    window: int
    mine: int = 0
    others: int = 0
    before: int = 0
    unsaid: int = 0


class Limit(NamedTuple):
    """How many requests of a minute, and how that is said: `left` still waits for its numbers."""

    quota: int
    policy: bytes
    left: bytes


class Left(NamedTuple):
    """What is left to one caller, in the words of draft-ietf-httpapi-ratelimit-headers-11."""

    limit: Limit
    remaining: int
    reset: int


class Quotas:
    """Counts of a sliding minute: those of this one, and of the last one the share that is still within it.

    Use from one event loop.
    """

    def __init__(self, per_address: int, per_credential: int, shared: SharedCache | None = None) -> None:
        self._limits = {"address": _limit("address", per_address), "credential": _limit("credential", per_credential)}
        self._shared = shared
        self._counts: OrderedDict[tuple[str, str], Count] = OrderedDict()
        self._unsaid: set[tuple[str, str]] = set()
        self._exchange: asyncio.Task[None] | None = None

    def count_address(self, scope: Scope) -> None:
        """Counts a request against where it comes from. Raises TooManyRequests."""
        client = scope.get("client")
        self._count(scope, "address", network_of(client[0]) if client else "")

    def count_credential(self, scope: Scope, caller: str) -> None:
        """Counts it against whom it is signed by. Raises TooManyRequests."""
        self._count(scope, "credential", caller)

    def _count(self, scope: Scope, policy: str, caller: str) -> None:
        left = self.take(policy, caller, time.time())
        scope.setdefault(TOLD, []).append(left)
        if left.remaining < 0:
            raise TooManyRequests(
                f"More than {left.limit.quota} requests in a minute; the next may come in {left.reset} s.",
                retry_after=left.reset,
            )

    def take(self, policy: str, caller: str, now: float) -> Left:
        """Counts one request, unless it is one too many: then `remaining` is -1, and `reset` when the next may come."""
        limit = self._limits[policy]
        window, second = divmod(int(now), WINDOW)
        key = (policy, caller)
        count = self._counts.get(key)
        if count is None or count.window != window:
            count = self._begun(key, count, window)
        self._counts.move_to_end(key)
        left = limit.quota - count.mine - count.others - 1
        if count.before:
            left = floor(left - count.before * (WINDOW - second) / WINDOW)
        if left < 0:
            return Left(limit, -1, _wait(count, limit.quota, second))
        count.mine += 1
        if self._shared is not None:
            count.unsaid += 1
            self._unsaid.add(key)
            if self._exchange is None:
                self._exchange = asyncio.create_task(self._exchanging())
        return Left(limit, left, WINDOW - second)

    def __len__(self) -> int:
        return len(self._counts)

    def _begun(self, key: tuple[str, str], last: Count | None, window: int) -> Count:
        before = last.mine + last.others if last and last.window == window - 1 else 0
        count = self._counts[key] = Count(window, before=before)
        if len(self._counts) > REMEMBERED:
            self._counts.popitem(last=False)
        return count

    async def _exchanging(self) -> None:
        """While there is something to say."""
        assert self._shared is not None
        while self._unsaid:
            saying = [(key, self._counts[key]) for key in self._unsaid if key in self._counts]
            self._unsaid.clear()
            said = {_name(key, count.window): count.unsaid for key, count in saying}
            for _, count in saying:
                count.unsaid = 0
            totals = await self._shared.add(said, 2 * WINDOW)
            for key, count in saying:
                name = _name(key, count.window)
                if totals is None:
                    count.unsaid += said[name]  # To be said with the next.
                else:
                    count.others = max(count.others, totals[name] - (count.mine - count.unsaid))
            await asyncio.sleep(EXCHANGE)
        self._exchange = None


def told(scope: Scope) -> list[tuple[bytes, bytes]]:
    """What an answer says of the limits that the request was counted against."""
    every: Sequence[Left] = scope.get(TOLD, ())
    if not every:
        return []
    policies, lefts = [], []
    for limit, remaining, reset in every:
        policies.append(limit.policy)
        lefts.append(limit.left % (remaining if remaining > 0 else 0, reset))
    return [(b"ratelimit-policy", b", ".join(policies)), (b"ratelimit", b", ".join(lefts))]


def _limit(name: str, quota: int) -> Limit:
    return Limit(quota, f'"{name}";q={quota};w={WINDOW}'.encode(), f'"{name}";r=%d;t=%d'.encode())


@lru_cache(4096)
def network_of(address: str) -> str:
    """Whom an address stands for: of IPv6, one customer has at least a /64."""
    try:
        return str(IPv6Network((IPv6Address(address), 64), strict=False))
    except ValueError:
        return address


def _wait(count: Count, quota: int, second: int) -> int:
    """Seconds until one more fits."""
    here = count.mine + count.others
    if here + 1 <= quota:
        # The last window's share shrinks by the second.
        return max(1, ceil(WINDOW - (quota - here - 1) * WINDOW / count.before) - second)
    return WINDOW - second + max(1, ceil(WINDOW - (quota - 1) * WINDOW / here))


def _name(key: tuple[str, str], window: int) -> str:
    return f"rate:{sha256(repr(key).encode()).hexdigest()[:32]}:{window}"
