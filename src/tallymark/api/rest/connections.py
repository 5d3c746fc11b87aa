"""Where a shop's records are fetched from.

Over HTTP a folder is one below the inbox of the shop (`inbox/SLUG` in TALLYMARK_HOME), so that nobody can have the
server read what is not theirs; whoever runs the server connects any folder on the command line.
"""

from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Response
from psycopg import Connection as Transaction
from pydantic import BaseModel, ConfigDict, Field

from tallymark.api import audit
from tallymark.api.instance import Instance
from tallymark.api.rest.access import ADMINS, MANAGERS, Parts, Visitor
from tallymark.api.rest.shapes import Shape, refusals
from tallymark.connectors import (
    Connection,
    Vault,
    connect,
    connections,
    connector_of,
    disconnect,
    find_connection,
    folder_settings,
    signing_secret,
)
from tallymark.errors import BadQuestion
from tallymark.model import exact_json, instant

router = APIRouter(prefix="/api/connections", tags=["connections"])
Manager = Annotated[Visitor, Depends(MANAGERS)]
LARGEST_NUMBER = 2**31 - 1


class Wanted(BaseModel):
    """A folder needs a `path`; a source of the kind `events` sends by itself and gets a secret to sign with."""

    model_config = ConfigDict(extra="forbid")

    kind: Literal["folder", "events"]
    platform: str = Field(max_length=63)
    path: str | None = Field(
        None, max_length=500, description="Within the shop's inbox on the server; `.` is all of it."
    )
    name: str | None = Field(None, max_length=80, description="What to call it, where a platform has two.")
    preset: str | None = Field(None, max_length=40, description="A mapping that ships with Tallymark.")


class ConnectionShape(Shape):
    """A source and how its last sync went. Its credentials are never shown."""

    id: int
    platform: str
    kind: str
    name: str
    settings: dict[str, Any]
    has_credentials: bool
    status: Literal["connected", "failing"]
    created_by: str
    created_at: datetime
    last_sync_at: datetime | None
    last_good_at: datetime | None = Field(description="When a sync ended without a problem.")
    last_error: str | None


class ConnectionsAnswer(Shape):
    success: Literal[True]
    data: list[ConnectionShape]


class NewConnection(ConnectionShape):
    signing_secret: str | None = Field(description="What a source of events signs with; shown this once.")


class ConnectionAnswer(Shape):
    success: Literal[True]
    data: NewConnection


class Looked(Shape):
    found: str = Field(description="What is there, in a line.")


class LookedAnswer(Shape):
    success: Literal[True]
    data: Looked


@router.get("", response_model=ConnectionsAnswer, responses=refusals(401, 403, 404))
def listed(visitor: Annotated[Visitor, Depends(ADMINS)], parts: Parts) -> Response:
    """The sources by platform and name."""
    with parts.database.connect(visitor.tenant.tenant_id) as conn:
        found = connections(conn, visitor.tenant)
    return _answer([_shown(one) for one in found])


@router.post(
    "", status_code=201, response_model=ConnectionAnswer, responses=refusals(400, 401, 403, 404, 409, 413, 422)
)
def add(visitor: Manager, parts: Parts, given: Wanted) -> Response:
    """Connects a folder, whose files every sync imports, or a source of events, whose secret is shown this once."""
    tenant, vault = visitor.tenant, vault_of(parts)
    settings, secrets = _settings(parts, visitor, given)
    with parts.database.connect(tenant.tenant_id) as conn:
        made = connect(
            conn,
            tenant,
            given.platform,
            given.kind,
            settings,
            by=visitor.name,
            vault=vault,
            name=given.name,
            secrets=secrets,
        )
        _note(conn, visitor, "connection.add", made)
    return _answer(_shown(made) | {"signingSecret": secrets.get("signing")}, 201)


@router.post("/{number}/test", response_model=LookedAnswer, responses=refusals(400, 401, 403, 404, 502))
def test(visitor: Manager, parts: Parts, number: int) -> Response:
    """Looks whether the source can be read; nothing is fetched."""
    with parts.database.connect(visitor.tenant.tenant_id) as conn:
        one = find_connection(conn, visitor.tenant, number)
    return _answer({"found": connector_of(one.kind).check(one.source(vault_of(parts)))})


@router.delete("/{number}", status_code=204, response_class=Response, responses=refusals(400, 401, 403, 404))
def remove(visitor: Manager, parts: Parts, number: int) -> Response:
    """Forgets a source. The records that came from it stay."""
    with parts.database.connect(visitor.tenant.tenant_id) as conn:
        one = find_connection(conn, visitor.tenant, number)
        disconnect(conn, one)
        _note(conn, visitor, "connection.remove", one)
    return Response(status_code=204)


def _settings(parts: Instance, visitor: Visitor, given: Wanted) -> tuple[dict[str, str], dict[str, str]]:
    """The settings and the secrets. Raises BadQuestion."""
    if given.kind == "events":
        return {}, {"signing": signing_secret()}
    if given.path is None:
        raise BadQuestion("A folder needs a path.", details={"parameter": "path"})
    return folder_settings(_within_inbox(parts, visitor, given.path), given.preset), {}


def _within_inbox(parts: Instance, visitor: Visitor, path: str) -> Path:
    """Raises BadQuestion for what lies outside, also by a link."""
    inbox = (parts.settings.home / "inbox" / visitor.tenant.slug).resolve()
    inbox.mkdir(parents=True, exist_ok=True)
    if "\0" in path or not (found := (inbox / path).resolve()).is_relative_to(inbox):
        raise BadQuestion(
            "path must be a folder within the shop's inbox.",
            hint=f"Files for it are put below inbox/{visitor.tenant.slug} in the server's TALLYMARK_HOME.",
            details={"parameter": "path"},
        )
    if not found.is_dir():
        raise BadQuestion(f"There is no folder {path!r} in the inbox.", details={"parameter": "path"})
    return found


def vault_of(parts: Instance) -> Vault:
    """What opens the credentials of this installation."""
    return Vault(parts.secret, parts.settings.earlier_secrets)


def _note(conn: Transaction[Any], visitor: Visitor, action: str, one: Connection) -> None:
    tenant_id, subject = visitor.tenant.tenant_id, f"{one.platform} {one.name}"
    audit.record(conn, tenant_id, visitor.name, action, subject, address=visitor.address, kind=one.kind)


def _shown(one: Connection) -> dict[str, Any]:
    return {
        "id": one.connection_id,
        "platform": one.platform,
        "kind": one.kind,
        "name": one.name,
        "settings": dict(one.settings),
        "hasCredentials": one.sealed is not None,
        "status": one.status,
        "createdBy": one.created_by,
        "createdAt": instant(one.created_at),
        "lastSyncAt": instant(one.last_sync_at),
        "lastGoodAt": instant(one.last_good_at),
        "lastError": one.last_error,
    }


def _answer(data: object, status: int = 200) -> Response:
    return Response(exact_json.dumps({"success": True, "data": data}), status, media_type="application/json")
