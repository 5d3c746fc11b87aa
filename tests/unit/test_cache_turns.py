"""A crowd reads once or twice, and nobody is told of anything older than their question."""

import asyncio
import threading
import time

import pytest

from tallymark.cache import Turns


def test_a_crowd_costs_two_reads_and_each_began_after_the_question() -> None:
    """All the others ask while the first read is going, however long that takes them."""
    reads: list[float] = []
    all_have_asked = threading.Event()

    def read() -> float:
        began = time.perf_counter()
        reads.append(began)
        assert all_have_asked.wait(60)
        return began

    async def crowd() -> None:
        turns: Turns[float] = Turns()

        async def ask() -> None:
            asked = time.perf_counter()
            assert await turns.get("key", read) >= asked

        async with asyncio.TaskGroup() as group:
            for _ in range(3):
                for _ in range(200):
                    group.create_task(ask())
                while not reads:
                    await asyncio.sleep(0.001)
                await asyncio.sleep(0.005)
            all_have_asked.set()

    asyncio.run(crowd())
    assert len(reads) == 2


def test_different_keys_do_not_wait_for_each_other() -> None:
    both = threading.Barrier(2, timeout=5)

    async def two() -> None:
        turns: Turns[int] = Turns()
        await asyncio.gather(turns.get("a", both.wait), turns.get("b", both.wait))

    asyncio.run(two())


def test_an_error_reaches_all_who_waited_and_nobody_after() -> None:
    answers = iter([ValueError("first"), 7])

    def read() -> int:
        answer = next(answers)
        if isinstance(answer, Exception):
            raise answer
        return answer

    async def three() -> None:
        turns: Turns[int] = Turns()
        told = await asyncio.gather(turns.get("a", read), turns.get("a", read), return_exceptions=True)
        assert [str(answer) for answer in told] == ["first", "first"]
        assert await turns.get("a", read) == 7

    asyncio.run(three())


def test_one_who_goes_away_takes_nobody_with_them() -> None:
    async def some() -> None:
        turns: Turns[int] = Turns()
        going = asyncio.create_task(turns.get("a", lambda: time.sleep(0.1) or 1))
        await asyncio.sleep(0.02)
        leaving = asyncio.create_task(turns.get("a", lambda: 2))
        staying = asyncio.create_task(turns.get("a", lambda: 2))
        await asyncio.sleep(0)
        leaving.cancel()
        assert await going == 1
        assert await staying == 2
        with pytest.raises(asyncio.CancelledError):
            await leaving

    asyncio.run(some())
