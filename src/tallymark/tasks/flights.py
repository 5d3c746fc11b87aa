"""Single flight within a process: a thousand callers cost one thread, one connection and one computation.

Whoever came before a refresh took off is served by it; who comes while it runs waits for the next one, and all who wait
share that. Across processes the same rule holds in `refresh` itself.
"""

import asyncio
import time
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
class Flight:
    """One run, for all whom it serves."""

    tenant: Tenant
    platform: str
    triggered_by: str
    force: bool
    landed: "asyncio.Future[Outcome]"
    run_id: UUID = field(default_factory=uuid4)
    took_off: float = 0.0

    async def outcome(self) -> Outcome:
        """Once it has published. Raises RefreshFailed."""
        return await asyncio.shield(self.landed)


class Flights:
    """The refreshes of this process: at most one going and one waiting for each tenant. Use from one event loop."""

    def __init__(self, database: Database, catalog: Catalog, executor: Executor, *, slow_ms: float = 30_000) -> None:
        self._database = database
        self._catalog = catalog
        self._executor = executor
        self._slow_ms = slow_ms
        self._going: dict[int, Flight] = {}
        self._waiting: dict[int, Flight] = {}
        self._last: dict[int, Flight] = {}
        """The last that published: of use to whoever came before it and was held up on the way here."""

    def running(self, tenant_id: int) -> str | None:
        """The run under way in this process, if there is one; what is published is under way no more."""
        flight = self._going.get(tenant_id)
        return str(flight.run_id) if flight else None

    def joins(self, tenant_id: int, arrived: float) -> bool:
        """Whether who arrived then would begin nothing: a run is under way, or one that serves them has just ended."""
        return tenant_id in self._going or self._after(tenant_id, arrived, force=False) is not None

    async def refresh(self, tenant: Tenant, *, triggered_by: str, force: bool = False) -> Outcome:
        """The outcome of a refresh that starts after this call. Raises RefreshFailed."""
        return await self.start(tenant, triggered_by=triggered_by, force=force).outcome()

    def start(
        self,
        tenant: Tenant,
        *,
        triggered_by: str,
        platform: str = ALL_PLATFORMS,
        force: bool = False,
        arrived: float | None = None,
    ) -> Flight:
        """The run that will serve whoever arrived then, by the monotonic clock: now. The work goes on by itself."""
        key = tenant.tenant_id
        flight = self._after(key, arrived, force) or self._waiting.get(key)
        if flight is not None:
            flight.force = flight.force or force
            return flight
        flight = Flight(tenant, platform, triggered_by, force, asyncio.get_running_loop().create_future())
        # An outcome nobody waits for any more may still fail; the record of the run says so.
        flight.landed.add_done_callback(lambda landed: landed.cancelled() or landed.exception())
        if key in self._going:
            self._waiting[key] = flight
        else:
            self._take_off(flight)
        return flight

    def _after(self, tenant_id: int, arrived: float | None, force: bool) -> Flight | None:
        """A flight that took off after somebody arrived."""
        for flight in (self._last.get(tenant_id), self._going.get(tenant_id)):
            if flight and arrived is not None and flight.took_off >= arrived and flight.force >= force:
                return flight
        return None

    def _take_off(self, flight: Flight) -> None:
        self._going[flight.tenant.tenant_id] = flight
        flight.took_off = time.monotonic()
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

    def _end(self, flight: Flight, done: "asyncio.Future[Outcome]") -> None:
        failed = RefreshFailed(ENDING) if done.cancelled() else done.exception()
        self._land(flight, failed or done.result())

    def _land(self, flight: Flight, outcome: Outcome | BaseException) -> None:
        """Once for each flight: when it has published, or ends without."""
        if flight.landed.done():
            return
        if isinstance(outcome, BaseException):
            flight.landed.set_exception(outcome)
        else:
            flight.landed.set_result(outcome)
            self._last[flight.tenant.tenant_id] = flight
        del self._going[flight.tenant.tenant_id]
        following = self._waiting.pop(flight.tenant.tenant_id, None)
        if following is not None:
            self._take_off(following)
