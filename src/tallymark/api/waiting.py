"""What this process remembers about refreshes that were asked for here, and about who is watching them."""

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Generic, TypeVar

from tallymark.model import Tenant

REMEMBERED = 1000
Value = TypeVar("Value")


class Places:
    """So many at once, and no more; and none any more once they are closing."""

    def __init__(self, places: int, stopping: Callable[[], bool] = lambda: False) -> None:
        self._places = places
        self._taken = 0
        self._stopping = stopping
        self._closing = False

    @property
    def closing(self) -> bool:
        return self._closing or self._stopping()

    @property
    def taken(self) -> int:
        return self._taken

    @property
    def full(self) -> bool:
        return self.closing or self._taken >= self._places

    @contextmanager
    def one(self) -> Iterator[None]:
        self._taken += 1
        try:
            yield
        finally:
            self._taken -= 1

    async def empty(self, patience: float) -> None:
        """Asks all to leave, and waits until they have or patience is over."""
        self._closing = True
        deadline = asyncio.get_running_loop().time() + patience
        while self._taken and asyncio.get_running_loop().time() < deadline:
            await asyncio.sleep(0.05)


class Asked:
    """When runs were asked for here: there is no record of one until those before it are done."""

    def __init__(self) -> None:
        self._runs: OrderedDict[str, tuple[int, datetime]] = OrderedDict()

    def add(self, run_id: str, tenant: Tenant, now: datetime) -> None:
        self._runs[run_id] = (tenant.tenant_id, now)
        if len(self._runs) > REMEMBERED:
            self._runs.popitem(last=False)

    def when(self, run_id: str, tenant: Tenant) -> datetime | None:
        tenant_id, at = self._runs.get(run_id, (None, None))
        return at if tenant_id == tenant.tenant_id else None


class Shared(Generic[Value]):
    """One piece of work for all who need the same thing; what it gave is remembered for the next few."""

    def __init__(self, remembered: int = 64) -> None:
        self._tasks: OrderedDict[str, asyncio.Future[Value]] = OrderedDict()
        self._remembered = remembered

    async def get(self, key: str, work: Callable[[], Awaitable[Value]]) -> Value:
        task = self._tasks.get(key)
        if task is None:
            task = self._tasks[key] = asyncio.ensure_future(work())
            task.add_done_callback(lambda done: self._forget_failed(key, done))
            if len(self._tasks) > self._remembered:
                self._tasks.popitem(last=False)
        return await asyncio.shield(task)

    def _forget_failed(self, key: str, task: "asyncio.Future[Value]") -> None:
        if (task.cancelled() or task.exception()) and self._tasks.get(key) is task:
            del self._tasks[key]
