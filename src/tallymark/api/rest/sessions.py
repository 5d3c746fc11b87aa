"""Signing in and out, and staying signed in."""

import time
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response
from fastapi.concurrency import run_in_threadpool
from pydantic import BaseModel, ConfigDict, Field

from tallymark.api import audit
from tallymark.api.auth import Person, User, sessions, tokens, users
from tallymark.api.auth.passwords import LONGEST
from tallymark.api.auth.tokens import Claims
from tallymark.api.instance import Instance
from tallymark.api.people import COOKIE, SECURE_COOKIE
from tallymark.api.rest import shapes
from tallymark.api.rest.access import PUBLIC, SIGNED_IN, Parts, refuse_other_sites
from tallymark.api.rest.shapes import refusals
from tallymark.errors import NotSignedIn
from tallymark.model import exact_json

router = APIRouter(prefix="/api/auth", tags=["sessions"])


class Credentials(BaseModel):
    model_config = ConfigDict(extra="forbid")

    email: str = Field(max_length=254)
    password: str = Field(max_length=LONGEST)


class Renewal(BaseModel):
    model_config = ConfigDict(extra="forbid")

    refresh_token: str = Field(alias="refreshToken", max_length=200)


class NewPassword(BaseModel):
    model_config = ConfigDict(extra="forbid")

    current: str = Field(max_length=LONGEST)
    new: str = Field(max_length=LONGEST)


@router.post(
    "/login",
    dependencies=[Depends(PUBLIC)],
    response_model=shapes.SignedIn,
    responses=refusals(401, 403, 413, 422, 429),
    summary="Sign in",
)
async def login(request: Request, parts: Parts, given: Credentials) -> Response:
    """Sets the session cookie, and gives an access token and a refresh token for programs."""
    refuse_other_sites(request, browsers_only=True)
    address = request.client.host if request.client else ""
    user = await _proven(parts, given.email, given.password, address)
    entered = await run_in_threadpool(_enter, parts, user, given.password, address)
    response = _json({**_tokens(parts, entered.claims, entered.refresh_token), **_person(entered.person)})
    _set_cookie(response, request, entered.cookie, int(sessions.LONGEST.total_seconds()))
    return response


@router.post(
    "/token",
    dependencies=[Depends(PUBLIC)],
    response_model=shapes.Renewed,
    responses=refusals(401, 413, 422),
    summary="Renew an access token",
)
def renew(parts: Parts, given: Renewal) -> Response:
    """Another access token, and the refresh token for the next time: each is good for one use.

    One that is used twice was stolen by somebody, so it ends every token that came from the same sign-in.
    """
    with parts.database.connect(None) as conn:
        exchanged = sessions.exchange(conn, given.refresh_token)
    if exchanged is None:
        raise NotSignedIn("This refresh token is not valid any more; sign in again.")
    claims, following = exchanged
    with parts.database.connect(None) as conn:
        users.person(conn, claims)
    return _json(_tokens(parts, claims, following))


@router.post(
    "/password",
    status_code=204,
    response_class=Response,
    responses=refusals(400, 401, 403, 413, 422, 429),
    summary="Change your password",
)
async def change_password(
    request: Request, parts: Parts, person: Annotated[Person, Depends(SIGNED_IN)], given: NewPassword
) -> Response:
    """Every session and token of yours ends, this one too."""
    address = request.client.host if request.client else ""
    user = await _proven(parts, person.user.email, given.current, address)
    await run_in_threadpool(_replace_password, parts, person, user, given.new, address)
    parts.people.forget()
    return _forget_cookie(request)


@router.post(
    "/logout",
    dependencies=[Depends(PUBLIC)],
    status_code=204,
    response_class=Response,
    responses=refusals(403),
    summary="Sign out",
)
def logout(request: Request, parts: Parts) -> Response:
    """Ends the session; there need not be one."""
    cookie = request.cookies.get(SECURE_COOKIE) or request.cookies.get(COOKIE)
    if cookie:
        refuse_other_sites(request)
        with parts.database.connect(None) as conn:
            sessions.close_session(conn, cookie)
        parts.people.forget()
    return _forget_cookie(request)


@router.get(
    "/me",
    response_model=shapes.Me,
    responses=refusals(401, 403),
    summary="Who is signed in, and which shops are theirs",
)
async def me(person: Annotated[Person, Depends(SIGNED_IN)]) -> Response:
    return _json(_person(person))


def _set_cookie(response: Response, request: Request, value: str, seconds: int) -> None:
    """Secure when the request came by https, also where a proxy that we trust says so."""
    secure = request.url.scheme == "https"
    name = SECURE_COOKIE if secure else COOKIE
    response.set_cookie(name, value, max_age=seconds, path="/", httponly=True, samesite="lax", secure=secure)


def _forget_cookie(request: Request) -> Response:
    response = Response(status_code=204)
    _set_cookie(response, request, "", 0)
    return response


@dataclass(frozen=True, slots=True)
class _Entered:
    """What somebody gets who has signed in."""

    person: Person
    claims: Claims
    cookie: str
    refresh_token: str


async def _proven(parts: Instance, email: str, password: str, address: str) -> User:
    """The user whose password this is. Raises NotSignedIn, and TooManyRequests for whoever seems to guess."""
    email = email.strip().lower()
    parts.guard.begin(email, address, time.monotonic())
    found = await run_in_threadpool(_credentials, parts, email)
    if not await parts.passwords.matches(found[1] if found else None, password) or found is None:
        if found is not None:
            await run_in_threadpool(_note_failure, parts, found[0], address)
        raise NotSignedIn("The email or the password is wrong.")
    parts.guard.succeed(email, address)
    return found[0]


def _credentials(parts: Instance, email: str) -> tuple[User, str] | None:
    with parts.database.connect(None) as conn:
        return users.credentials(conn, email)


def _note_failure(parts: Instance, user: User, address: str) -> None:
    with parts.database.connect(None) as conn:
        audit.signed_in(conn, user.user_id, "wrong password", address)


def _enter(parts: Instance, user: User, password: str, address: str) -> _Entered:
    claims = Claims(user.user_id, user.session_epoch)
    with parts.database.connect(None) as conn:
        users.renew_hash(conn, user, password)
        audit.signed_in(conn, user.user_id, "ok", address)
        cookie, refresh_token = sessions.open_session(conn, claims), sessions.grant(conn, claims)
        return _Entered(users.person(conn, claims), claims, cookie, refresh_token)


def _replace_password(parts: Instance, person: Person, user: User, password: str, address: str) -> None:
    with parts.database.connect(None) as conn:
        users.set_password(conn, user, password)
    for membership in person.memberships:
        with parts.database.connect(membership.tenant.tenant_id) as conn:
            audit.record(conn, membership.tenant.tenant_id, user.email, "password.change", user.email, address=address)


def _tokens(parts: Instance, claims: Claims, refresh_token: str) -> dict[str, Any]:
    token = tokens.sign(parts.secret, claims, datetime.now(UTC))
    return {
        "accessToken": token.text,
        "tokenType": "Bearer",
        "expiresAt": exact_json.instant(token.expires_at),
        "refreshToken": refresh_token,
    }


def _person(person: Person) -> dict[str, Any]:
    return {
        "user": {"id": person.user.user_id, "email": person.user.email},
        "tenants": [
            {
                "slug": membership.tenant.slug,
                "name": membership.tenant.name,
                "timezone": membership.tenant.timezone,
                "currency": membership.tenant.currency,
                "role": membership.role,
            }
            for membership in person.memberships
        ],
    }


def _json(content: object) -> Response:
    return Response(exact_json.dumps(content), media_type="application/json")
