"""The outermost layer: what holds for every answer, whichever route gives it."""

from collections.abc import Mapping

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from tallymark.api import problems
from tallymark.api.lane import Lane

LARGEST_BODY = 64 * 1024

HEADERS: Mapping[bytes, bytes] = {
    b"content-security-policy": (
        b"default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
        b"form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    b"x-content-type-options": b"nosniff",
    b"referrer-policy": b"same-origin",
    b"cross-origin-opener-policy": b"same-origin",
    b"cross-origin-resource-policy": b"same-origin",
}
EVERYWHERE = list(HEADERS.items())
PRIVATE = (b"cache-control", b"no-store")


class Edge:
    """Answers what the fast lane knows. Of everything else: adds the security headers, refuses bodies over
    `LARGEST_BODY`, and shelters unexpected errors.
    """

    def __init__(self, app: ASGIApp, lane: Lane) -> None:
        self.app = app
        self.lane = lane

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
        elif scope["method"] != "GET" or not await self._known(scope, send):
            await self._unknown(scope, receive, send)

    async def _known(self, scope: Scope, send: Send) -> bool:
        headers = dict(scope["headers"])
        if len(headers) != len(scope["headers"]):
            return False  # Which of two is meant is for the framework to say.
        found = self.lane.find(scope, headers)
        if found is None:
            return False
        _, cached = found
        accepted, known = headers.get(b"accept-encoding", b""), headers.get(b"if-none-match", b"")
        reply = cached.reply(accepted.decode("latin-1"), known.decode("latin-1"))
        await send({"type": "http.response.start", "status": reply.status, "headers": reply.headers + EVERYWHERE})
        await send({"type": "http.response.body", "body": reply.content})
        return True

    async def _unknown(self, scope: Scope, receive: Receive, send: Send) -> None:
        answer = _Answer(send)
        request = _Body(receive)
        try:
            if _declared(scope) > LARGEST_BODY:
                raise BodyTooLarge
            await self.app(scope, request.receive, answer.send)
        except BodyTooLarge:
            too_large = problems.problem(413, "body_too_large", f"A body holds at most {LARGEST_BODY} bytes.")
            await too_large(scope, receive, answer.send)
        except Exception as error:
            sheltered = problems.unexpected(error)
            if answer.started:
                raise ConnectionAbortedError("the answer broke off") from None
            await sheltered(scope, receive, answer.send)


class BodyTooLarge(BaseException):
    """Passes through the framework, which takes any Exception while it reads a body for bad JSON."""


class _Body:
    def __init__(self, receive: Receive) -> None:
        self._receive = receive
        self._size = 0

    async def receive(self) -> Message:
        message = await self._receive()
        self._size += len(message.get("body", b""))
        if self._size > LARGEST_BODY:
            raise BodyTooLarge
        return message


class _Answer:
    def __init__(self, send: Send) -> None:
        self._send = send
        self.started = False

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.started = True
            headers = list(message.get("headers", []))
            named = {name.lower() for name, _ in headers}
            headers += [(name, value) for name, value in HEADERS.items() if name not in named]
            if PRIVATE[0] not in named:
                headers.append(PRIVATE)
            message = {**message, "headers": headers}
        await self._send(message)


def _declared(scope: Scope) -> int:
    length = next((value for name, value in scope["headers"] if name == b"content-length"), b"0")
    return int(length) if length.isdigit() else 0
