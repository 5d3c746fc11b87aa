"""Requests over kept connections: as many as are answered, or so many a second; by wrk."""

import json
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from random import Random

SCRIPT = Path(__file__).with_name("load.lua")
PATIENCE = 60.0
"""Seconds after which a press that does not end is given up."""


@dataclass(frozen=True)
class Ask:
    """One kind of request, and how often it is made among others.

    `headers`: one set for each caller, who take turns. `ranged`: `from` and `to` follow, and are other days each time.
    """

    path: str
    headers: Sequence[dict[str, str]]
    method: str = "GET"
    body: str = ""
    weight: int = 1
    ranged: bool = False


@dataclass(frozen=True)
class Load:
    """Requests a second, milliseconds until they were answered, and how many were not, or with more than 399.

    `hits`: the share of answers that nothing was worked out for, None where nobody looked.
    """

    rate: float
    p50: float
    p95: float
    p99: float
    asked: int
    failed: int
    hits: float | None = None


def press(
    address: str, asks: Sequence[Ask], clients: int, seconds: float, *, rate: float | None = None, look: bool = False
) -> Load:
    """So many clients for so long, each as soon as the last was answered; or all together at this rate."""
    program = shutil.which("wrk")
    if program is None:
        raise SystemExit("The benchmark needs wrk: apt-get install wrk.")
    seed = Random().randrange(60_000)
    with tempfile.NamedTemporaryFile("w", suffix=".lua") as script:
        script.write(_script(asks, clients, rate, look, seed))
        script.flush()
        command = [program, "-t1", f"-c{clients}", f"-d{max(1, round(seconds))}s", "-s", script.name, address]
        said = subprocess.run(command, capture_output=True, text=True, check=True, timeout=seconds + PATIENCE).stdout
    told = json.loads(said.rsplit("\nTOLD ", 1)[1])
    looked, found = told.pop("looked"), told.pop("hits")
    return Load(
        rate=told["asked"] / told.pop("seconds"), hits=round(found / max(1, looked), 4) if look else None, **told
    )


def _script(asks: Sequence[Ask], clients: int, rate: float | None, look: bool, seed: int) -> str:
    """What is asked, in Lua, and before it how: the rest is `load.lua`."""
    every = 1000 / rate if rate else 0
    kinds = ",\n".join(_table(asdict(ask)) for ask in asks)
    return (
        f"seed, every, look = {seed}, {every}, {str(look).lower()}\nasks = {{\n{kinds}\n}}\n{SCRIPT.read_text('utf-8')}"
    )


def _table(value: object) -> str:
    """A value as Lua writes it."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"[{_table(name)}] = {_table(one)}" for name, one in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "{" + ", ".join(map(_table, value)) + "}"
    return json.dumps(value)
