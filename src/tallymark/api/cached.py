"""A cached answer on its way out: the headers that say where it came from and how old it is, 304, and the encoding."""

from dataclasses import dataclass

from fastapi import Response

from tallymark.cache import Body

Headers = list[tuple[bytes, bytes]]


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


class Cached:
    """A body and what is said of it. `age` in seconds since the figures were last found to be current, None: never.
    Where it is not `tagged`, nobody is told that it is still the same.

    Each way to say it is put together once, however many are told.
    """

    __slots__ = ("_headers", "_kind", "_replies", "_stale", "_status", "_tag", "body")

    def __init__(
        self,
        body: Body,
        outcome: bytes,
        tier: bytes | None,
        version: int | None,
        age: float | None,
        keep: bytes = b"private, no-cache",
        vary: bytes = b"Authorization, Cookie, X-Tenant, Accept-Encoding",
        kind: bytes = b"application/json",
        status: int = 200,
        tagged: bool = True,
    ) -> None:
        self.body = body
        self._tag = body.tag if tagged else ""
        self._status = status
        self._kind = (b"content-type", kind)
        self._stale = outcome == b"STALE"
        self._replies: dict[str | None, Reply] = {}
        self._headers = [(b"x-cache", outcome), (b"cache-control", keep), (b"vary", vary)]
        if tier is not None:
            self._headers.append((b"x-cache-tier", tier))
        if version is not None:
            self._headers.append((b"x-version", b"%d" % version))
        if self._tag:
            self._headers.append((b"etag", self._tag.encode()))
        if age is not None:
            self._headers.append((b"age", b"%d" % age))

    def reply(self, accepted: str, known: str) -> Reply:
        """To whoever accepts these encodings and has the body of these tags; one without a tag is always sent."""
        if known and self._tag and _names(known, self._tag):
            return Reply(304, self._headers, b"", self._stale)
        encoding = self.body.encoding(accepted)
        reply = self._replies.get(encoding)
        if reply is None:
            content = self.body.content(encoding)
            encoded = [(b"content-encoding", encoding.encode())] if encoding else []
            headers = [*self._headers, *encoded, self._kind, (b"content-length", b"%d" % len(content))]
            reply = self._replies[encoding] = Reply(self._status, headers, content, self._stale)
        return reply


def _names(known: str, tag: str) -> bool:
    """Whether an If-None-Match names the tag, compared weakly."""
    ours = tag.removeprefix("W/")
    return known.strip() == "*" or any(given.strip().removeprefix("W/") == ours for given in known.split(","))
