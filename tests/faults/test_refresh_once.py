"""However many ask at once: few runs, and every caller's own writes in the figures."""

import asyncio
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from tests.faults.test_refresh_killed import REFRESHER, go, started
from tests.properties.world import open_shop, place

from tallymark import results
from tallymark.db import Database
from tallymark.errors import RefreshFailed
from tallymark.metrics import Catalog
from tallymark.model import Tenant
from tallymark.tasks import Flights, Outcome, Progress, refresh

FEW = Catalog([Catalog.load()[name] for name in ("net_revenue", "top_products")])


@pytest.fixture
def tenant(database: Database) -> Tenant:
    tenant = open_shop(database)
    with database.connect(tenant.tenant_id) as conn:
        place(conn, range(10))
    refresh(database, FEW, tenant, triggered_by="test")
    return tenant


def add_hundred(database: Database, tenant: Tenant, name: str) -> None:
    with database.connect(tenant.tenant_id) as conn:
        conn.execute(
            "INSERT INTO orders (tenant_id, placed_at, platform, order_id, total_amount)"
            " VALUES (current_tenant(), '2025-03-10Z', 'shopify', %s, 100)",
            (name,),
        )


def revenue(database: Database, tenant: Tenant) -> Any:
    with database.connect(tenant.tenant_id) as conn:
        stored = results.read(conn, tenant.tenant_id, "net_revenue", "all", "{}")
    assert stored is not None
    return stored.data["totalRevenue"]  # type: ignore[index]


def recorded(database: Database, tenant: Tenant) -> list[tuple[str, str]]:
    with database.connect(tenant.tenant_id) as conn:
        return conn.execute("SELECT run_id::text, status FROM analytics_metadata ORDER BY started_at").fetchall()


def test_a_thousand_callers_cost_two_runs(database: Database, tenant: Tenant) -> None:
    before, runs = revenue(database, tenant), len(recorded(database, tenant))
    add_hundred(database, tenant, "new")

    async def crowd() -> list[Outcome]:
        flights = Flights(database, FEW, executor)
        return await asyncio.gather(*(flights.refresh(tenant, triggered_by="crowd") for _ in range(1000)))

    with ThreadPoolExecutor(4) as executor:
        outcomes = asyncio.run(crowd())
    assert len(outcomes) == 1000
    assert {outcome.status for outcome in outcomes} == {"completed"}
    assert len(recorded(database, tenant)) - runs <= 2
    assert {outcome.version for outcome in outcomes} == {2}
    assert revenue(database, tenant) == before + 100


def test_who_was_held_up_on_the_way_is_served_by_the_run_they_came_before(database: Database, tenant: Tenant) -> None:
    add_hundred(database, tenant, "new")
    came = time.monotonic()

    async def callers() -> list[Outcome]:
        flights = Flights(database, FEW, executor)
        first = flights.start(tenant, triggered_by="first", arrived=came)
        during = flights.start(tenant, triggered_by="during", arrived=came)
        await first.outcome()
        assert flights.joins(tenant.tenant_id, came)
        after = flights.start(tenant, triggered_by="after", arrived=came)
        forced = flights.start(tenant, triggered_by="forced", force=True, arrived=came)
        await forced.outcome()
        now = time.monotonic()
        assert not flights.joins(tenant.tenant_id, now)
        new = flights.start(tenant, triggered_by="new", arrived=now)
        return [await flight.outcome() for flight in (first, during, after, forced, new)]

    with ThreadPoolExecutor(4) as executor:
        outcomes = asyncio.run(callers())
    first, during, after, forced, new = (outcome.run_id for outcome in outcomes)
    assert first == during == after
    assert len({first, forced, new}) == 3


def test_who_comes_after_the_snapshot_is_served_by_a_later_one(database: Database, tenant: Tenant) -> None:
    before = revenue(database, tenant)
    add_hundred(database, tenant, "first")
    late: list[Outcome] = []
    caller = threading.Thread(
        target=lambda: late.append(refresh(database, FEW, tenant, triggered_by="late")),
    )

    def interrupt(progress: Progress) -> None:
        """When the figures are worked out and not yet published."""
        if progress.index == 3:
            add_hundred(database, tenant, "second")
            caller.start()

    first = refresh(database, FEW, tenant, triggered_by="first", on_progress=interrupt)
    assert first.version == 2
    caller.join()
    assert (late[0].version, late[0].joined) == (3, False)
    assert revenue(database, tenant) == before + 200


def test_who_waited_with_others_joins_the_run_of_one_of_them(database: Database, tenant: Tenant) -> None:
    runs = len(recorded(database, tenant))
    outcomes: list[Outcome] = []
    threads = [
        threading.Thread(target=lambda: outcomes.append(refresh(database, FEW, tenant, triggered_by="t")))
        for _ in range(5)
    ]

    def crowd(progress: Progress) -> None:
        if progress.index == 3:
            for thread in threads:
                thread.start()

    add_hundred(database, tenant, "one")
    refresh(database, FEW, tenant, triggered_by="first", on_progress=crowd)
    for thread in threads:
        thread.join()
    assert len(outcomes) == 5
    assert {outcome.status for outcome in outcomes} == {"completed"}
    assert len(recorded(database, tenant)) - runs <= 3
    assert sum(outcome.joined for outcome in outcomes) >= 3


def test_two_processes_at_the_same_moment(database: Database, tenant: Tenant) -> None:
    before, runs = revenue(database, tenant), len(recorded(database, tenant))
    add_hundred(database, tenant, "both")
    with started(REFRESHER, database, tenant) as one, started(REFRESHER, database, tenant) as two:
        go(one)
        go(two)
        told = [process.communicate(timeout=60)[0].strip() for process in (one, two)]
    known = dict(recorded(database, tenant))
    assert set(told) <= set(known)
    assert set(known.values()) == {"completed"}
    assert 1 <= len(known) - runs <= 2
    assert revenue(database, tenant) == before + 100


def test_a_failing_run_fails_all_its_callers_and_the_next_works(
    database: Database, tenant: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = revenue(database, tenant)
    add_hundred(database, tenant, "lost?")

    def fail(*_: Any, **__: Any) -> None:
        raise RuntimeError("out of luck")

    async def crowd(flights: Flights, callers: int) -> list[Any]:
        asked = (flights.refresh(tenant, triggered_by="crowd") for _ in range(callers))
        return await asyncio.gather(*asked, return_exceptions=True)

    async def twice() -> tuple[list[Any], list[Any]]:
        flights = Flights(database, FEW, executor)
        with monkeypatch.context() as patch:
            patch.setattr(results, "publish", fail)
            failed = await crowd(flights, 50)
        return failed, await crowd(flights, 50)

    with ThreadPoolExecutor(4) as executor:
        failed, worked = asyncio.run(twice())
    assert {type(outcome) for outcome in failed} == {RefreshFailed}
    assert {outcome.status for outcome in worked} == {"completed"}
    assert revenue(database, tenant) == before + 100
    assert "processing" not in dict(recorded(database, tenant)).values()


def test_nobody_waits_for_ever_when_the_process_shuts_down(database: Database, tenant: Tenant) -> None:
    """Who flies lands; who waits for the next flight is told that there is none."""

    async def leave() -> list[Any]:
        executor = ThreadPoolExecutor(1)
        flights = Flights(database, FEW, executor)
        asked = [asyncio.create_task(flights.refresh(tenant, triggered_by="crowd")) for _ in range(5)]
        await asyncio.sleep(0)
        executor.shutdown(wait=False)
        return await asyncio.wait_for(asyncio.gather(*asked, return_exceptions=True), 20)

    landed, *refused = asyncio.run(leave())
    assert landed.status == "completed"
    assert {type(outcome) for outcome in refused} == {RefreshFailed}


def test_a_flight_that_never_took_off_is_told_too(database: Database, tenant: Tenant) -> None:
    async def leave() -> list[Any]:
        executor, busy = ThreadPoolExecutor(1), threading.Event()
        executor.submit(busy.wait)
        flights = Flights(database, FEW, executor)
        asked = [asyncio.create_task(flights.refresh(tenant, triggered_by="crowd")) for _ in range(3)]
        await asyncio.sleep(0)
        executor.shutdown(wait=False, cancel_futures=True)
        busy.set()
        return await asyncio.wait_for(asyncio.gather(*asked, return_exceptions=True), 20)

    assert {type(outcome) for outcome in asyncio.run(leave())} == {RefreshFailed}
