"""Who asks: a person with a token or a session, or a program with a key; looked up again each second."""

import time
from collections import OrderedDict
from collections.abc import Mapping

from tallymark.api.auth import Membership, Person, Program, keys, sessions, tokens, users
from tallymark.api.auth.tokens import Claims
from tallymark.cache import Kept
from tallymark.db import Database

FRESH, SERVED = 1.0, 2.0
"""Seconds without a look, and seconds after which everybody waits for one: so long an ended session may be of use."""
SIGNED = 5.0
REMEMBERED = 10_000
COOKIE, SECURE_COOKIE = "tallymark_session", "__Host-tallymark"
"""Over https the cookie has the name by which browsers hold it to this host alone."""
_SESSIONS = f"{SECURE_COOKIE}=".encode(), f"{COOKIE}=".encode()

Who = Person | Program


class People:
    """Those who are signed in. Use from one event loop."""

    def __init__(self, secret: str, database: Database) -> None:
        self._secret = secret
        self._database = database
        self._claims: OrderedDict[str, tuple[Claims, float]] = OrderedDict()
        self._kept: Kept[Who] = Kept(FRESH, SERVED, REMEMBERED)

    def peek(self, credential: str) -> Who | None:
        """Whom a token, a cookie or a key stands for, where nobody need wait for it."""
        key: str | Claims = credential
        if _is_token(credential):
            claims, until = self._claims.get(credential, (None, 0.0))
            if claims is None or time.monotonic() > until:
                return None
            key = claims
        held = self._kept.peek(key, lambda: self._look(key))
        return held.value if held else None

    async def get(self, credential: str) -> Who:
        """Raises NotSignedIn."""
        key: str | Claims = self._read(credential) if _is_token(credential) else credential
        return (await self._kept.get(key, lambda: self._look(key))).value

    def forget(self) -> None:
        """Something has changed in who they are or what they may: look again."""
        self._kept = Kept(FRESH, SERVED, REMEMBERED)

    def _read(self, token: str) -> Claims:
        claims = tokens.read(self._secret, token)
        self._claims[token] = (claims, time.monotonic() + SIGNED)
        self._claims.move_to_end(token)
        if len(self._claims) > REMEMBERED:
            self._claims.popitem(last=False)
        return claims

    def _look(self, key: str | Claims) -> Who:
        if isinstance(key, str) and keys.is_key(key):
            with self._database.connect(keys.tenant_of(key)) as conn:
                return keys.find_program(conn, key)
        with self._database.connect(None) as conn:
            return users.person(conn, sessions.find_session(conn, key) if isinstance(key, str) else key)


def _is_token(credential: str) -> bool:
    """A token is a JWT: three parts with dots between them, which neither a session's secret nor a key has."""
    return "." in credential


def token_of(headers: Mapping[bytes, bytes]) -> str | None:
    """What a request is signed with: the header's token or key, else the cookie's session."""
    signed = headers.get(b"authorization")
    if signed is not None:
        scheme, _, token = signed.partition(b" ")
        return token.strip().decode("latin-1") if scheme.lower() == b"bearer" else None
    given = [cookie.strip() for cookie in headers.get(b"cookie", b"").split(b";")]
    for name in _SESSIONS:
        for cookie in given:
            if cookie.startswith(name):
                return cookie[len(name) :].decode("latin-1")
    return None


def caller_of(who: Who) -> str:
    """Whose requests are counted together: a person's, with whatever they sign them, or a program's."""
    return f"key {who.tenant.tenant_id} {who.key_id}" if isinstance(who, Program) else f"user {who.user.user_id}"


def membership_of(who: Who, slug: bytes | None) -> Membership | None:
    """The shop that is meant for reading: the one named, else the first; None where it is not open to them."""
    name = None if slug is None else slug.decode("latin-1")
    if isinstance(who, Program):
        open_to: tuple[Membership, ...] = (Membership(who.tenant, who.role),) if "read" in who.scopes else ()
    else:
        open_to = who.memberships
    for membership in open_to:
        if name is None or name == membership.tenant.slug:
            return membership
    return None
