"""Who belongs to a shop, the keys of its programs, and what they all did."""

import secrets
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Response
from psycopg import Connection
from pydantic import BaseModel, ConfigDict, Field

from tallymark.api import audit
from tallymark.api.auth import Key, keys, users
from tallymark.api.auth.passwords import LONGEST
from tallymark.api.rest import shapes
from tallymark.api.rest.access import MANAGERS, Parts, Visitor
from tallymark.api.rest.shapes import Role, Scope, refusals
from tallymark.model import exact_json, instant

router = APIRouter(prefix="/api", tags=["people"])
Manager = Annotated[Visitor, Depends(MANAGERS)]
BYTES_OF_A_PASSWORD = 15
LARGEST_NUMBER = 2**31 - 1


class Invitation(BaseModel):
    model_config = ConfigDict(extra="forbid")

    email: str = Field(max_length=254)
    role: Role
    password: str | None = Field(None, max_length=LONGEST, description="For a new account; one is made when left out.")


class NewRole(BaseModel):
    model_config = ConfigDict(extra="forbid")

    role: Role


class KeyWanted(BaseModel):
    model_config = ConfigDict(extra="forbid")

    name: str = Field(max_length=keys.LONGEST_NAME)
    role: Role = "viewer"
    scopes: list[Scope] = Field(["read"], max_length=len(keys.SCOPES))
    expires_at: datetime | None = Field(None, alias="expiresAt")


@router.get("/users", response_model=shapes.Colleagues, responses=refusals(401, 403, 404), summary="Who belongs here")
def colleagues(visitor: Manager, parts: Parts) -> Response:
    with parts.database.connect(None, read_only=True) as conn:
        found = users.members(conn, visitor.tenant)
    return _json({"users": [_colleague(one) for one in found]})


@router.post(
    "/users",
    status_code=201,
    response_model=shapes.Invited,
    responses=refusals(400, 401, 403, 404, 409, 413, 422),
    summary="Let somebody in",
)
def invite(visitor: Manager, parts: Parts, given: Invitation) -> Response:
    """Makes the account unless the address has one, and gives it the role here. Asked again, it changes the role."""
    made = secrets.token_urlsafe(BYTES_OF_A_PASSWORD)
    with parts.database.connect(visitor.tenant.tenant_id) as conn:
        known = users.credentials(conn, given.email) is not None
        user = users.create_user(conn, given.email, given.password or made, visitor.tenant, given.role)
        _note(conn, visitor, "user.invite", user.email, role=given.role)
        one = next(member for member in users.members(conn, visitor.tenant) if member.user_id == user.user_id)
    parts.people.forget()
    password = None if known or given.password else made
    return _json(_colleague(one) | {"password": password}, 201)


@router.patch(
    "/users/{number}",
    status_code=204,
    response_class=Response,
    responses=refusals(400, 401, 403, 404, 409, 413, 422),
    summary="Change a role",
)
def change_role(visitor: Manager, parts: Parts, number: int, given: NewRole) -> Response:
    """It holds from the person's next request on."""
    with parts.database.connect(visitor.tenant.tenant_id) as conn:
        email = users.change_role(conn, visitor.tenant, _number(number), given.role)
        _note(conn, visitor, "user.role", email, role=given.role)
    parts.people.forget()
    return Response(status_code=204)


@router.delete(
    "/users/{number}",
    status_code=204,
    response_class=Response,
    responses=refusals(400, 401, 403, 404, 409),
    summary="Take somebody out",
)
def remove(visitor: Manager, parts: Parts, number: int) -> Response:
    """The account stays, for the other shops it may belong to."""
    with parts.database.connect(visitor.tenant.tenant_id) as conn:
        email = users.remove_member(conn, visitor.tenant, _number(number))
        _note(conn, visitor, "user.remove", email)
    parts.people.forget()
    return Response(status_code=204)


@router.get("/keys", response_model=shapes.ApiKeys, responses=refusals(401, 403, 404), summary="Keys of programs")
def all_keys(visitor: Manager, parts: Parts) -> Response:
    with parts.database.connect(visitor.tenant.tenant_id, read_only=True) as conn:
        found = keys.list_keys(conn, visitor.tenant)
    return _json({"keys": [_key(one) for one in found]})


@router.post(
    "/keys",
    status_code=201,
    response_model=shapes.NewApiKey,
    responses=refusals(400, 401, 403, 404, 413, 422),
    summary="Make a key",
)
def make_key(visitor: Manager, parts: Parts, given: KeyWanted) -> Response:
    """A key is good for this shop, for its role, and of that for its scopes. It is shown this once."""
    with parts.database.connect(visitor.tenant.tenant_id) as conn:
        key, text = keys.create_key(
            conn, visitor.tenant, given.name, given.role, list(given.scopes), visitor.name, given.expires_at
        )
        _note(conn, visitor, "key.create", key.name, role=key.role, scopes=key.scopes)
    return _json(_key(key) | {"key": text}, 201)


@router.delete(
    "/keys/{number}",
    status_code=204,
    response_class=Response,
    responses=refusals(400, 401, 403, 404),
    summary="End a key",
)
def revoke_key(visitor: Manager, parts: Parts, number: int) -> Response:
    with parts.database.connect(visitor.tenant.tenant_id) as conn:
        _note(conn, visitor, "key.revoke", keys.revoke_key(conn, visitor.tenant, _number(number)))
    parts.people.forget()
    return Response(status_code=204)


@router.get("/audit", response_model=shapes.AuditLog, responses=refusals(400, 401, 403, 404), summary="What was done")
def audit_log(
    visitor: Manager,
    parts: Parts,
    before: Annotated[
        str | None,
        Query(max_length=60, description="Only entries before this instant, or after the page of this `next`."),
    ] = None,
    action: Annotated[str | None, Query(max_length=80, description="Only these: `sign-in`, `refresh`, …")] = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
) -> Response:
    """Sign-ins of the shop's people, refreshes, and changes of people, keys and settings. Entries are never changed."""
    place = None if before is None else audit.Place.read(before)
    with parts.database.connect(visitor.tenant.tenant_id, read_only=True) as conn:
        found = audit.entries(conn, visitor.tenant.tenant_id, limit=limit, before=place, action=action)
    entries = [
        {
            "id": entry.number,
            "at": instant(entry.at),
            "actor": entry.actor,
            "action": entry.action,
            "subject": entry.subject,
            "details": entry.details,
            "address": entry.address,
        }
        for entry in found
    ]
    further = str(audit.Place(found[-1].at, found[-1].number)) if len(found) == limit else None
    return _json({"entries": entries, "next": further})


def _note(conn: Connection[Any], visitor: Visitor, action: str, subject: str, **details: object) -> None:
    tenant_id = visitor.tenant.tenant_id
    audit.record(conn, tenant_id, visitor.name, action, subject, address=visitor.address, **details)


def _number(number: int) -> int:
    """Within what the database can hold, so that what lies outside is simply not found."""
    return number if 0 < number <= LARGEST_NUMBER else 0


def _colleague(one: users.Colleague) -> dict[str, Any]:
    return {
        "id": one.user_id,
        "email": one.email,
        "role": one.role,
        "createdAt": instant(one.created_at),
        "lastSignedIn": instant(one.last_signed_in),
    }


def _key(key: Key) -> dict[str, Any]:
    return {
        "id": key.key_id,
        "name": key.name,
        "ending": key.ending,
        "role": key.role,
        "scopes": key.scopes,
        "createdBy": key.created_by,
        "createdAt": instant(key.created_at),
        "expiresAt": instant(key.expires_at),
        "lastUsed": instant(key.used_at),
    }


def _json(content: object, status: int = 200) -> Response:
    return Response(exact_json.dumps(content), status, media_type="application/json")
