"""Two instances and a real Valkey between them, which is killed, stopped, filled, emptied and locked up: every question
is answered, rightly, and at most one short time-out later.
"""

import asyncio
import time
from collections.abc import Callable, Coroutine, Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from tests.faults.valkey import Valkey, running
from tests.properties.world import open_shop

from tallymark.cache import Answers, SharedCache, answers, shared
from tallymark.db import Database
from tallymark.metrics import Catalog
from tallymark.model import Question, Tenant
from tallymark.tasks import refresh

CATALOG = Catalog.load()
SECRET = "s" * 32
ORDER = """
    INSERT INTO orders (tenant_id, placed_at, platform, order_id)
    VALUES (current_tenant(), '2025-01-02Z', 'shopify', '1');
    INSERT INTO order_items (tenant_id, placed_at, platform, order_id, line_id, product_id, quantity, unit_price)
    SELECT tenant_id, placed_at, platform, order_id, 'a', 'p', 1, 7 FROM orders WHERE tenant_id = current_tenant()
"""
PATIENCE = 60
"""Seconds after which something will not happen any more, on the busiest machine."""


@pytest.fixture(scope="module")
def server() -> Iterator[Valkey]:
    with running() as valkey:
        yield valkey


@pytest.fixture
def valkey(server: Valkey) -> Valkey:
    server.client().flushall()
    return server


@pytest.fixture
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody takes a busy machine for a server that hangs, or for an instance that died."""
    monkeypatch.setattr(shared, "TIMEOUT", 5.0)
    monkeypatch.setattr(shared, "LEASE", float(PATIENCE))


@pytest.fixture
def tenant(database: Database) -> Tenant:
    tenant = open_shop(database)
    with database.connect(tenant.tenant_id) as conn:
        conn.execute(ORDER)
    refresh(database, CATALOG, tenant, triggered_by="test")
    return tenant


class Pair:
    """Two instances over one database and one Valkey."""

    def __init__(self, database: Database, tenant: Tenant, valkey: Valkey, secret: str = SECRET) -> None:
        self.tenant = tenant
        self.caches = [SharedCache(valkey.address, secret) for _ in range(2)]
        self.here, self.there = (
            Answers(database, CATALOG, stale_after=timedelta(days=1), shared=cache) for cache in self.caches
        )

    async def ask(self, instance: Answers, day: int = 1) -> tuple[str, Any]:
        """About days that nobody has asked for: where the answer came from, and its revenue."""
        days = {"from": str(date(2024, 1, 1) + timedelta(days=day)), "to": "2026-02-01"}
        given = await instance.ask(self.tenant, Question("net_revenue", "all", days, as_of=datetime.now(UTC)))
        return given.tier, given.answer(datetime.now(UTC)).data["totalRevenue"]  # type: ignore[index, call-overload]

    async def close(self) -> None:
        for cache in self.caches:
            await cache.close()


Story = Callable[[Pair], Coroutine[Any, Any, None]]


@pytest.fixture
def play(database: Database, tenant: Tenant, valkey: Valkey) -> Callable[[Story], None]:
    def play(story: Story, secret: str = SECRET) -> None:
        async def whole() -> None:
            pair = Pair(database, tenant, valkey, secret)
            try:
                await story(pair)
            finally:
                await pair.close()

        asyncio.run(whole())

    return play


async def back(cache: SharedCache) -> None:
    """Waits until the cache has found out that its server answers."""
    deadline = time.monotonic() + PATIENCE
    while cache.away:
        assert time.monotonic() < deadline, "it did not recover"
        await asyncio.sleep(0.05)


@pytest.mark.usefixtures("patient")
def test_what_one_instance_has_worked_out_the_other_finds(play: Any) -> None:
    async def story(pair: Pair) -> None:
        assert await pair.ask(pair.here) == ("rollup", Decimal(7))
        assert await pair.ask(pair.here) == ("memory", Decimal(7))
        assert await pair.ask(pair.there) == ("shared", Decimal(7))
        assert await pair.ask(pair.there) == ("memory", Decimal(7))

    play(story)


@pytest.mark.usefixtures("patient")
def test_a_new_version_is_never_answered_with_what_was_shared_of_the_old_one(
    play: Any, database: Database, tenant: Tenant
) -> None:
    async def story(pair: Pair) -> None:
        for price in range(8, 12):
            for instance in (pair.here, pair.there):
                await pair.ask(instance)
            with database.connect(tenant.tenant_id) as conn:
                conn.execute("UPDATE order_items SET unit_price = %s", (price,))
            outcome = await asyncio.to_thread(refresh, database, CATALOG, tenant, triggered_by="test")
            for instance in (pair.here, pair.there):
                instance.publications.seen(tenant.tenant_id, outcome.version)
                assert (await pair.ask(instance))[1] == price

    play(story)


@pytest.mark.usefixtures("patient")
def test_a_crowd_at_both_instances_costs_one_computation(play: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    found: list[int] = []
    find = answers.find

    def slow(*arguments: Any) -> Any:
        found.append(1)
        time.sleep(0.3)
        return find(*arguments)

    monkeypatch.setattr(answers, "find", slow)

    async def story(pair: Pair) -> None:
        crowd = [pair.ask(instance) for _ in range(50) for instance in (pair.here, pair.there)]
        assert {revenue for _, revenue in await asyncio.gather(*crowd)} == {Decimal(7)}
        assert len(found) == 1

    play(story)


@pytest.mark.usefixtures("patient")
def test_a_lease_whose_holder_died_costs_a_wait_and_a_computation(play: Any, valkey: Valkey) -> None:
    async def story(pair: Pair) -> None:
        await pair.ask(pair.here)
        (key,) = valkey.client().keys("tallymark:*")
        valkey.client().delete(key)
        began = time.monotonic()
        valkey.client().set(f"{key.decode()}:lease", "dead", px=300)
        assert await pair.ask(pair.there) == ("rollup", Decimal(7))
        assert 0.2 < time.monotonic() - began < shared.LEASE

    play(story)


@pytest.mark.usefixtures("patient")
def test_nobody_takes_a_value_that_is_not_theirs(play: Any, valkey: Valkey) -> None:
    async def story(pair: Pair) -> None:
        for day in (1, 2):
            await pair.ask(pair.here, day)
        client = valkey.client()
        one, two = client.keys("tallymark:*")
        first, second = client.get(one), client.get(two)
        client.set(one, second)
        client.set(two, first[:-1] + b"!")
        for day in (1, 2):
            assert await pair.ask(pair.there, day) == ("rollup", Decimal(7))
        pair.there.memory.clear()
        for junk in (b"", b"x" * 31, b"x" * 5000):
            for key in (one, two):
                client.set(key, junk)
            pair.there.memory.clear()
            assert await pair.ask(pair.there) == ("rollup", Decimal(7))

    play(story)


def test_another_installation_on_the_same_server_sees_nothing(play: Any) -> None:
    async def story(pair: Pair) -> None:
        assert (await pair.ask(pair.here))[0] == "rollup"

    play(story)
    play(story, "another secret")


def tried(cache: SharedCache) -> list[float]:
    """When something was asked of the server from now on; each of these may have cost somebody one time-out."""
    attempt, moments = cache._try, []

    async def noted(exchange: Any) -> Any:
        def counted(client: Any) -> Any:
            moments.append(time.monotonic())
            return exchange(client)

        return await attempt(counted)

    cache._try = noted  # type: ignore[method-assign]
    return moments


Fault = Callable[[Valkey], None]


def hang(valkey: Valkey) -> None:
    valkey.hang()


def kill(valkey: Valkey) -> None:
    valkey.kill()


def lock(valkey: Valkey) -> None:
    client = valkey.client()
    client.config_set("requirepass", "hunter2")
    client.client_kill_filter(_type="normal", skipme=True)


def unlock(valkey: Valkey) -> None:
    valkey.client(password="hunter2").config_set("requirepass", "")


@pytest.mark.parametrize(
    ("fault", "repair"),
    [(hang, Valkey.wake), (kill, Valkey.start), (lock, unlock)],
    ids=["hung", "gone", "wrong password"],
)
def test_while_it_is_away_everybody_is_answered_and_it_recovers_by_itself(
    play: Any, valkey: Valkey, fault: Fault, repair: Fault
) -> None:
    async def story(pair: Pair) -> None:
        await pair.ask(pair.here, 0)
        tries = [tried(cache) for cache in pair.caches]
        fault(valkey)
        try:
            crowd = [pair.ask(instance, day) for day in range(1, 6) for instance in (pair.here, pair.there)]
            assert {revenue for _, revenue in await asyncio.gather(*crowd)} == {Decimal(7)}
            assert all(cache.away for cache in pair.caches)
            # Once by everybody who was there already, and by one more where our own alarm rang late.
            assert all(1 <= len(made) <= 6 for made in tries)
            for day in range(6, 26):
                assert (await pair.ask(pair.here, day))[0] == "rollup"
            assert all(len(made) <= 6 for made in tries), "somebody waited for it again"
        finally:
            repair(valkey)
        for cache in pair.caches:
            await back(cache)
        deadline, day = time.monotonic() + PATIENCE, 30
        while (await pair.ask(pair.here, day), await pair.ask(pair.there, day))[1][0] != "shared":
            assert time.monotonic() < deadline, "what one has worked out the other never finds"
            day += 1
            await asyncio.sleep(0.2)

    play(story)


@pytest.mark.usefixtures("patient")
def test_when_it_is_full_what_is_there_can_still_be_read(play: Any, valkey: Valkey) -> None:
    async def story(pair: Pair) -> None:
        await pair.ask(pair.here, 1)
        client = valkey.client()
        client.config_set("maxmemory", 1)
        try:
            assert (await pair.ask(pair.there, 1))[0] == "shared"
            assert await pair.ask(pair.here, 2) == ("rollup", Decimal(7))
            assert await pair.ask(pair.there, 2) == ("rollup", Decimal(7))
            assert not any(cache.away for cache in pair.caches)
        finally:
            client.config_set("maxmemory", 0)
        assert (await pair.ask(pair.here, 3))[0] == "rollup"
        assert (await pair.ask(pair.there, 3))[0] == "shared"

    play(story)


@pytest.mark.usefixtures("patient")
def test_emptied_in_the_middle_it_is_filled_again(play: Any, valkey: Valkey) -> None:
    async def story(pair: Pair) -> None:
        for day in range(40):
            asked = [pair.ask(pair.here, day), pair.ask(pair.there, day)]
            if day % 7 == 0:
                valkey.client().flushall()
            assert {revenue for _, revenue in await asyncio.gather(*asked)} == {Decimal(7)}
        assert valkey.client().dbsize() > 0

    play(story)
