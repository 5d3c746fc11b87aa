"""Real servers, in the way of real trouble: clients that dawdle, a stop under load, and a Valkey that hangs."""

import itertools
import os
import secrets
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from datetime import date, timedelta
from http.client import HTTPConnection, HTTPException
from typing import Any
from urllib.parse import urlsplit

import httpx
from tests.e2e.conftest import SERVE, address_of
from tests.faults.valkey import running
from tests.ports import free_port

from tallymark.app import GRACE

PASSWORD = "a long password"
METRIC = "/api/metrics/net_revenue"
BODY_SECONDS, HEAD_SECONDS, LATE = 10, 15, 60
SEED = "SELECT ensure_months(now() - interval '40 days', now())"


def sign_in(address: str, email: str = "admin@example.com") -> dict[str, str]:
    account = {"email": email, "password": PASSWORD}
    token = httpx.post(f"{address}/api/auth/login", json=account, timeout=60).json()["accessToken"]
    return {"Authorization": f"Bearer {token}"}


def refreshed(address: str) -> dict[str, str]:
    headers = sign_in(address)
    answer = httpx.post(f"{address}/api/admin/analytics/refresh", headers=headers, timeout=120)
    assert answer.status_code == 200, answer.text
    return headers


def dawdle(address: str, said: bytes) -> socket.socket:
    place = urlsplit(address)
    connection = socket.create_connection((place.hostname, place.port))
    connection.sendall(said)
    return connection


def test_whoever_dawdles_is_let_go_and_holds_up_nobody(make_shop: Any) -> None:
    shop = make_shop(SEED)
    headers = refreshed(shop.address)
    head = b"GET /livez HTTP/1.1\r\nHost: x\r\nX-Slow: "
    body = b"POST /api/auth/login HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 50\r\n\r\n{"
    began = time.monotonic()
    heads, bodies = [dawdle(shop.address, head) for _ in range(100)], [dawdle(shop.address, body) for _ in range(20)]
    taken = []
    with httpx.Client(base_url=shop.address, headers=headers, timeout=30) as client:
        while time.monotonic() - began < HEAD_SECONDS - 5:
            asked = time.monotonic()
            assert client.get(METRIC).status_code == 200
            taken.append(time.monotonic() - asked)
            for connection in heads[:10]:
                connection.send(b"x")
            time.sleep(0.1)
    assert sorted(taken)[len(taken) // 2] < BODY_SECONDS / 5, "whoever dawdles holds up the others"
    for connection in bodies:
        connection.settimeout(LATE)
        with closing(connection):
            assert connection.recv(100).startswith(b"HTTP/1.1 408")
    for connection in heads:
        connection.settimeout(LATE)
        with closing(connection), suppress(ConnectionResetError):
            assert connection.recv(100) == b""
    assert time.monotonic() - began > BODY_SECONDS


def test_a_stop_under_load_breaks_off_no_answer(make_shop: Any) -> None:
    shop = make_shop(SEED)
    headers = refreshed(shop.address)
    answered, broken, stopping = [], [], threading.Event()
    turned: set[int] = set()  # Who has had an answer to all that they asked before the stop.

    def client(number: int) -> None:
        """A connection for each request: it is refused, or answered in full. One that the stop finds still unaccepted,
        in the listening socket's queue, is reset by the kernel before its first byte: that is a refusal too."""
        turn = 0
        while not broken:
            turn += 1
            path = f"{METRIC}?from=2025-{1 + number:02}-{1 + turn % 28:02}" if number % 2 else METRIC
            connection = HTTPConnection(urlsplit(shop.address).netloc, timeout=30)
            late, answer = stopping.is_set(), None
            if late:
                turned.add(number)
            try:
                connection.request("GET", path, headers={**headers, "Connection": "close"})
                answer = connection.getresponse()
                assert answer.read()
                answered.append(answer.status)
            except ConnectionRefusedError:
                return
            except (OSError, HTTPException) as failed:
                if not (late and answer is None and isinstance(failed, ConnectionResetError)):
                    broken.append(repr(failed))
                return

    clients = [threading.Thread(target=client, args=(number,)) for number in range(6)]
    for thread in clients:
        thread.start()
    deadline = time.monotonic() + LATE
    while len(answered) < 50 and not broken and time.monotonic() < deadline:
        time.sleep(0.02)
    stopping.set()
    while len(turned) < len(clients) and not broken and time.monotonic() < deadline:
        time.sleep(0.02)
    began = time.monotonic()
    shop.stop()
    assert time.monotonic() - began < GRACE
    for thread in clients:
        thread.join(LATE)
    assert set(answered) == {200}
    assert len(answered) > 20
    assert broken == []
    assert shop.process.returncode == 0


@contextmanager
def beside(shop: Any, **environment: str) -> Iterator[str]:
    """A second instance over the same database."""
    port = free_port()
    settings = {**environment, "TALLYMARK_PORT": str(port)}
    process = subprocess.Popen([sys.executable, "-c", SERVE], env={**os.environ, **settings})
    address = f"http://127.0.0.1:{port}"
    try:
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            with suppress(httpx.TransportError):
                if httpx.get(f"{address}/readyz").status_code == 200:
                    break
            time.sleep(0.1)
        yield address
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(120)


def test_two_servers_share_answers_and_limits_while_valkey_comes_and_goes(make_shop: Any) -> None:
    with running() as valkey:
        common = {"REDIS_URL": valkey.address, "TALLYMARK_SECRET_KEY": secrets.token_hex(32)}
        common |= {"TALLYMARK_REQUESTS_PER_CREDENTIAL": "60"}
        shop = make_shop(SEED, **common)
        headers = refreshed(shop.address)
        with beside(shop, DATABASE_URL=address_of(shop.database.conninfo), **common) as other:
            client = httpx.Client(timeout=60)

            def ask(address: str, day: int, role: dict[str, str] = headers) -> httpx.Response:
                return client.get(f"{address}{METRIC}?from={date(2025, 1, 1) + timedelta(day)}", headers=role)

            days = itertools.count(1)

            def until_shared() -> int:
                """A day whose figures one has worked out and the other has found.

                Valkey is given 50 ms to answer, so on a busy machine it need not be the first.
                """
                deadline = time.monotonic() + LATE
                for day in days:
                    tiers = [ask(address, day).headers["X-Cache-Tier"] for address in (shop.address, other)]
                    if tiers == ["rollup", "shared"]:
                        return day
                    assert time.monotonic() < deadline, tiers
                    time.sleep(0.3)
                raise AssertionError

            shared = until_shared()
            tiers = {ask(address, shared).headers["X-Cache-Tier"] for address in (shop.address, other)}
            assert tiers == {"memory"}
            valkey.hang()
            for day in itertools.islice(days, 6):
                for address in (shop.address, other):
                    answer = ask(address, day)
                    assert (answer.status_code, answer.headers["X-Cache-Tier"]) == (200, "rollup")
            valkey.wake()
            until_shared()
            viewer = sign_in(shop.address, "viewer@example.com")
            assert {ask(shop.address, 1, viewer).status_code for _ in range(50)} == {200}
            # Of sixty ten are left: the other server gets to know, though not with the very first.
            statuses = []
            while len(statuses) < 45 and 429 not in statuses:
                time.sleep(0.1)
                statuses.append(ask(other, 1, viewer).status_code)
            assert 429 in statuses
