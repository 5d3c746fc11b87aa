"""A cached answer on its way out: the headers that say where it came from and how old it is, 304, and the encoding."""

from dataclasses import dataclass
from typing import Protocol

from fastapi import Response

from tallymark.cache import Body

Headers = list[tuple[bytes, bytes]]
JSON = (b"content-type", b"application/json")
VARY = (b"vary", b"Authorization, Cookie, X-Tenant, Accept-Encoding")


@dataclass(frozen=True, slots=True)
class Reply:
    """`stale`: given although it is older than it should be."""

    status: int
    headers: Headers
    content: bytes
    stale: bool = False

    def response(self) -> Response:
        """The same for the framework."""
        response = Response(status_code=self.status)
        response.body, response.raw_headers = self.content, self.headers
        return response


class Repliable(Protocol):
    """What can be sent to whoever accepts these encodings and has the body of these tags."""

    def reply(self, accepted: str, known: str) -> Reply: ...


class Cached:
    """A body and what is said of it. `age` in seconds since the figures were last found to be current, None: never.

    Each way to say it is put together once, however many are told.
    """

    __slots__ = ("_headers", "_replies", "_stale", "body")

    def __init__(
        self,
        body: Body,
        outcome: bytes,
        tier: bytes,
        version: int,
        age: float | None,
        keep: bytes = b"private, no-cache",
    ) -> None:
        self.body = body
        self._stale = outcome == b"STALE"
        self._replies: dict[str | None, Reply] = {}
        self._headers = [
            (b"x-cache", outcome),
            (b"x-cache-tier", tier),
            (b"x-version", b"%d" % version),
            (b"etag", body.tag.encode()),
            (b"cache-control", keep),
            VARY,
        ]
        if age is not None:
            self._headers.append((b"age", b"%d" % age))

    def reply(self, accepted: str, known: str) -> Reply:
        """To whoever accepts these encodings and has the body of these tags."""
        if known and _names(known, self.body.tag):
            return Reply(304, self._headers, b"", self._stale)
        encoding = self.body.encoding(accepted)
        reply = self._replies.get(encoding)
        if reply is None:
            content = self.body.content(encoding)
            encoded = [(b"content-encoding", encoding.encode())] if encoding else []
            headers = [*self._headers, *encoded, JSON, (b"content-length", b"%d" % len(content))]
            reply = self._replies[encoding] = Reply(200, headers, content, self._stale)
        return reply


def _names(known: str, tag: str) -> bool:
    """Whether an If-None-Match names the tag, compared weakly."""
    ours = tag.removeprefix("W/")
    return known.strip() == "*" or any(given.strip().removeprefix("W/") == ours for given in known.split(","))
