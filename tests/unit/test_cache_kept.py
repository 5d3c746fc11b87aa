"""How often values are looked up again where very many are asked for."""

import asyncio
from types import SimpleNamespace

import pytest

from tallymark.cache import Kept, kept

FRESH, SERVED, MOST = 0.25, 0.5, 60.0


@pytest.mark.parametrize(("keys", "wide"), [(3, 1.0), (15, 1.0), (30, 2.0), (45, 3.0), (500, kept.WIDEST)])
def test_many_keys_share_the_looks(monkeypatch: pytest.MonkeyPatch, keys: int, wide: float) -> None:
    clock = SimpleNamespace(at=100.0)
    monkeypatch.setattr(kept, "time", SimpleNamespace(monotonic=lambda: clock.at))

    def never() -> int:
        raise AssertionError("nobody need look")

    async def ask() -> None:
        values: Kept[int] = Kept(FRESH, SERVED, most=MOST)

        for number in range(keys):
            await values.get(number, lambda: 0)
        clock.at = 101.0
        await values.get("last", lambda: 0)
        clock.at = 101.0 + FRESH * wide
        assert values.peek("last", never) is not None
        clock.at = 101.0 + SERVED * wide + 0.01
        assert values.peek("last", never) is None
        clock.at = 110.0  # Nobody has asked for a while.
        await values.get("last", lambda: 0)
        clock.at = 110.0 + FRESH
        assert values.peek("last", never) is not None
        clock.at = 110.0 + SERVED + 0.01
        assert values.peek("last", never) is None

    asyncio.run(ask())
