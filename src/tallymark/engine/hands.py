"""The processes that do the work: one run each at a time, ended from outside if it comes to that.

What runs in a process of its own can loop for ever, eat memory or exit without harm to the worker, which goes on
telling the others that it lives. A process is kept for the next run and replaced after so many; it ends by itself when
its worker is gone.
"""

import asyncio
import json
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, Literal

import structlog
from pydantic import SecretStr

from tallymark.settings import Settings
from tallymark.tasks import ledger

RUNS_EACH = 100
"""A process is replaced after so many runs: what a library keeps for itself does not add up."""
LONGEST_LINE = 16 << 20
BEGINNING = 120.0
"""Seconds that a process may take to be there."""

Reason = Literal["worker", "user", "lease"]

log = structlog.get_logger("tallymark.engine")


class Stop:
    """A way to tell a run under way that it shall end, and why."""

    def __init__(self) -> None:
        self.reason: Reason | None = None
        self._set = asyncio.Event()

    def set(self, reason: Reason) -> None:
        self.reason = self.reason or reason
        self._set.set()

    async def wait(self) -> None:
        await self._set.wait()


class Hands:
    """As many processes as runs are under way; the idle ones wait for the next."""

    def __init__(self, conninfo: str, settings: Settings, grace: float, program: str) -> None:
        self._parts = {"conninfo": conninfo, "settings": {name: _plain(value) for name, value in settings}}
        self._grace = grace
        self._program = program
        self._idle: list[_Hand] = []
        self._warming: asyncio.Task[None] | None = None

    async def warm(self) -> None:
        """Has a process ready before a run needs it; where none can be started now, the run tries again."""
        with suppress(OSError, TimeoutError):
            self._idle.append(await self._begin())

    async def do(self, run: ledger.Started, limit: float, stop: Stop) -> ledger.Ended:
        """Does the run; what goes wrong is how it ended, and never raised."""
        try:
            hand = self._idle.pop() if self._idle else await self._begin()
            while hand.is_over:
                hand = self._idle.pop() if self._idle else await self._begin()
        except (OSError, TimeoutError) as failed:
            return ledger.Ended(
                "put off", error=f"No process could be started: {failed}", counted=False, lost=True, delay=5
            )
        try:
            ended = await self._watched(hand, run, limit, stop)
        except BaseException:
            hand.kill()
            raise
        if hand.is_over or hand.runs >= RUNS_EACH:
            hand.kill()
            self._warming = asyncio.create_task(self.warm())  # The next run need not wait for its start.
        else:
            self._idle.append(hand)
        return ended

    def close(self) -> None:
        """Ends the idle processes; those at work have been seen to."""
        if self._warming is not None:
            self._warming.cancel()
        while self._idle:
            self._idle.pop().kill()

    async def _begin(self) -> "_Hand":
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", self._program, stdin=PIPE, stdout=PIPE, limit=LONGEST_LINE
        )
        hand = _Hand(process)
        hand.tell(self._parts)
        try:
            await asyncio.wait_for(hand.ready(), BEGINNING)
        except BaseException:
            hand.kill()
            raise
        return hand

    async def _watched(self, hand: "_Hand", run: ledger.Started, limit: float, stop: Stop) -> ledger.Ended:
        done = asyncio.ensure_future(hand.do(run))
        stopped = asyncio.ensure_future(stop.wait())
        try:
            await asyncio.wait({done, stopped}, timeout=limit, return_when=asyncio.FIRST_COMPLETED)
            if not done.done() and stopped.done() and stop.reason != "lease":
                hand.tell({"stop": True})
                await asyncio.wait({done}, timeout=self._grace)
            if done.done():
                return _after(stop, done.result())
            hand.kill()
            if stop.reason is not None:
                return _after(stop, ledger.Ended("put off", counted=False))
            return ledger.Ended("failed", error=f"It was ended after {limit:g} s, the most that {run.job} may take.")
        finally:
            stopped.cancel()
            done.cancel()
            with suppress(asyncio.CancelledError):
                await done


def _after(stop: Stop, ended: ledger.Ended) -> ledger.Ended:
    """What was interrupted because somebody wanted it stopped is cancelled; otherwise its turn comes again."""
    if ended.status != "put off" or stop.reason is None:
        return ended
    if stop.reason == "user":
        return ledger.Ended("cancelled", error="It was stopped on request.")
    if stop.reason == "lease":
        return ledger.Ended("put off", error="The worker could not reach the database.", counted=False, lost=True)
    return ledger.Ended("put off", error="The worker stopped and handed it back.", counted=False)


def _plain(setting: object) -> object:
    """As JSON has it; the process that is told is our own, so secrets are told too."""
    if isinstance(setting, SecretStr):
        return setting.get_secret_value()
    return str(setting) if isinstance(setting, Path) else setting


class _Hand:
    """One process."""

    def __init__(self, process: Process) -> None:
        self._process = process
        self._killed = False
        self.runs = 0

    @property
    def is_over(self) -> bool:
        """From the moment it is killed: until the system says so too, it must not be given another run."""
        return self._killed or self._process.returncode is not None

    def tell(self, message: Mapping[str, Any]) -> None:
        assert self._process.stdin is not None
        with suppress(ConnectionError, RuntimeError):
            self._process.stdin.write(json.dumps(message).encode() + b"\n")

    async def ready(self) -> None:
        """Returns once it waits for its first run: what it takes to get there is no run's time."""
        assert self._process.stdout is not None
        if not await self._process.stdout.readline():
            raise OSError("it ended before it was ready")

    async def do(self, run: ledger.Started) -> ledger.Ended:
        self.runs += 1
        self.tell({"run": run.told()})
        assert self._process.stdout is not None
        line = await self._process.stdout.readline()
        if line:
            return ledger.Ended(**json.loads(line))
        status = await self._process.wait()
        how = f"by signal {-status}" if status < 0 else f"with exit status {status}"
        return ledger.Ended("failed", error=f"The process that ran it ended {how}.")

    def kill(self) -> None:
        self._killed = True
        with suppress(ProcessLookupError):
            self._process.kill()
