"""What people ask is ready before they ask again."""

import asyncio
from collections.abc import Coroutine
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from tests.properties.world import open_shop, place

from tallymark.cache import Answers, Warming
from tallymark.cache.asked import KEPT, Tally, known, write_down
from tallymark.cache.warming import early
from tallymark.db import Database
from tallymark.metrics import Catalog
from tallymark.model import Question, Tenant
from tallymark.tasks import refresh

FEW = Catalog(Catalog.load()[name] for name in ("net_revenue", "top_products"))


@pytest.fixture
def tenant(database: Database) -> Tenant:
    open_shop(database, "quiet")
    tenant = open_shop(database)
    with database.connect(tenant.tenant_id) as conn:
        place(conn, range(5))
    refresh(database, FEW, tenant, triggered_by="test")
    return tenant


def process(database: Database) -> tuple[Answers, Warming]:
    answers = Answers(database, FEW, stale_after=timedelta(hours=1))
    return answers, Warming(answers, database, FEW, lambda: datetime.now(UTC))


def run(work: Coroutine[Any, Any, None]) -> None:
    asyncio.run(work)


def question(**params: object) -> Question:
    return Question("top_products", "all", params, as_of=datetime.now(UTC))


def test_after_a_publication_what_was_asked_is_in_memory(database: Database, tenant: Tenant) -> None:
    async def day() -> None:
        answers, warming = process(database)

        async def tier(asked: Question) -> str:
            return (await answers.ask(tenant, asked)).tier

        assert [await tier(question(limit=7)) for _ in range(2)] == ["rollup", "memory"]
        assert await tier(question(limit=8)) == "rollup"
        await warming.note()
        await warming.warm()
        with database.connect(tenant.tenant_id) as conn:
            place(conn, [7])
        await asyncio.to_thread(refresh, database, FEW, tenant, triggered_by="test")
        answers.publications.seen(tenant.tenant_id, 2)
        await answers.published(tenant)
        # Asked twice, declared by the metric, asked once.
        assert await warming.warm() == 3
        asked = [question(limit=7), question(), Question("net_revenue", as_of=datetime.now(UTC)), question(limit=8)]
        assert [await tier(one) for one in asked] == ["memory", "memory", "memory", "rollup"]
        assert await warming.warm() == 0

    run(day())

    async def another_process() -> None:
        answers, warming = process(database)
        await warming.note()
        assert await warming.warm() == 3
        assert (await answers.ask(tenant, question(limit=7))).tier == "memory"

    run(another_process())


def test_while_in_use_an_answer_does_not_get_too_old(database: Database, tenant: Tenant) -> None:
    async def day() -> None:
        answers, warming = process(database)
        for _ in range(2):
            await answers.ask(tenant, question(limit=7))
        await warming.note()
        await warming.warm()
        asked = answers.asked(tenant, question(limit=7))
        assert answers.ready(asked, early(asked))

        def age(part: float) -> None:
            published = answers.publications.newest(tenant)
            assert published is not None
            entry = answers.memory.get((*asked.key, published.mark))
            assert entry is not None
            entry.since -= part * entry.fresh

        age(0.5)
        assert await warming.warm() == 0
        age(0.48)
        assert await warming.warm() == 1
        assert answers.ready(asked, 0.5)
        # Nobody has asked for long: it may get old.
        warming._used.clear()
        age(0.98)
        assert await warming.warm() == 0
        moments = {round(early(answers.asked(tenant, question(limit=number))), 3) for number in range(1, 60)}
        assert len(moments) > 30
        assert min(moments) >= 0.7
        assert max(moments) <= 0.95

    run(day())


def test_so_much_of_each_shop_is_remembered_and_no_more(database: Database, tenant: Tenant) -> None:
    tally = Tally()
    for number in range(KEPT + 50):
        for _ in range(1 + number % 3):
            tally.count(tenant.tenant_id, ("top_products", "all", f'{{"limit":{number + 1}}}'))
    write_down(database, tally.take())
    write_down(database, {})
    assert tally.take() == {}
    with database.connect(tenant.tenant_id) as conn:
        # Those asked once gave way.
        assert conn.execute("SELECT count(*), min(asked) FROM asked_questions").fetchone() == (KEPT, 2.0)
        # A week later it is forgotten; what was asked a day ago counts half.
        conn.execute("UPDATE asked_questions SET last_at = now() - interval '8 days' WHERE asked < 3")
        conn.execute("UPDATE asked_questions SET last_at = now() - interval '1 day' WHERE asked = 3")
    write_down(database, {tenant.tenant_id: {("top_products", "all", '{"limit":3}'): 1}})
    with database.connect(tenant.tenant_id) as conn:
        assert conn.execute("SELECT count(*), round(max(asked)::numeric, 2) FROM asked_questions").fetchone() == (50, 3)
        conn.execute("DELETE FROM asked_questions WHERE parameters <> '{\"limit\":3}'")
        [(asked,)] = conn.execute("SELECT round(asked::numeric, 1) FROM asked_questions").fetchall()
    assert float(asked) == 2.5
    [asking] = known(database, 5, 5)
    assert (asking.tenant, asking.questions) == (tenant, (("top_products", "all", '{"limit":3}'),))
