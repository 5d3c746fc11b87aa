"""Values that are looked up again all the time, so that almost nobody waits for it."""

import asyncio
import math
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import Generic, TypeVar

from tallymark.cache.turns import Turns
from tallymark.errors import DatabaseUnavailable

Value = TypeVar("Value")

PATIENCE = 1.0
"""Seconds that somebody waits for a look when there is an older value to be had."""
OUTAGE = 300.0
"""Seconds for which the last value stands in while no look can be made."""
PAUSE = 0.5
"""Seconds between two looks that fail."""
WIDEST = 4.0
"""How many times as long values are served at most where very many are asked for."""


@dataclass(slots=True)
class Held(Generic[Value]):
    """A value and when the look that gave it began. `failing`: it has not been possible to look again."""

    value: Value
    began: float
    failing: bool = False
    pause_until: float = 0.0


class Kept(Generic[Value]):
    """The last value of each key: `fresh` seconds without a look, `served` seconds while somebody looks again.

    Older ones are waited for. Where the database is away they are given nevertheless, marked as `failing`. More than
    about `most` looks a second are not made: where so many keys are asked for at once, both times are longer for all,
    up to `WIDEST` times. Times are of the monotonic clock. Use from one event loop.
    """

    def __init__(self, fresh: float, served: float, remembered: int = 10_000, most: float = math.inf) -> None:
        self.fresh, self.served, self._remembered, self._most = fresh, served, remembered, most
        self._second, self._looked_at, self._wide = 0, set[Hashable](), 1.0
        self._held: OrderedDict[Hashable, Held[Value]] = OrderedDict()
        self._turns: Turns[Held[Value]] = Turns()
        self._looks: dict[asyncio.Task[Held[Value]], Hashable] = {}
        self._looking: set[Hashable] = set()

    def peek(self, key: Hashable, read: Callable[[], Value], since: float = 0.0) -> Held[Value] | None:
        """The value, where nobody need wait for it; one of a look that began before `since` does not count."""
        held = self._held.get(key)
        if held is None or held.began < since:
            return None
        now = time.monotonic()
        age = now - held.began
        if age <= self.fresh * self._wide:
            return held
        if age > self.served * self._wide and not (held.failing and age <= OUTAGE):
            return None
        if now >= held.pause_until and key not in self._looking:
            self._look(key, read)
        return held

    async def get(self, key: Hashable, read: Callable[[], Value], since: float = 0.0) -> Held[Value]:
        """The value; raises what `read` raises."""
        if held := self.peek(key, read, since):
            return held
        look = self._look(key, read)
        older = self._held.get(key)
        if older is None or older.began < since or time.monotonic() - older.began > OUTAGE:
            return await asyncio.shield(look)
        done, _ = await asyncio.wait([look], timeout=PATIENCE)
        if done and not isinstance(look.exception(), DatabaseUnavailable):
            return look.result()
        older.failing = True
        return older

    def renew(self, key: Hashable, read: Callable[[], Value]) -> None:
        """Looks at once where there is a value that has been of use."""
        if key in self._held:
            self._look(key, read)

    def learn(self, key: Hashable, value: Value, began: float) -> None:
        """Notes what somebody else has found out, by a look that began then."""
        self._keep(key, Held(value, began))

    def last(self, key: Hashable) -> Value | None:
        """The value, however old it is."""
        held = self._held.get(key)
        return held.value if held else None

    def forget(self, key: Hashable) -> None:
        self._held.pop(key, None)

    def __len__(self) -> int:
        return len(self._held)

    def _look(self, key: Hashable, read: Callable[[], Value]) -> "asyncio.Task[Held[Value]]":
        self._pace(key)
        look = asyncio.create_task(self._renew(key, read))
        self._looks[look] = key
        self._looking.add(key)
        look.add_done_callback(self._looked)
        return look

    def _pace(self, key: Hashable) -> None:
        """Every second anew, by how many keys were looked at in the last one."""
        second = int(time.monotonic())
        if second != self._second:
            active = len(self._looked_at) if second == self._second + 1 else 0
            self._wide = min(max(1.0, active / (self._most * self.fresh)), WIDEST)
            self._second, self._looked_at = second, set()
        self._looked_at.add(key)

    def _looked(self, look: "asyncio.Task[Held[Value]]") -> None:
        self._looking.discard(self._looks.pop(look))
        if not look.cancelled():
            look.exception()  # Whoever waits is told of it; nobody may.

    async def _renew(self, key: Hashable, read: Callable[[], Value]) -> Held[Value]:
        def timed() -> Held[Value]:
            began = time.monotonic()
            return Held(read(), began)

        try:
            return self._keep(key, await self._turns.get(key, timed))
        except DatabaseUnavailable:
            if held := self._held.get(key):
                held.failing, held.pause_until = True, time.monotonic() + PAUSE
            raise
        except Exception:
            self.forget(key)
            raise

    def _keep(self, key: Hashable, held: Held[Value]) -> Held[Value]:
        known = self._held.get(key)
        if known is not None and known.began > held.began:
            return known
        self._held[key] = held
        self._held.move_to_end(key)
        if len(self._held) > self._remembered:
            self._held.popitem(last=False)
        return held
