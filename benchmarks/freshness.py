"""From the commit of changed orders to the first right answer, as a program sees it over HTTP."""

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import httpx

from benchmarks.world import World, fill, median_of, say
from tallymark.db import Database
from tallymark.metrics import Catalog

KINDS = {"recent": World.recent, "spread": World.spread}
EMAIL, PASSWORD = "bench@example.com", "a password of the benchmark"


def commit_to_answer(database: Database, catalog: Catalog, orders: int, home: Path) -> dict[str, Any]:
    """Seconds from COMMIT of 1,000 changed orders until an answer over HTTP holds them; medians of seven.

    `recent` and `spread` begin with a server at rest, `…_at_once` while it prepares the answers of the change before.
    """
    # The server goes by the clock: answers of once a day are to be there before it starts.
    world = World(database, catalog, fill(database, "http", orders), orders, as_of=None)
    world.refresh()
    with _served(database, world, home) as client:
        figures: dict[str, Any] = {"orders": orders}
        cases = ((name, choose, rest) for rest in (True, False) for name, choose in KINDS.items())
        for name, choose, rest in cases:

            def once(turn: int, choose: Any = choose, rest: bool = rest) -> float:
                if rest:
                    _until_all_is_ready(database, world)
                world.touch(choose(world, 1_000, 7_000 + turn))
                began = time.perf_counter()
                client.post("/api/admin/analytics/refresh").raise_for_status()
                answer = client.get("/api/metrics/sales_overview").raise_for_status().json()
                took = time.perf_counter() - began
                _check(database, world, answer["data"]["units"])
                return took

            for turn in (97, 98, 99):  # Each connection plans a refresh once.
                once(turn)
            key = name if rest else f"{name}_at_once"
            figures[key] = round(median_of(7, once), 3)
            say(f"  1,000 orders changed ({key}): {figures[key] * 1000:.0f} ms")
    return figures


def _until_all_is_ready(database: Database, world: World) -> None:
    for _ in range(600):
        with database.connect(world.tenant.tenant_id) as conn:
            row = conn.execute(
                "SELECT phases->>'Preparing Answers' FROM analytics_metadata"
                " WHERE status = 'completed' ORDER BY started_at DESC LIMIT 1"
            ).fetchone()
        if row is None or row[0] is not None:
            return
        time.sleep(0.05)
    raise AssertionError("the answers that follow a refresh are not ready after 30 s")


def _check(database: Database, world: World, units: int) -> None:
    with database.connect(world.tenant.tenant_id, statement_timeout=0) as conn:
        row = conn.execute(
            "SELECT sum(quantity) FROM order_items i JOIN orders o USING (tenant_id, placed_at, platform, order_id)"
            " WHERE o.tenant_id = %s AND status <> 'cancelled' AND NOT test",
            (world.tenant.tenant_id,),
        ).fetchone()
    assert row is not None
    if units != row[0]:
        raise AssertionError(f"the answer says {units} units, the orders {row[0]}")


class _served:
    """The server as `tallymark serve` starts it, with the refresh limits out of the way."""

    def __init__(self, database: Database, world: World, home: Path) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        environment = os.environ | {
            "TALLYMARK_HOME": str(home),
            "ANALYTICS_REFRESH_COOLDOWN_MINUTES": "0",
            "ANALYTICS_RATE_LIMIT_REQUESTS": "100000",
        }
        tallymark = [str(Path(sys.executable).parent / "tallymark")]
        user = ["user", "create", EMAIL, "--tenant", world.tenant.slug, "--role", "admin", "--password-stdin"]
        subprocess.run(
            tallymark + user, env=environment, input=PASSWORD, text=True, check=True, stdout=subprocess.DEVNULL
        )
        self.server = subprocess.Popen([*tallymark, "serve", "--no-work", "--port", str(self.port)], env=environment)

    def __enter__(self) -> httpx.Client:
        client = httpx.Client(base_url=f"http://127.0.0.1:{self.port}", timeout=120)
        for _ in range(200):
            try:
                client.get("/livez").raise_for_status()
                break
            except httpx.HTTPError:
                time.sleep(0.1)
        token = client.post("/api/auth/login", json={"email": EMAIL, "password": PASSWORD}).raise_for_status().json()
        client.headers["Authorization"] = f"Bearer {token['accessToken']}"
        client.cookies.clear()
        return client

    def __exit__(self, *_: object) -> None:
        self.server.send_signal(signal.SIGTERM)
        self.server.wait(30)
