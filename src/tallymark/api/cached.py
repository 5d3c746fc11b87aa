"""A cached answer on its way out: the headers that say where it came from and how old it is, 304, and the encoding."""

from dataclasses import dataclass

from fastapi import Response

from tallymark.cache import Body

Headers = list[tuple[bytes, bytes]]
JSON = (b"content-type", b"application/json")
VARY = (b"vary", b"Authorization, Cookie, X-Tenant, Accept-Encoding")


@dataclass(frozen=True, slots=True)
class Reply:
    status: int
    headers: Headers
    content: bytes

    def response(self) -> Response:
        """The same for the framework."""
        response = Response(status_code=self.status)
        response.body, response.raw_headers = self.content, self.headers
        return response


@dataclass(frozen=True, slots=True)
class Cached:
    """A body and what is said of it. `age` in seconds since the figures were last found to be current, None: never."""

    body: Body
    outcome: bytes
    tier: bytes
    version: int
    age: float | None
    keep: bytes = b"private, no-cache"

    def reply(self, accepted: str, known: str) -> Reply:
        """To whoever accepts these encodings and has the body of these tags."""
        tag = self.body.tag
        headers = [
            (b"x-cache", self.outcome),
            (b"x-cache-tier", self.tier),
            (b"x-version", b"%d" % self.version),
            (b"etag", tag.encode()),
            (b"cache-control", self.keep),
            VARY,
        ]
        if self.age is not None:
            headers.append((b"age", b"%d" % self.age))
        if known and _names(known, tag):
            return Reply(304, headers, b"")
        content, encoding = self.body.encoded(accepted)
        if encoding is not None:
            headers.append((b"content-encoding", encoding.encode()))
        headers += JSON, (b"content-length", b"%d" % len(content))
        return Reply(200, headers, content)


def _names(known: str, tag: str) -> bool:
    """Whether an If-None-Match names the tag, compared weakly."""
    ours = tag.removeprefix("W/")
    return known.strip() == "*" or any(given.strip().removeprefix("W/") == ours for given in known.split(","))
