"""A body that does not come is not waited for; who is told to stop by somebody else stops."""

import asyncio

import pytest
from starlette.types import Message

from tallymark.api import receipt
from tallymark.api.receipt import Body, BodyTooLarge, BodyTooSlow, Receipt


async def never() -> Message:
    await asyncio.Event().wait()
    raise AssertionError


def part(body: bytes, more: bool) -> Message:
    return {"type": "http.request", "body": body, "more_body": more}


@pytest.fixture(autouse=True)
def _soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(receipt, "RECEIPT", 0.05)
    monkeypatch.setattr(receipt, "TICK", 0.01)


def test_what_does_not_come_in_time_is_given_up_each_for_itself() -> None:
    async def whole() -> list[object]:
        kept = Receipt()
        late = [Body(never, kept).whole(5) for _ in range(3)]
        found = await asyncio.gather(*(asyncio.wait_for(one, 30) for one in late), return_exceptions=True)
        again = await asyncio.gather(Body(never, kept).whole(5), return_exceptions=True)
        return [*found, *again]

    assert [type(one) for one in asyncio.run(whole())] == [BodyTooSlow] * 4


def test_who_is_stopped_by_somebody_else_is_not_told_that_the_body_was_late(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(receipt, "RECEIPT", 3600.0)

    async def whole() -> None:
        task = asyncio.create_task(Body(never, Receipt()).whole(5))
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(whole())


def test_a_body_is_put_together_and_can_be_received_again() -> None:
    async def whole() -> None:
        parts = iter([part(b"ab", True), part(b"cde", True)])

        async def receive() -> Message:
            return next(parts)

        body = Body(receive, Receipt())
        assert await body.whole(5) == b"abcde"
        assert [await body.receive() for _ in range(2)] == [part(b"ab", True), part(b"cde", True)]

        async def much() -> Message:
            return part(b"x" * 40_000, True)

        with pytest.raises(BodyTooLarge):
            await Body(much, Receipt()).whole(0)

    asyncio.run(whole())
