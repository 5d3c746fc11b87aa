"""Work that takes a while: answered when it is done, or told of as it goes, as server-sent events in the answer."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from typing import Any

from fastapi import Request, Response
from fastapi.responses import StreamingResponse

from tallymark.api import problems
from tallymark.errors import TallymarkError
from tallymark.model import exact_json

EVENT_STREAM = "text/event-stream"
POLL = 0.15
HEARTBEAT = 10.0

Note = Callable[[str, int], None]
"""Called with what is being done, and how many rows of it are done."""
Work = Callable[[Note], Awaitable[Mapping[str, Any]]]

_going: set["asyncio.Task[Mapping[str, Any]]"] = set()


class Left(BaseException):
    """Nobody waits for it any more."""


async def told(request: Request, work: Work, *, ends_alone: bool = False) -> Response:
    """The answer of `work`. `ends_alone`: it goes on to its end when whoever asked has left; otherwise it gives up."""
    if EVENT_STREAM in request.headers.get("accept", ""):
        return StreamingResponse(_events(work, ends_alone), media_type=EVENT_STREAM)
    data = await work(lambda what, rows: None)
    return Response(exact_json.dumps({"success": True, "data": data}), media_type="application/json")


async def _events(work: Work, ends_alone: bool) -> AsyncIterator[str]:
    latest: dict[str, object] = {}
    left = False

    def note(what: str, rows: int) -> None:
        nonlocal latest
        if left:
            raise Left
        latest = {"what": what, "rows": rows}

    task = asyncio.ensure_future(work(note))
    _going.add(task)
    task.add_done_callback(_ended)
    shown: dict[str, object] = {}
    loop = asyncio.get_running_loop()
    spoken = loop.time()
    try:
        yield ": begun\n\n"
        while not task.done():
            await asyncio.wait({task}, timeout=POLL)
            if latest != shown:
                shown, spoken = latest, loop.time()
                yield _event("progress", shown)
            elif loop.time() - spoken > HEARTBEAT:
                spoken = loop.time()
                yield ": still going\n\n"
        yield _end(task)
    finally:
        left = not ends_alone


def _end(task: "asyncio.Task[Mapping[str, Any]]") -> str:
    failure = task.exception()
    if failure is None:
        return _event("completed", task.result())
    problem = problems.of(failure) if isinstance(failure, TallymarkError) else problems.unexpected(failure)
    return f"event: failed\ndata: {bytes(problem.body).decode()}\n\n"


def _ended(task: "asyncio.Task[Mapping[str, Any]]") -> None:
    """What failed when nobody waited any more is no news."""
    _going.discard(task)
    if not task.cancelled():
        task.exception()


def _event(name: str, data: object) -> str:
    return f"event: {name}\ndata: {exact_json.dumps(data)}\n\n"
