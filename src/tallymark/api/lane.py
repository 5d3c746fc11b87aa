"""The fast lane: what is in memory is answered before the framework is entered, to whom it is known to belong.

Nothing is decided here for the first time. A route that has answered a question, after every check it makes, leaves
word how it would answer the same person's role in the same shop once more; the lane asks that, and only where it is
certain who is asking. Whatever it does not know goes the long way.
"""

import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from datetime import UTC, datetime

from starlette.types import Scope

from tallymark.api.auth import Membership
from tallymark.api.cached import Cached
from tallymark.api.people import People, Who, membership_of, token_of

QUARTER = 900
"""Seconds for which a question means the same days: local days and hours begin with a quarter of an hour."""
REMEMBERED = 10_000

Peek = Callable[[datetime], Cached | None]
Key = tuple[object, ...]


class Lane:
    """What this process can answer from memory. Use from one event loop."""

    def __init__(self, people: People) -> None:
        self._people = people
        self._known: OrderedDict[Key, Peek] = OrderedDict()

    def learn(self, scope: Scope, membership: Membership, peek: Peek) -> None:
        """This request, of somebody with this role in this shop, was answered; `peek` would do so from memory."""
        key = _key(scope, membership)
        self._known[key] = peek
        self._known.move_to_end(key)
        if len(self._known) > REMEMBERED:
            self._known.popitem(last=False)

    def find(self, scope: Scope, headers: Mapping[bytes, bytes]) -> tuple[Who, Cached] | None:
        """Who asks, and the answer; None where either is not at hand."""
        token = token_of(headers)
        person = self._people.peek(token) if token else None
        if person is None:
            return None
        membership = membership_of(person, headers.get(b"x-tenant"))
        peek = self._known.get(_key(scope, membership)) if membership else None
        found = peek(datetime.now(UTC)) if peek else None
        return (person, found) if found else None


def _key(scope: Scope, membership: Membership) -> Key:
    tenant, quarter = membership.tenant, int(time.time()) // QUARTER
    whose = tenant.tenant_id, tenant.timezone, tenant.currency, membership.role
    return *whose, quarter, scope["path"], scope["query_string"]
