"""Who may call a route. Every route declares one of these gates; a test fails on a route without.

PUBLIC lets anyone in, SIGNED_IN a person with a session, MEMBERS whoever belongs to the shop, ADMINS its admins,
REFRESHERS admins who may start a refresh, EVENTS those who may send changes, MANAGERS those who may change who and what
there is, OPERATORS whoever shows the installation's own token. What a gate lets a key of a program do is its scope.
"""

import hmac
import re
import time
from dataclasses import dataclass
from typing import Annotated
from urllib.parse import urlsplit

import structlog
from fastapi import Depends, Header, Request, Security
from fastapi.security import APIKeyCookie, HTTPAuthorizationCredentials, HTTPBearer

from tallymark.api.auth import ROLES, SCOPES, Membership, Person, Program, Role, Scope
from tallymark.api.instance import Instance, instance
from tallymark.api.people import COOKIE, SECURE_COOKIE, Who, caller_of
from tallymark.api.routed import within
from tallymark.errors import NotAllowed, NotFound, NotSignedIn, UnknownTenant
from tallymark.model import Tenant

VERSION = re.compile("[0-9]{1,18}")
"""What an answer said in `X-Version`, and whoever goes on to another instance says there: nothing older will do."""
SAFE = {"GET", "HEAD", "OPTIONS"}

Parts = Annotated[Instance, Depends(instance)]
Bearer = Annotated[
    HTTPAuthorizationCredentials | None,
    Security(HTTPBearer(auto_error=False, scheme_name="token", description="An access token.")),
]
Cookie = Annotated[
    str | None,
    Security(APIKeyCookie(name=COOKIE, auto_error=False, scheme_name="session", description="Set by signing in.")),
]
Shop = Annotated[
    str | None,
    Header(alias="X-Tenant", description="Which of your shops; the first by name of its address when left out."),
]


@dataclass(frozen=True, slots=True)
class Visitor:
    """A person, or a program, in one shop. `name`: the email, or the key's name. `address`: where the request is from.

    `arrived`: when it did, by the monotonic clock. `scopes`: a key's; a person has them all.
    """

    name: str
    membership: Membership
    arrived: float
    address: str = ""
    scopes: frozenset[str] = frozenset(SCOPES)

    @property
    def tenant(self) -> Tenant:
        return self.membership.tenant

    @property
    def role(self) -> Role:
        return self.membership.role


class Gate:
    """Whom a route lets in."""

    roles: frozenset[str] = frozenset()


class Public(Gate):
    async def __call__(self) -> None:
        return None


class SignedIn(Gate):
    roles = frozenset(ROLES)

    async def __call__(self, request: Request, parts: Parts, bearer: Bearer, cookie: Cookie) -> Person:
        who = await identify(request, parts, bearer.credentials if bearer else None, cookie)
        if isinstance(who, Program):
            raise NotAllowed("This is for people; a key cannot do it.")
        return who


class Member(Gate):
    def __init__(self, *roles: Role, scope: Scope = "read") -> None:
        self.roles = frozenset(roles)
        self.scope = scope

    async def __call__(
        self, request: Request, parts: Parts, bearer: Bearer, cookie: Cookie, shop: Shop = None
    ) -> Visitor:
        arrived, address = time.monotonic(), request.client.host if request.client else ""
        who = await identify(request, parts, bearer.credentials if bearer else None, cookie)
        if isinstance(who, Program):
            if shop not in (None, who.tenant.slug):
                raise UnknownTenant(f"This key is not of a shop {shop!r}.")
            if self.scope not in who.scopes:
                raise NotAllowed(f"This needs a key with the scope {self.scope}.")
            visitor = Visitor(f"key {who.name}", Membership(who.tenant, who.role), arrived, address, who.scopes)
        else:
            open_to = [m for m in who.memberships if shop is None or m.tenant.slug == shop]
            if not open_to:
                raise UnknownTenant(f"There is no shop {shop!r} of yours." if shop else "You belong to no shop yet.")
            visitor = Visitor(who.user.email, open_to[0], arrived, address)
        within(request.scope, visitor.tenant.tenant_id)
        if VERSION.fullmatch(seen := request.headers.get("x-version", "")):
            await parts.answers.publications.catch_up(visitor.tenant, int(seen))
        structlog.contextvars.bind_contextvars(tenant=visitor.tenant.slug)
        if visitor.role not in self.roles:
            raise NotAllowed(f"This needs the role {' or '.join(sorted(self.roles))}.")
        return visitor


class Operator(Gate):
    """What is told here is of every shop, so no shop's admin may read it."""

    roles = frozenset({"operator"})

    async def __call__(self, parts: Parts, bearer: Bearer) -> None:
        if not parts.settings.monitoring:
            raise NotFound("Nothing is measured here.", hint="Set ENABLE_ANALYTICS_MONITORING=true.")
        expected, given = parts.settings.metrics_token, bearer.credentials if bearer else ""
        if expected is None:
            raise NotSignedIn(
                "Nobody may read this: there is no token for it.",
                hint="Set TALLYMARK_METRICS_TOKEN, and send it as Authorization: Bearer.",
            )
        if not hmac.compare_digest(given.encode(), expected.get_secret_value().encode()):
            raise NotSignedIn(
                "This needs the token of the installation.",
                hint="Send TALLYMARK_METRICS_TOKEN as Authorization: Bearer.",
            )


PUBLIC = Public()
SIGNED_IN = SignedIn()
MEMBERS = Member(*ROLES)
ADMINS = Member("admin")
REFRESHERS = Member("admin", scope="refresh")
EVENTS = Member("admin", scope="events")
MANAGERS = Member("admin", scope="manage")
OPERATORS = Operator()


async def identify(request: Request, parts: Instance, bearer: str | None, cookie: str | None) -> Who:
    """Who asks. Raises NotSignedIn, and NotAllowed where another site makes a browser ask."""
    if bearer is None:
        cookie = request.cookies.get(SECURE_COOKIE, cookie)
        if cookie is None:
            raise NotSignedIn
        refuse_other_sites(request)
    who = await parts.people.get(bearer or cookie or "")
    parts.quotas.count_credential(request.scope, caller_of(who))
    return who


def refuse_other_sites(request: Request, *, browsers_only: bool = False) -> None:
    """A browser sends the cookie along for any page that asks: only our own pages may change something.

    Raises NotAllowed unless the browser says that the request is from here; with `browsers_only` what says nothing of
    where it is from, as no browser does, may pass.
    """
    site = request.headers.get("sec-fetch-site")
    if request.method in SAFE or (site is None and browsers_only):
        return
    if site is not None:
        ours = site in {"same-origin", "none"}
    else:
        ours = urlsplit(request.headers.get("origin", "")).netloc == request.headers.get("host")
    if not ours:
        raise NotAllowed("This request came from another site.")
