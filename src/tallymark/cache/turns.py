"""Reading for many at once: as exact as if each had read alone, at the cost of one."""

import asyncio
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

from anyio import to_thread

Value = TypeVar("Value")


class Turns(Generic[Value]):
    """At most one read going and one waiting for each key.

    Whoever asks is served by a read that begins after they asked, and shares it with all who ask until it begins. So
    nobody is told of anything older than their question, and a crowd costs as much as two.
    """

    def __init__(self) -> None:
        self._going: dict[Hashable, asyncio.Task[Value]] = {}
        self._waiting: dict[Hashable, asyncio.Task[Value]] = {}

    async def get(self, key: Hashable, read: Callable[[], Value]) -> Value:
        """What `read` gives, run in a thread; it must give the same to all who ask with this key."""
        turn = self._waiting.get(key)
        if turn is None:
            turn = self._waiting[key] = asyncio.create_task(self._turn(key, read))
            # Those who asked may all have gone; then nobody is left to be told of an error.
            turn.add_done_callback(lambda done: done.cancelled() or done.exception())
        return await asyncio.shield(turn)

    def busy(self, key: Hashable) -> bool:
        """Whether a read is going or waiting."""
        return key in self._going or key in self._waiting

    async def _turn(self, key: Hashable, read: Callable[[], Value]) -> Value:
        if before := self._going.get(key):
            await asyncio.wait([before])
        turn = self._going[key] = self._waiting.pop(key)
        try:
            return await to_thread.run_sync(read)
        finally:
            if self._going.get(key) is turn:
                del self._going[key]
