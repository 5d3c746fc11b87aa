"""What an instance knows of publications: at once when PostgreSQL says so, within seconds when it cannot be heard,
never older than what somebody was told, and still something while the database is away.
"""

import asyncio
import time
from collections.abc import Callable
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from tests.properties.world import open_shop

from tallymark.cache import Answers, Given, kept
from tallymark.cache.publications import FRESH
from tallymark.db import Database
from tallymark.errors import DatabaseUnavailable
from tallymark.metrics import Catalog
from tallymark.model import Question, Tenant
from tallymark.tasks import refresh

CATALOG = Catalog.load()
FEW = Catalog([CATALOG["net_revenue"]])
PATIENCE = 60
"""Seconds after which something will not happen any more, on the busiest machine."""
LISTENING = "FROM pg_stat_activity WHERE datname = current_database() AND query LIKE 'LISTEN%'"


@pytest.fixture
def tenant(database: Database) -> Tenant:
    tenant = open_shop(database)
    publish(database, tenant, 1)
    return tenant


def publish(database: Database, tenant: Tenant, amount: int) -> int:
    with database.connect(tenant.tenant_id) as conn:
        conn.execute(
            "INSERT INTO expenses (tenant_id, platform, expense_id, incurred_at, category, amount)"
            " VALUES (current_tenant(), 'shopify', 'e', '2025-01-02Z', 'Rent', %s)"
            " ON CONFLICT (tenant_id, platform, expense_id) DO UPDATE SET amount = EXCLUDED.amount",
            (amount,),
        )
    return refresh(database, FEW, tenant, triggered_by="test").version


async def ask(answers: Answers, tenant: Tenant) -> Given:
    return await answers.ask(tenant, Question("net_revenue", "all", {}, as_of=datetime.now(UTC)))


async def until(condition: Callable[[], bool]) -> None:
    began = time.monotonic()
    while not condition():
        assert time.monotonic() - began < PATIENCE, "it did not happen"
        await asyncio.sleep(0.01)


def play(database: Database, story: Callable[[Answers], Any], *, listen: bool) -> None:
    async def whole() -> None:
        answers = Answers(database, FEW, stale_after=timedelta(days=1))
        async with AsyncExitStack() as stack:
            if listen:
                await stack.enter_async_context(answers.listening())
                await until(lambda: _listening(database))
            await story(answers)

    asyncio.run(whole())


def _listening(database: Database) -> bool:
    with database.owner() as conn:
        return bool(conn.execute(f"SELECT 1 {LISTENING}").fetchone())


def test_a_new_version_is_heard_of_without_anybody_asking(database: Database, tenant: Tenant) -> None:
    async def story(answers: Answers) -> None:
        await ask(answers, tenant)
        version = await asyncio.to_thread(publish, database, tenant, 2)

        def known() -> bool:
            newest = answers.publications.newest(tenant)
            return newest is not None and newest.version == version

        await until(known)
        assert (await ask(answers, tenant)).publication.version == version

    play(database, story, listen=True)


def test_whoever_cannot_be_heard_is_looked_up_within_two_seconds(database: Database, tenant: Tenant) -> None:
    async def story(answers: Answers) -> None:
        await ask(answers, tenant)
        version = await asyncio.to_thread(publish, database, tenant, 2)
        began = time.monotonic()
        while (await ask(answers, tenant)).publication.version != version:
            assert time.monotonic() - began < PATIENCE
            await asyncio.sleep(0.05)
        version = await asyncio.to_thread(publish, database, tenant, 3)
        await asyncio.sleep(2.1)
        assert (await ask(answers, tenant)).publication.version == version, "by now everybody waits for the truth"

    play(database, story, listen=False)


def test_a_listener_that_was_cut_off_comes_back(database: Database, tenant: Tenant) -> None:
    async def story(answers: Answers) -> None:
        await ask(answers, tenant)
        with database.owner() as conn:
            conn.execute(f"SELECT pg_terminate_backend(pid) {LISTENING}")
        await asyncio.sleep(0.1)
        await until(lambda: _listening(database))
        version = await asyncio.to_thread(publish, database, tenant, 2)
        await until(lambda: answers.publications.newest(tenant).version == version)  # type: ignore[union-attr]

    play(database, story, listen=True)


def test_under_traffic_the_database_is_asked_once_a_second(
    database: Database, tenant: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def story(answers: Answers) -> None:
        looks: list[int] = []
        look = answers.publications._look
        monkeypatch.setattr(answers.publications, "_look", lambda number: looks.append(number) or look(number))
        began = time.monotonic()
        asked = 0
        while time.monotonic() - began < 3.5 or asked < 200:
            await asyncio.gather(*(ask(answers, tenant) for _ in range(20)))
            asked += 20
            await asyncio.sleep(0.005)
        assert 2 <= len(looks) <= 1 + (time.monotonic() - began) / FRESH

    play(database, story, listen=False)


def test_nobody_is_told_of_less_than_they_have_seen(database: Database, tenant: Tenant) -> None:
    async def story(answers: Answers) -> None:
        for amount in range(2, 10):
            await ask(answers, tenant)
            version = await asyncio.to_thread(publish, database, tenant, amount)
            answers.publications.seen(tenant.tenant_id, version)
            given = await asyncio.gather(*(ask(answers, tenant) for _ in range(10)))
            assert {one.publication.version for one in given} == {version}
            assert given[0].answer(datetime.now(UTC)).data["totalExpenses"] == amount  # type: ignore[index, call-overload]

    play(database, story, listen=False)


def test_while_the_database_is_away_what_is_known_is_given_and_says_so(
    database: Database, tenant: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def story(answers: Answers) -> None:
        assert not (await ask(answers, tenant)).unverified
        doors = {name: getattr(database, name) for name in ("connect", "read")}

        refused: list[float] = []

        def refuse(*_: Any, **__: Any) -> Any:
            refused.append(time.monotonic())
            raise DatabaseUnavailable

        for name in doors:
            monkeypatch.setattr(database, name, refuse)
        await asyncio.sleep(2.1)
        given = await ask(answers, tenant)
        told = given.answer(datetime.now(UTC))
        assert (told.stale, [notice.code for notice in told.warnings], told.version) == (True, ["unverified"], 1)
        for _ in range(50):
            assert (await ask(answers, tenant)).unverified
        pauses = (time.monotonic() - refused[0]) / kept.PAUSE
        assert len(refused) <= 2 + pauses, "a database that is known to be away is not asked all the time"
        never_asked = Question("net_revenue", "all", {"from": "2025-01-01"}, as_of=datetime.now(UTC))
        with pytest.raises(DatabaseUnavailable):
            await answers.ask(tenant, never_asked)
        for name, door in doors.items():
            monkeypatch.setattr(database, name, door)
        deadline = time.monotonic() + PATIENCE
        while (await ask(answers, tenant)).unverified:
            assert time.monotonic() < deadline, "it did not recover"
            await asyncio.sleep(0.1)

    play(database, story, listen=False)
