"""How often somebody may ask, whoever counts; and who is believed about where a request comes from."""

import asyncio
from ipaddress import ip_network
from typing import Any

import pytest

from tallymark.api.proxies import Proxies
from tallymark.api.quotas import EXCHANGE, Quotas, network_of

NOON = 1_800_000_000.0 // 60 * 60


def allowed(quotas: Quotas, at: float, attempts: int = 1, caller: str = "10.0.0.1") -> int:
    return sum(quotas.take("address", caller, at).remaining >= 0 for _ in range(attempts))


def test_a_minute_holds_so_many_and_says_when_the_next_may_come() -> None:
    quotas = Quotas(100, 10)
    first = quotas.take("address", "10.0.0.1", NOON)
    assert (first.limit.quota, first.remaining, first.reset) == (100, 99, 60)
    assert allowed(quotas, NOON + 20, 200) == 99
    refused = quotas.take("address", "10.0.0.1", NOON + 20)
    assert (refused.remaining, refused.reset) == (-1, 41)
    assert allowed(quotas, NOON + 20 + refused.reset - 1) == 0
    assert allowed(quotas, NOON + 20 + refused.reset) == 1
    assert allowed(quotas, NOON + 20, 200, "10.0.0.2") == 100
    assert allowed(quotas, NOON + 180, 200) == 100


def test_the_end_of_a_minute_is_no_loophole() -> None:
    quotas = Quotas(100, 10)
    assert allowed(quotas, NOON + 59, 100) == 100
    assert allowed(quotas, NOON + 60, 100) == 0
    assert allowed(quotas, NOON + 90, 100) == 50
    refused = quotas.take("address", "10.0.0.1", NOON + 90)
    assert refused.reset == 1
    assert allowed(quotas, NOON + 91) == 1


def test_addresses_of_one_customer_count_as_one() -> None:
    assert network_of("2001:db8:1:2::7") == network_of("2001:db8:1:2:ffff::1") == "2001:db8:1:2::/64"
    assert network_of("2001:db8:1:3::7") != network_of("2001:db8:1:2::7")
    assert network_of("192.0.2.7") == "192.0.2.7"


def test_what_is_remembered_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tallymark.api.quotas.REMEMBERED", 10)
    quotas = Quotas(1, 1)
    for number in range(100):
        assert allowed(quotas, NOON, 1, f"10.0.0.{number}") == 1
    assert len(quotas) == 10


class Counter:
    """What instances have said, as a shared cache would add it up; `away` for a while."""

    def __init__(self) -> None:
        self.counts: dict[str, int] = {}
        self.away = False

    async def add(self, counts: dict[str, int], _: int) -> dict[str, int] | None:
        if self.away:
            return None
        for name, count in counts.items():
            self.counts[name] = self.counts.get(name, 0) + count
        return {name: self.counts[name] for name in counts}


def test_instances_that_share_let_through_what_one_does() -> None:
    async def two() -> None:
        counter: Any = Counter()
        here, there = Quotas(100, 10, counter), Quotas(100, 10, counter)
        total = 0
        for _ in range(30):
            for quotas in (here, there):
                total += allowed(quotas, NOON, 2)
                await asyncio.sleep(EXCHANGE * 1.5)
        assert 100 <= total <= 102
        counter.away = True
        assert allowed(here, NOON, 10) == 0
        assert allowed(here, NOON + 300, 200) == 100, "each counts by itself while nobody can be told"
        await asyncio.sleep(EXCHANGE * 1.5)
        counter.away = False
        assert allowed(there, NOON + 300) == 1
        await asyncio.sleep(EXCHANGE * 1.5)

    asyncio.run(two())


@pytest.mark.parametrize(
    ("peer", "forwarded", "seen"),
    [
        ("127.0.0.1", "203.0.113.9", "203.0.113.9"),
        ("127.0.0.1", "198.51.100.1, 203.0.113.9, 10.1.2.3", "203.0.113.9"),
        ("10.9.9.9", "10.1.2.3", "10.1.2.3"),
        ("127.0.0.1", "203.0.113.9, nonsense", "127.0.0.1"),
        ("192.0.2.7", "203.0.113.9", "192.0.2.7"),
        ("::1", "2001:db8::1", "2001:db8::1"),
        ("not an address", "203.0.113.9", "not an address"),
    ],
)
def test_only_a_trusted_proxy_is_believed(peer: str, forwarded: str, seen: str) -> None:
    proxies = Proxies([ip_network("127.0.0.0/8"), ip_network("10.0.0.0/8"), ip_network("::1")])
    headers = [(b"host", b"x"), (b"x-forwarded-for", forwarded.encode()), (b"x-forwarded-proto", b"https")]
    scope = {"type": "http", "client": (peer, 1), "scheme": "http", "headers": headers}
    found = proxies.seen_through(scope)
    believed = peer in {"127.0.0.1", "10.9.9.9", "::1"}
    assert (found["client"][0], found["scheme"]) == (seen, "https" if believed else "http")
    assert believed or found["headers"] == [(b"host", b"x")]
