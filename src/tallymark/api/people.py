"""Who asks: a token's signature is checked every few seconds, and the person behind it looked up each second."""

import time
from collections import OrderedDict
from collections.abc import Mapping

from tallymark.api.auth import Membership, Person, tokens, users
from tallymark.api.auth.tokens import Claims
from tallymark.cache import Kept
from tallymark.db import Database

FRESH, SERVED = 1.0, 2.0
"""Seconds without a look, and seconds after which everybody waits for one: so long an ended session may be of use."""
SIGNED = 5.0
REMEMBERED = 10_000
COOKIE = "tallymark_session"
_SESSION = f"{COOKIE}=".encode()


class People:
    """The people who are signed in. Use from one event loop."""

    def __init__(self, secret: str, database: Database) -> None:
        self._secret = secret
        self._database = database
        self._claims: OrderedDict[str, tuple[Claims, float]] = OrderedDict()
        self._kept: Kept[Person] = Kept(FRESH, SERVED, REMEMBERED)

    def peek(self, token: str) -> Person | None:
        """Whom the token stands for, where nobody need wait for it."""
        claims, until = self._claims.get(token, (None, 0.0))
        if claims is None or time.monotonic() > until:
            return None
        held = self._kept.peek(claims, lambda: self._look(claims))
        return held.value if held else None

    async def get(self, token: str) -> Person:
        """Raises NotSignedIn."""
        claims = tokens.read(self._secret, token)
        person = await self._kept.get(claims, lambda: self._look(claims))
        self._claims[token] = (claims, time.monotonic() + SIGNED)
        self._claims.move_to_end(token)
        if len(self._claims) > REMEMBERED:
            self._claims.popitem(last=False)
        return person.value

    def _look(self, claims: Claims) -> Person:
        with self._database.connect(None) as conn:
            return users.person(conn, claims)


def token_of(headers: Mapping[bytes, bytes]) -> str | None:
    """The token that a request is signed with: the header's, else the cookie's."""
    signed = headers.get(b"authorization")
    if signed is not None:
        scheme, _, token = signed.partition(b" ")
        return token.strip().decode("latin-1") if scheme.lower() == b"bearer" else None
    for cookie in headers.get(b"cookie", b"").split(b";"):
        cookie = cookie.strip()
        if cookie.startswith(_SESSION):
            return cookie[len(_SESSION) :].decode("latin-1")
    return None


def membership_of(person: Person, slug: bytes | None) -> Membership | None:
    """The shop that is meant: the one named, else the first."""
    if slug is None:
        return person.memberships[0] if person.memberships else None
    name = slug.decode("latin-1")
    return next((membership for membership in person.memberships if membership.tenant.slug == name), None)
