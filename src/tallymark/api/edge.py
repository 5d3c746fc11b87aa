"""The outermost layer: what holds for every answer, whichever route gives it."""

import asyncio
from collections import deque
from collections.abc import Hashable, Mapping
from time import perf_counter

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from tallymark.api import problems, request_ids
from tallymark.api.cached import Reply
from tallymark.api.lane import Lane, asked_by
from tallymark.api.people import caller_of
from tallymark.api.proxies import Proxies
from tallymark.api.quotas import Quotas, told
from tallymark.api.routed import route_of, tenant_of
from tallymark.errors import TooManyRequests
from tallymark.monitoring import Tally, Traffic

LARGEST_BODY = 64 * 1024
RECEIPT = 10.0
"""Seconds within which a body must have arrived."""
UPLOADS = "/api/imports/files"
"""Where files are sent: up to what is set, and no more slowly than `SLOWEST` bytes a second."""
SLOWEST = 16 * 1024
GRAPHQL = "/graphql"
COUNTED = ("/api/", GRAPHQL, "/openapi.json")
"""What is limited: not the page, and not the probes of load balancers."""

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
STREAM = b"text/event-stream"


class Edge:
    """Counts requests against the limits, and answers what the fast lane knows. Of everything else: adds the security
    headers, refuses bodies that are larger than `LARGEST_BODY` (files: than `largest_file`) or take too long to arrive,
    and shelters unexpected errors. Gives every request its number, and counts it in `traffic`, where there is one.
    """

    def __init__(
        self,
        app: ASGIApp,
        lane: Lane,
        quotas: Quotas,
        proxies: Proxies,
        traffic: Traffic | None = None,
        largest_file: int = LARGEST_BODY,
    ) -> None:
        self.app = app
        self.lane = lane
        self.quotas = quotas
        self.proxies = proxies
        self.traffic = traffic
        self.largest_file = largest_file

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        began = perf_counter()
        scope = self.proxies.seen_through(scope)
        headers = _headers(scope)
        number = request_ids.request_id(headers.get(request_ids.HEADER))
        body, known, failure = None, None, None
        try:
            if scope["path"].startswith(COUNTED):
                self.quotas.count_address(scope)
            if scope["method"] == "GET":
                known = self._known(scope, headers)
            elif scope["path"] == GRAPHQL and scope["method"] == "POST":
                body = _Body(receive)
                known = await self._known_query(scope, headers, body)
        except (Exception, BodyTooLarge, BodyTooSlow) as failed:
            failure = failed
        if known is not None:
            await self._tell(known, scope, send, number, began)
            return
        with request_ids.bound(number):
            await self._long_way(
                scope, body or self._body(scope, receive), _Answer(scope, send, number, began), failure
            )

    def _body(self, scope: Scope, receive: Receive) -> "_Body":
        if scope["path"] == UPLOADS:
            return _Body(receive, self.largest_file, SLOWEST)
        return _Body(receive)

    def _known(
        self, scope: Scope, headers: Mapping[bytes, bytes], asked: Hashable = None
    ) -> tuple[Reply, Tally] | None:
        """What is in memory. Raises TooManyRequests."""
        found = None if b"x-version" in headers else self.lane.find(scope, headers, asked)
        if found is None:
            return None
        who, cached, tally = found
        self.quotas.count_credential(scope, caller_of(who))
        accepted, known = headers.get(b"accept-encoding", b""), headers.get(b"if-none-match", b"")
        return cached.reply(accepted.decode("latin-1"), known.decode("latin-1")), tally

    async def _tell(self, known: tuple[Reply, Tally], scope: Scope, send: Send, number: bytes, began: float) -> None:
        reply, tally = known
        headers = [*reply.headers, *EVERYWHERE, *told(scope), (request_ids.HEADER, number)]
        await send({"type": "http.response.start", "status": reply.status, "headers": headers})
        await send({"type": "http.response.body", "body": reply.content})
        if self.traffic is not None:
            tally.known(perf_counter() - began, reply.stale, reply.status)

    async def _known_query(
        self, scope: Scope, headers: Mapping[bytes, bytes], body: "_Body"
    ) -> tuple[Reply, Tally] | None:
        """The same for a question that stands in the body. A browser's must come from a page of ours."""
        if b"authorization" not in headers and headers.get(b"sec-fetch-site") != b"same-origin":
            return None
        return self._known(scope, headers, asked_by(headers, await body.whole(_declared(scope))))

    async def _long_way(self, scope: Scope, body: "_Body", answer: "_Answer", failure: BaseException | None) -> None:
        """By the framework, unless something has failed already."""
        try:
            await self._unknown(scope, body, answer, failure)
        finally:
            if self.traffic is not None:
                tally = self.traffic.tally(tenant_of(scope), scope["method"], route_of(scope))
                tally.add(answer.seconds(), answer.status, answer.kept)

    async def _unknown(self, scope: Scope, body: "_Body", answer: "_Answer", failure: BaseException | None) -> None:
        try:
            if failure is not None:
                raise failure
            if _declared(scope) > body.largest:
                raise BodyTooLarge
            await self.app(scope, body.receive, answer.send)
        except TooManyRequests as refused:
            await problems.of(refused)(scope, body.receive, answer.send)
        except BodyTooLarge:
            too_large = problems.problem(413, "body_too_large", f"A body holds at most {body.largest} bytes.")
            await too_large(scope, body.receive, answer.send)
        except BodyTooSlow:
            late = f"The body has not arrived within {body.patience:g} seconds."
            too_slow = problems.problem(408, "body_too_slow", late, headers={"Connection": "close"})
            await too_slow(scope, body.receive, answer.send)
        except Exception as error:
            sheltered = problems.unexpected(error)
            if answer.started:
                raise ConnectionAbortedError("the answer broke off") from None
            await sheltered(scope, body.receive, answer.send)


class BodyTooLarge(BaseException):
    """Passes through the framework, which takes any Exception while it reads a body for bad JSON."""


class BodyTooSlow(BaseException):
    """As above."""


class _Body:
    """A body that is small enough and arrives in time; whoever waits for the reader to leave may wait for ever.

    One that brings at least `slowest` bytes a second has as long as it takes.
    """

    def __init__(self, receive: Receive, largest: int = LARGEST_BODY, slowest: int = 0) -> None:
        self.largest = largest
        self.patience = RECEIPT
        self._slowest = slowest
        self._receive = receive
        self._read: deque[Message] = deque()
        self._size = 0
        self._whole = False
        self._began = asyncio.get_running_loop().time()

    async def whole(self, declared: int) -> bytes:
        """All of it, as many bytes as were declared; it can be received again."""
        read = []
        while not self._whole and not (declared and self._size == declared):
            read.append(await self.receive())
        self._read.extend(read)
        return b"".join([message.get("body", b"") for message in read])

    async def receive(self) -> Message:
        if self._read:
            return self._read.popleft()
        if self._whole:
            return await self._receive()
        try:
            async with asyncio.timeout_at(self._began + self.patience):
                message = await self._receive()
        except TimeoutError:
            raise BodyTooSlow from None
        self._size += len(message.get("body", b""))
        if self._size > self.largest:
            raise BodyTooLarge
        if self._slowest:
            self.patience = RECEIPT + self._size / self._slowest
        self._whole = not message.get("more_body", False)
        return message


class _Answer:
    """The answer on its way out: with the headers that every one has, and what is counted of it."""

    def __init__(self, scope: Scope, send: Send, number: bytes, began: float) -> None:
        self._scope = scope
        self._send = send
        self.number = number
        self.began = began
        self._ended = 0.0
        self._streams = False
        self.status = 500
        self.kept: tuple[str, str] | None = None

    @property
    def started(self) -> bool:
        return self._ended > 0

    def seconds(self) -> float:
        """Until it was given; a stream of events counts until it began."""
        return (self._ended or perf_counter()) - self.began

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            message = self._begun(message)
        await self._send(message)
        if not self._streams:
            self._ended = perf_counter()

    def _begun(self, message: Message) -> Message:
        headers = list(message.get("headers", []))
        named = dict(headers)
        self.status, self._ended = message["status"], perf_counter()
        self._streams = named.get(b"content-type", b"").startswith(STREAM)
        if outcome := named.get(b"x-cache"):
            tier = named.get(b"x-cache-tier", b"none")
            self.kept = (tier.decode("latin-1"), outcome.decode("latin-1").lower())
        headers += [(name, value) for name, value in HEADERS.items() if name not in named]
        if b"ratelimit" not in named:
            headers += told(self._scope)
        if PRIVATE[0] not in named:
            headers.append(PRIVATE)
        headers.append((request_ids.HEADER, self.number))
        return {**message, "headers": headers}


def _headers(scope: Scope) -> Mapping[bytes, bytes]:
    """None of them where one is given twice: which is meant is for the framework to say."""
    headers = dict(scope["headers"])
    return headers if len(headers) == len(scope["headers"]) else {}


def _declared(scope: Scope) -> int:
    length = next((value for name, value in scope["headers"] if name == b"content-length"), b"0")
    return int(length) if length.isdigit() else 0
