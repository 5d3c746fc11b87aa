"""The fast lane: what is in memory is answered before the framework is entered, to whom it is known to belong.

Nothing is decided here for the first time. A route that has answered a question, after every check it makes, leaves
word how it would answer the same person's role in the same shop once more; the lane asks that, and only where it is
certain who is asking. Whatever it does not know goes the long way.
"""

import time
from collections import OrderedDict
from collections.abc import Callable, Hashable, Mapping
from datetime import UTC, datetime
from hashlib import sha256
from typing import NamedTuple

from starlette.types import Scope

from tallymark.api.auth import Membership
from tallymark.api.cached import Cached
from tallymark.api.people import People, Who, caller_of, membership_of, token_of
from tallymark.api.routed import route_of
from tallymark.monitoring import Tally, Traffic

QUARTER = 900
"""Seconds for which a question means the same days: local days and hours begin with a quarter of an hour."""
REMEMBERED = 10_000
SHORT = 1024
"""Bytes of a body up to which it is remembered itself: a longer one by its hash."""

LONGEST = 4096
"""Bytes of what signs a request up to which it is remembered to the letter."""

Peek = Callable[[datetime], Cached | None]
Key = tuple[object, ...]


class Line(NamedTuple):
    """What the lane made of a request to the letter: it holds while `who` is whom `token` stands for.

    They are as they were at one look; another look, whatever it finds, gives another.
    """

    token: str
    who: Who
    caller: str
    quarter: int
    peek: Peek
    tally: Tally


class Lane:
    """What this process can answer from memory, and where it counts. Use from one event loop."""

    def __init__(self, people: People, traffic: Traffic) -> None:
        self._people = people
        self._traffic = traffic
        self._known: OrderedDict[Key, tuple[Peek, Tally]] = OrderedDict()
        self._lines: OrderedDict[Key, Line] = OrderedDict()

    def learn(self, scope: Scope, membership: Membership, peek: Peek, asked: Hashable = None) -> None:
        """This request, of somebody with this role in this shop, was answered; `peek` would do so from memory.

        `asked`: what it asks besides its address, that is, its body and how it is to be read.
        """
        key = _key(scope, membership, asked)
        tally = self._traffic.tally(membership.tenant.tenant_id, scope["method"], route_of(scope))
        self._known[key] = (peek, tally)
        self._known.move_to_end(key)
        if len(self._known) > REMEMBERED:
            self._known.popitem(last=False)

    def find(
        self, scope: Scope, headers: Mapping[bytes, bytes], asked: Hashable = None
    ) -> tuple[str, Cached, Tally] | None:
        """Whose requests it is counted with, the answer, and where it counts; None where any of it is not at hand."""
        signed = headers.get(b"authorization"), headers.get(b"cookie"), headers.get(b"x-tenant")
        request = *signed, scope["method"], scope["path"], scope["query_string"], asked
        line = self._lines.get(request)
        if line is None or line.quarter != _quarter() or self._people.peek(line.token) is not line.who:
            line = self._line(scope, headers, asked)
            if line is None:
                return None
            if sum(map(len, filter(None, signed))) <= LONGEST:
                self._lines[request] = line
                if len(self._lines) > REMEMBERED:
                    self._lines.popitem(last=False)
        found = line.peek(datetime.now(UTC))
        if found is None:
            self._lines.pop(request, None)  # Whoever answers it may leave another word.
            return None
        return line.caller, found, line.tally

    def _line(self, scope: Scope, headers: Mapping[bytes, bytes], asked: Hashable) -> Line | None:
        """The same from what is known of the question and of whoever asks."""
        token = token_of(headers)
        who = self._people.peek(token) if token else None
        if token is None or who is None:
            return None
        membership = membership_of(who, headers.get(b"x-tenant"))
        if membership is None:
            return None
        known = self._known.get(_key(scope, membership, asked))
        return Line(token, who, caller_of(who), _quarter(), *known) if known else None


def asked_by(headers: Mapping[bytes, bytes], body: bytes) -> Hashable:
    """What a request asks with its body: two that ask the same are answered alike."""
    size = len(body)
    return headers.get(b"content-type"), headers.get(b"accept"), size, body if size <= SHORT else sha256(body).digest()


def read_as(headers: Mapping[bytes, bytes]) -> Hashable:
    """The same of a request without a body, where an answer is sent in more ways than one."""
    return headers.get(b"accept")


def _key(scope: Scope, membership: Membership, asked: Hashable) -> Key:
    tenant, role = membership.tenant, membership.role
    whose = tenant.tenant_id, tenant.timezone, tenant.currency, role, _quarter()
    return *whose, scope["method"], scope["path"], scope["query_string"], asked


def _quarter() -> int:
    return int(time.time()) // QUARTER
