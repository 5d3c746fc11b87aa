"""Who may call a route. Every route declares one of these gates; a test fails on a route without.

PUBLIC lets anyone in, SIGNED_IN anyone with a session, MEMBERS whoever belongs to the shop, ADMINS its admins.
"""

import time
from dataclasses import dataclass
from typing import Annotated
from urllib.parse import urlsplit

from fastapi import Depends, Header, Request, Security
from fastapi.security import APIKeyCookie, HTTPAuthorizationCredentials, HTTPBearer

from tallymark.api.auth import ROLES, Membership, Person, Role
from tallymark.api.instance import Instance, instance
from tallymark.api.people import COOKIE
from tallymark.errors import NotAllowed, NotSignedIn, UnknownTenant
from tallymark.model import Tenant

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
    """A person in one of their shops. `arrived`: when the request did, by the monotonic clock."""

    person: Person
    membership: Membership
    arrived: float

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
        if bearer is None and cookie is not None:
            refuse_other_sites(request)
        token = bearer.credentials if bearer else cookie
        if token is None:
            raise NotSignedIn
        return await parts.people.get(token)


class Member(Gate):
    def __init__(self, *roles: Role) -> None:
        self.roles = frozenset(roles)

    async def __call__(
        self, request: Request, parts: Parts, bearer: Bearer, cookie: Cookie, shop: Shop = None
    ) -> Visitor:
        arrived = time.monotonic()
        person = await SIGNED_IN(request, parts, bearer, cookie)
        open_to = [m for m in person.memberships if shop is None or m.tenant.slug == shop]
        if not open_to:
            raise UnknownTenant(f"There is no shop {shop!r} of yours." if shop else "You belong to no shop yet.")
        if open_to[0].role not in self.roles:
            raise NotAllowed(f"This needs the role {' or '.join(sorted(self.roles))}.")
        return Visitor(person, open_to[0], arrived)


PUBLIC = Public()
SIGNED_IN = SignedIn()
MEMBERS = Member(*ROLES)
ADMINS = Member("admin")


def refuse_other_sites(request: Request) -> None:
    """A browser sends the cookie along for any page that asks: only our own pages may change something.

    Raises NotAllowed unless the browser says that the request is from here.
    """
    if request.method in SAFE:
        return
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        ours = site in {"same-origin", "none"}
    else:
        ours = urlsplit(request.headers.get("origin", "")).netloc == request.headers.get("host")
    if not ours:
        raise NotAllowed("This request came from another site.")
