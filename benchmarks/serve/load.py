"""Requests over kept connections, each as soon as the last is answered: by wrk where it is installed."""

import asyncio
import re
import shutil
import subprocess
import time
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from benchmarks.world import percentile

UNITS = {"us": 0.001, "ms": 1.0, "s": 1000.0}


@dataclass(frozen=True)
class Load:
    """Requests a second, and milliseconds at the median and the slowest hundredth. `failed`: not answered with 200."""

    rate: float
    p50: float
    p99: float
    failed: int = 0


def press(url: str, headers: Mapping[str, str], clients: int, seconds: float) -> Load:
    """So many clients for so long."""
    program = shutil.which("wrk")
    return (
        _wrk(program, url, headers, clients, seconds)
        if program
        else asyncio.run(_plain(url, headers, clients, seconds))
    )


def _wrk(program: str, url: str, headers: Mapping[str, str], clients: int, seconds: float) -> Load:
    named = [part for name, value in headers.items() for part in ("-H", f"{name}: {value}")]
    command = [program, "-t1", f"-c{clients}", f"-d{round(seconds)}s", "--latency", *named, url]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    failed = re.search(r"Non-2xx or 3xx responses: (\d+)", said)
    rate = re.search(r"Requests/sec:\s+([\d.]+)", said)
    assert rate, said
    return Load(float(rate[1]), _at("50%", said), _at("99%", said), int(failed[1]) if failed else 0)


def _at(share: str, said: str) -> float:
    found = re.search(rf"^\s+{share}\s+([\d.]+)(us|ms|s)$", said, re.MULTILINE)
    assert found, said
    return float(found[1]) * UNITS[found[2]]


async def _plain(url: str, headers: Mapping[str, str], clients: int, seconds: float) -> Load:
    address = urlsplit(url)
    target = f"{address.path}?{address.query}" if address.query else address.path
    lines = [
        f"GET {target} HTTP/1.1",
        f"Host: {address.netloc}",
        *(f"{name}: {value}" for name, value in headers.items()),
    ]
    request = ("\r\n".join(lines) + "\r\n\r\n").encode()
    taken: list[float] = []
    failed = 0
    until = time.perf_counter() + seconds

    async def client() -> None:
        nonlocal failed
        reader, writer = await asyncio.open_connection(address.hostname, address.port)
        while (began := time.perf_counter()) < until:
            writer.write(request)
            head = await reader.readuntil(b"\r\n\r\n")
            length = re.search(rb"content-length: (\d+)", head, re.IGNORECASE)
            if length:
                await reader.readexactly(int(length[1]))
            failed += not head.startswith(b"HTTP/1.1 200")
            taken.append(time.perf_counter() - began)
        writer.close()

    began = time.perf_counter()
    await asyncio.gather(*(client() for _ in range(clients)))
    rate = len(taken) / (time.perf_counter() - began)
    return Load(rate, percentile(taken, 0.5) * 1000, percentile(taken, 0.99) * 1000, failed)
