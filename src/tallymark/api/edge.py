"""The outermost layer: what holds for every answer, whichever route gives it."""

from collections.abc import Hashable, Mapping
from time import perf_counter

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from tallymark.api import problems, request_ids
from tallymark.api.cached import Headers, Reply
from tallymark.api.lane import Lane, asked_by, read_as
from tallymark.api.proxies import FORWARDED, Proxies
from tallymark.api.quotas import Quotas, told
from tallymark.api.receipt import LARGEST_BODY, Body, BodyTooLarge, BodyTooSlow, Receipt, declared
from tallymark.api.routed import route_of, tenant_of
from tallymark.errors import TooManyRequests
from tallymark.monitoring import Tally, Traffic

UPLOADS = "/api/imports/files"
"""Where files are sent: up to what is set, and no more slowly than `SLOWEST` bytes a second."""
SLOWEST = 16 * 1024
GRAPHQL = "/graphql"
COUNTED = ("/api/", GRAPHQL, "/openapi.json")
"""What is limited: not the page, and not the probes of load balancers."""

SAFE: Headers = [
    (b"x-content-type-options", b"nosniff"),
    (b"cross-origin-resource-policy", b"same-origin"),
]
DATA: Headers = [*SAFE, (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'")]
PAGE: Headers = [
    *SAFE,
    (
        b"content-security-policy",
        b"default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
        b"form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    ),
    (b"referrer-policy", b"same-origin"),
    (b"cross-origin-opener-policy", b"same-origin"),
]
"""A page may load what is ours; data, opened as if it were one, nothing."""
PRIVATE = (b"cache-control", b"no-store")
DOCUMENT, STREAM = b"text/html", b"text/event-stream"


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
        self.receipt = Receipt()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        began = perf_counter()
        headers = _headers(scope)
        # Few requests come through a proxy; where a header is given twice, `headers` has none of them and says nothing.
        if not headers or not FORWARDED.isdisjoint(headers):
            scope = self.proxies.seen_through(scope)
            headers = _headers(scope)
        number = request_ids.request_id(headers.get(request_ids.HEADER))
        body, known, failure = None, None, None
        try:
            if scope["path"].startswith(COUNTED):
                self.quotas.count_address(scope)
            if scope["method"] == "GET":
                known = self._known(scope, headers, read_as(headers) if scope["path"] == GRAPHQL else None)
            elif scope["path"] == GRAPHQL and scope["method"] == "POST":
                body = self._body(scope, receive)
                known = await self._known_query(scope, headers, body)
        except (Exception, BodyTooLarge, BodyTooSlow) as failed:
            failure = failed
        if known is not None:
            reply, tally = known
            said = [*reply.headers, *DATA, *told(scope), (request_ids.HEADER, number)]
            await send({"type": "http.response.start", "status": reply.status, "headers": said})
            await send({"type": "http.response.body", "body": reply.content})
            if self.traffic is not None:
                tally.known(perf_counter() - began, reply.stale, reply.status)
            return
        with request_ids.bound(number):
            await self._long_way(
                scope, body or self._body(scope, receive), _Answer(scope, send, number, began), failure
            )

    def _body(self, scope: Scope, receive: Receive) -> Body:
        if scope["path"] == UPLOADS:
            return Body(receive, self.receipt, self.largest_file, SLOWEST)
        return Body(receive, self.receipt)

    def _known(
        self, scope: Scope, headers: Mapping[bytes, bytes], asked: Hashable = None
    ) -> tuple[Reply, Tally] | None:
        """What is in memory. Raises TooManyRequests."""
        found = None if b"x-version" in headers else self.lane.find(scope, headers, asked)
        if found is None:
            return None
        caller, cached, tally = found
        self.quotas.count_credential(scope, caller)
        known = headers.get(b"if-none-match")
        accepted = headers.get(b"accept-encoding", b"").decode("latin-1")
        return cached.reply(accepted, known.decode("latin-1") if known else ""), tally

    async def _known_query(
        self, scope: Scope, headers: Mapping[bytes, bytes], body: Body
    ) -> tuple[Reply, Tally] | None:
        """The same for a question that stands in the body. A browser's must come from a page of ours."""
        if b"authorization" not in headers and headers.get(b"sec-fetch-site") != b"same-origin":
            return None
        return self._known(scope, headers, asked_by(headers, await body.whole(declared(headers))))

    async def _long_way(self, scope: Scope, body: Body, answer: "_Answer", failure: BaseException | None) -> None:
        """By the framework, unless something has failed already."""
        try:
            await self._unknown(scope, body, answer, failure)
        finally:
            if self.traffic is not None:
                tally = self.traffic.tally(tenant_of(scope), scope["method"], route_of(scope))
                tally.add(answer.seconds(), answer.status, answer.kept)

    async def _unknown(self, scope: Scope, body: Body, answer: "_Answer", failure: BaseException | None) -> None:
        try:
            if failure is not None:
                raise failure
            if declared(dict(scope["headers"])) > body.largest:
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
        kind = named.get(b"content-type", b"")
        self._streams = kind.startswith(STREAM)
        if outcome := named.get(b"x-cache"):
            tier = named.get(b"x-cache-tier", b"none")
            self.kept = (tier.decode("latin-1"), outcome.decode("latin-1").lower())
        # A browser lays the headers of a 304 over those of the page that it keeps.
        whole = PAGE if kind.startswith(DOCUMENT) else SAFE if self.status == 304 else DATA
        headers += [header for header in whole if header[0] not in named]
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
