"""Single flight within a process: a thousand callers cost one thread, one connection and one computation.

Whoever calls while a refresh runs waits for the next one, which starts after they came; all who wait share it. Across
processes the same rule holds in `refresh` itself.
"""

import asyncio
from concurrent.futures import Executor
from dataclasses import dataclass, field
from functools import partial
from uuid import UUID, uuid4

from tallymark.db import Database
from tallymark.errors import RefreshFailed
from tallymark.metrics import Catalog
from tallymark.model import ALL_PLATFORMS, Tenant
from tallymark.tasks.refresh import refresh
from tallymark.tasks.runs import Outcome

PAUSE = 0.025
"""Seconds after a publication: time for its callers' answers, and for what they ask next, on the same interpreter."""
ENDING = "The refresh was not begun: the process is shutting down."


@dataclass(slots=True)
class _Flight:
    tenant: Tenant
    platform: str
    triggered_by: str
    force: bool
    landed: "asyncio.Future[Outcome]"
    run_id: UUID = field(default_factory=uuid4)


class Flights:
    """The refreshes of this process: at most one going and one waiting for each tenant. Use from one event loop."""

    def __init__(self, database: Database, catalog: Catalog, executor: Executor, *, slow_ms: float = 30_000) -> None:
        self._database = database
        self._catalog = catalog
        self._executor = executor
        self._slow_ms = slow_ms
        self._going: dict[int, _Flight] = {}
        self._waiting: dict[int, _Flight] = {}

    def running(self, tenant_id: int) -> str | None:
        """The run under way in this process, if there is one; what is published is under way no more."""
        flight = self._going.get(tenant_id)
        return str(flight.run_id) if flight else None

    async def refresh(
        self, tenant: Tenant, *, triggered_by: str, platform: str = ALL_PLATFORMS, force: bool = False
    ) -> Outcome:
        """The outcome of a refresh that starts no earlier than this call. Raises RefreshFailed."""
        return await asyncio.shield(self._board(tenant, platform, triggered_by, force).landed)

    def start(self, tenant: Tenant, *, triggered_by: str, platform: str = ALL_PLATFORMS, force: bool = False) -> str:
        """The id of the run that will serve this call; the work goes on."""
        return str(self._board(tenant, platform, triggered_by, force).run_id)

    def _board(self, tenant: Tenant, platform: str, triggered_by: str, force: bool) -> _Flight:
        key = tenant.tenant_id
        flight = self._waiting.get(key)
        if flight is not None:
            flight.force = flight.force or force
            return flight
        flight = _Flight(tenant, platform, triggered_by, force, asyncio.get_running_loop().create_future())
        # An outcome nobody waits for any more may still fail; the record of the run says so.
        flight.landed.add_done_callback(lambda landed: landed.cancelled() or landed.exception())
        if key in self._going:
            self._waiting[key] = flight
        else:
            self._take_off(flight)
        return flight

    def _take_off(self, flight: _Flight) -> None:
        self._going[flight.tenant.tenant_id] = flight
        loop = asyncio.get_running_loop()

        def published(outcome: Outcome) -> None:
            """Neither this flight's callers nor the next flight wait for the answers that follow."""
            loop.call_soon_threadsafe(self._land, flight, outcome)

        work = partial(
            refresh,
            self._database,
            self._catalog,
            flight.tenant,
            triggered_by=flight.triggered_by,
            platform=flight.platform,
            force=flight.force,
            run_id=flight.run_id,
            slow_ms=self._slow_ms,
            on_published=published,
            pause=PAUSE,
        )
        try:
            done = loop.run_in_executor(self._executor, work)
        except RuntimeError:  # The executor takes nothing more.
            self._land(flight, RefreshFailed(ENDING))
            return
        done.add_done_callback(partial(self._end, flight))

    def _end(self, flight: _Flight, done: "asyncio.Future[Outcome]") -> None:
        failed = RefreshFailed(ENDING) if done.cancelled() else done.exception()
        self._land(flight, failed or done.result())

    def _land(self, flight: _Flight, outcome: Outcome | BaseException) -> None:
        """Once for each flight: when it has published, or ends without."""
        if flight.landed.done():
            return
        if isinstance(outcome, BaseException):
            flight.landed.set_exception(outcome)
        else:
            flight.landed.set_result(outcome)
        del self._going[flight.tenant.tenant_id]
        following = self._waiting.pop(flight.tenant.tenant_id, None)
        if following is not None:
            self._take_off(following)
