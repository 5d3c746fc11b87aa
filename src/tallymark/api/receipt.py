"""A request's body on its way in: small enough, and there in time."""

import asyncio
from collections import deque
from collections.abc import Mapping
from time import monotonic
from typing import Any

from starlette.types import Message, Receive

LARGEST_BODY = 64 * 1024
RECEIPT = 10.0
"""Seconds within which a body must have arrived."""
TICK = 0.5
"""Seconds between two looks at who has waited too long."""


class BodyTooLarge(BaseException):
    """Passes through the framework, which takes any Exception while it reads a body for bad JSON."""


class BodyTooSlow(BaseException):
    """As above."""


class Receipt:
    """Ends what has waited past its deadline, by the monotonic clock. Use from one event loop.

    One look at all of them now and then: a timer of its own costs a request more than most answers do.
    """

    def __init__(self) -> None:
        self._waiting: dict[asyncio.Task[Any], float] = {}
        self._next: asyncio.TimerHandle | None = None

    async def by(self, deadline: float, receive: Receive) -> Message:
        """What is received. Raises BodyTooSlow."""
        task = asyncio.current_task()
        assert task is not None
        self._waiting[task] = deadline
        if self._next is None:
            self._next = asyncio.get_running_loop().call_later(TICK, self._look)
        try:
            return await receive()
        except asyncio.CancelledError:
            if task in self._waiting or task.uncancel():
                raise  # It was somebody else, or somebody else too.
            raise BodyTooSlow from None
        finally:
            self._waiting.pop(task, None)

    def _look(self) -> None:
        now = monotonic()
        for task in [task for task, deadline in self._waiting.items() if deadline <= now]:
            del self._waiting[task]
            task.cancel()
        self._next = asyncio.get_running_loop().call_later(TICK, self._look) if self._waiting else None


class Body:
    """A body that is small enough and arrives in time; whoever waits for the reader to leave may wait for ever.

    One that brings at least `slowest` bytes a second has as long as it takes.
    """

    def __init__(self, receive: Receive, receipt: Receipt, largest: int = LARGEST_BODY, slowest: int = 0) -> None:
        self.largest = largest
        self.patience = RECEIPT
        self._slowest = slowest
        self._receive = receive
        self._receipt = receipt
        self._read: deque[Message] = deque()
        self._size = 0
        self._whole = False
        self._began = monotonic()

    async def whole(self, declared: int) -> bytes:
        """All of it, as many bytes as were declared (0: unknown); it can be received again."""
        read = []
        while not self._whole and not (declared and self._size == declared):
            read.append(await self.receive())
        self._read.extend(read)
        return read[0].get("body", b"") if len(read) == 1 else b"".join([part.get("body", b"") for part in read])

    async def receive(self) -> Message:
        if self._read:
            return self._read.popleft()
        if self._whole:
            return await self._receive()
        message = await self._receipt.by(self._began + self.patience, self._receive)
        self._size += len(message.get("body", b""))
        if self._size > self.largest:
            raise BodyTooLarge
        if self._slowest:
            self.patience = RECEIPT + self._size / self._slowest
        self._whole = not message.get("more_body", False)
        return message


def declared(headers: Mapping[bytes, bytes]) -> int:
    """How many bytes the head says that there are; 0 where it does not."""
    length = headers.get(b"content-length", b"0")
    return int(length) if length.isdigit() else 0
