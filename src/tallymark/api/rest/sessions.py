"""Signing in and out."""

import time
from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response
from fastapi.concurrency import run_in_threadpool
from pydantic import BaseModel, ConfigDict, Field

from tallymark.api.auth import Person, Token, User, tokens, users
from tallymark.api.auth.passwords import LONGEST
from tallymark.api.auth.tokens import LIFETIME, Claims
from tallymark.api.instance import Instance
from tallymark.api.people import COOKIE
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


@router.post(
    "/login",
    dependencies=[Depends(PUBLIC)],
    response_model=shapes.SignedIn,
    responses=refusals(401, 403, 413, 422, 429),
    summary="Sign in",
)
async def login(request: Request, parts: Parts, given: Credentials) -> Response:
    """Sets the session cookie, and gives an access token for programs."""
    if request.headers.get("sec-fetch-site") is not None:
        refuse_other_sites(request)
    email, address = given.email.strip().lower(), request.client.host if request.client else ""
    parts.guard.begin(email, address, time.monotonic())
    found = await run_in_threadpool(_credentials, parts, email)
    if not await parts.passwords.matches(found[1] if found else None, given.password) or found is None:
        raise NotSignedIn("The email or the password is wrong.")
    parts.guard.succeed(email, address)
    user, stored = found
    person = await run_in_threadpool(_enter, parts, user, stored, given.password)
    token = tokens.sign(parts.secret, Claims(user.user_id, user.session_epoch), datetime.now(UTC))
    response = _json({**_token(token), **_person(person)})
    _set_cookie(response, request, token.text, int(LIFETIME.total_seconds()))
    return response


@router.post(
    "/logout",
    dependencies=[Depends(PUBLIC)],
    status_code=204,
    response_class=Response,
    responses=refusals(403),
    summary="Sign out",
)
async def logout(request: Request) -> Response:
    """Forgets the session cookie; there need not be one."""
    if COOKIE in request.cookies:
        refuse_other_sites(request)
    response = Response(status_code=204)
    _set_cookie(response, request, "", 0)
    return response


@router.get(
    "/me", response_model=shapes.Me, responses=refusals(401), summary="Who is signed in, and which shops are theirs"
)
async def me(person: Annotated[Person, Depends(SIGNED_IN)]) -> Response:
    return _json(_person(person))


def _set_cookie(response: Response, request: Request, value: str, seconds: int) -> None:
    """Secure when the request came by https, also where a proxy in front of us says so."""
    scheme = request.headers.get("x-forwarded-proto", request.url.scheme)
    response.set_cookie(
        COOKIE, value, max_age=seconds, path="/", httponly=True, samesite="lax", secure=scheme == "https"
    )


def _credentials(parts: Instance, email: str) -> tuple[User, str] | None:
    with parts.database.connect(None) as conn:
        return users.credentials(conn, email)


def _enter(parts: Instance, user: User, stored: str, password: str) -> Person:
    with parts.database.connect(None) as conn:
        users.renew_hash(conn, user, stored, password)
        return users.person(conn, Claims(user.user_id, user.session_epoch))


def _token(token: Token) -> dict[str, Any]:
    return {
        "accessToken": token.text,
        "tokenType": "Bearer",
        "expiresAt": exact_json.instant(token.expires_at),
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
