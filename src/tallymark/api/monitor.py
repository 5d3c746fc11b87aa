"""What one server has measured: its own values, and those of its other processes."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil

from tallymark.monitoring import (
    STATEMENTS,
    VALUES,
    Board,
    Reading,
    Readings,
    Slow,
    Tally,
    Traffic,
    counters,
    merged,
    readings,
    together,
)

TICK = 1.0
"""Seconds between two looks at how late the event loop is."""
TELLS = 5.0
"""Seconds between two times that a process tells the others."""


@dataclass(frozen=True, slots=True)
class Told:
    """What one process has measured."""

    readings: Readings
    tallies: list[Tally]
    slow: list[Slow]
    memory: int
    uptime: float
    alive: bool = True

    def packed(self) -> dict[str, Any]:
        values = [[name, list(labels), value] for name, of in self.readings.items() for labels, value in of.items()]
        return {
            "readings": values,
            "tallies": [tally.packed() for tally in self.tallies],
            "slow": [slow.packed() for slow in self.slow],
            "memory": self.memory,
            "uptime": self.uptime,
        }

    @classmethod
    def unpacked(cls, packed: Mapping[str, Any], alive: bool) -> "Told":
        found: Readings = {}
        for name, labels, value in packed["readings"]:
            found.setdefault(name, {})[tuple(labels)] = value
        tallies = [Tally.unpacked(tally) for tally in packed["tallies"]]
        slow = [Slow.unpacked(one) for one in packed["slow"]]
        memory = packed["memory"] if alive else 0
        return cls(found if alive else counters(found), tallies, slow, memory, packed["uptime"], alive)


@dataclass
class Monitor:
    """Counts the requests of this process. `board`: the folder where the processes of one server meet.

    Use from one event loop; what is told may be asked for in a thread.
    """

    version: str
    board: Path | None = None
    traffic: Traffic = field(default_factory=Traffic)
    began: float = field(default_factory=time.monotonic)
    lag: float = 0.0

    @asynccontextmanager
    async def watching(self, source: Callable[[], Iterable[Reading]]) -> AsyncIterator[None]:
        """Meanwhile looks at the event loop, tells the other processes, and reads the gauges of `source` when asked."""
        ends = [VALUES.register(source), VALUES.register(self._process)]
        watch = asyncio.create_task(self._watch())
        try:
            yield
        finally:
            watch.cancel()
            if self.board:
                self._tell(self.mine())
            for end in ends:
                end()

    def mine(self) -> Told:
        """What this process has measured."""
        memory = int(psutil.Process().memory_info().rss)
        return Told(VALUES.readings(), self.traffic.tallies(), STATEMENTS.slow(), memory, time.monotonic() - self.began)

    def all(self) -> list[Told]:
        """What every process of this server has, those that are no more among them; this one first."""
        mine = self.mine()
        if self.board is None:
            return [mine]
        self._tell(mine)
        return [mine, *(Told.unpacked(packed, alive) for alive, packed in Board(self.board).others())]

    def values(self) -> Readings:
        """Everything that is measured, of all processes together."""
        told = self.all()
        requests = readings(together(tally for one in told for tally in one.tallies))
        return merged([requests, *(one.readings for one in told)])

    def _tell(self, mine: Told) -> None:
        assert self.board is not None
        Board(self.board).write(mine.packed())

    async def _watch(self) -> None:
        told = time.monotonic()
        while True:
            began = time.monotonic()
            await asyncio.sleep(TICK)
            now = time.monotonic()
            self.lag = max(0.0, now - began - TICK)
            if self.board and now - told > TELLS:
                told = now
                self._tell(self.mine())

    def _process(self) -> Iterator[Reading]:
        process = psutil.Process()
        spent = process.cpu_times()
        yield "process_resident_memory_bytes", (), process.memory_info().rss
        yield "process_cpu_seconds_total", (), spent.user + spent.system
        yield "processes", (), 1
        yield "uptime_seconds", (), time.monotonic() - self.began
        yield "event_loop_lag_seconds", (), self.lag
        yield "build_info", (self.version,), 1
