"""Events in: from a program with a key of the scope `events`, or signed by a connection that sends them itself."""

import time
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Path, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from tallymark.api.instance import Instance
from tallymark.api.rest.access import EVENTS, PUBLIC, Parts, Visitor
from tallymark.api.rest.connections import vault_of
from tallymark.api.rest.shapes import Shape, refusals
from tallymark.connectors import Vault, connections, require_signature
from tallymark.db import directory
from tallymark.errors import BadQuestion, NotSignedIn, UnknownTenant
from tallymark.ingest import KINDS
from tallymark.model import Tenant, exact_json
from tallymark.tasks import Event, Taken, take_events

router = APIRouter(prefix="/api/events", tags=["events"])
MOST = 500
REFUSED = refusals(400, 401, 403, 404, 413, 422)


class EventGiven(BaseModel):
    """What happened. With `records` they are loaded; without, the platform's sources are asked what is new."""

    model_config = ConfigDict(extra="forbid")

    type: str = Field(max_length=80, pattern=r"^[a-z_]+\.[a-z_]+$", description="order.created, product.updated, …")
    platform: str = Field(max_length=63)
    records: dict[str, list[dict[str, Any]]] = Field(
        default_factory=dict, description=f"By kind, in our own columns: {', '.join(KINDS)}."
    )


class EventsGiven(BaseModel):
    model_config = ConfigDict(extra="forbid")

    events: list[EventGiven] = Field(min_length=1, max_length=MOST)


class Counted(Shape):
    new: int
    changed: int
    unchanged: int


class TakenShape(Shape):
    accepted: int = Field(description="How many events.")
    records: dict[str, Counted] = Field(description="What became of the records they brought.")
    asking: list[str] = Field(description="The platforms whose sources will be asked what is new.")


class EventsAnswer(Shape):
    success: Literal[True]
    data: TakenShape


SCHEMA = {
    "type": "object",
    "required": ["events"],
    "additionalProperties": False,
    "properties": {
        "events": {"type": "array", "minItems": 1, "maxItems": MOST, "items": EventGiven.model_json_schema()}
    },
}
BODY = {"requestBody": {"required": True, "content": {"application/json": {"schema": SCHEMA}}}}


async def given(request: Request) -> list[Event]:
    """The body, read so that decimals keep their digits. Raises RequestValidationError."""
    return _events(await request.body())


@router.post("", status_code=202, response_model=EventsAnswer, responses=REFUSED, openapi_extra=BODY)
async def take(
    visitor: Annotated[Visitor, Depends(EVENTS)], parts: Parts, events: Annotated[list[Event], Depends(given)]
) -> Response:
    """Takes events in, all of this request or none; a refresh counts them some seconds later."""
    return await run_in_threadpool(_take, parts, visitor.tenant, events)


@router.post(
    "/{shop}/{number}",
    status_code=202,
    response_model=EventsAnswer,
    responses=REFUSED,
    dependencies=[Depends(PUBLIC)],
    openapi_extra=BODY,
)
async def take_signed(
    request: Request,
    parts: Parts,
    shop: Annotated[str, Path(max_length=63)],
    number: Annotated[int, Path(description="Of a connection of the kind `events`.")],
) -> Response:
    """The same, signed as Standard Webhooks says: `webhook-id`, `webhook-timestamp` and `webhook-signature`."""
    body = await request.body()
    tenant = await run_in_threadpool(_signed, parts, request, shop, number, body)
    return await run_in_threadpool(_take, parts, tenant, _events(body))


def _signed(parts: Instance, request: Request, shop: str, number: int, body: bytes) -> Tenant:
    """Raises NotSignedIn, which tells nobody whether there is such a shop."""
    vault = vault_of(parts)
    try:
        with parts.database.connect(None) as conn:
            tenant = directory.find_tenant(conn, shop.replace("\0", ""))
        with parts.database.connect(tenant.tenant_id) as conn:
            secret = _secret(vault, [one for one in connections(conn, tenant) if one.connection_id == number])
    except UnknownTenant:
        secret = None
    if secret is None:
        raise NotSignedIn("webhook-signature is not that of this connection.")
    require_signature(secret, request.headers, body, time.time())
    return tenant


def _secret(vault: Vault, found: list[Any]) -> str | None:
    return next((one.source(vault).secrets.get("signing") for one in found if one.kind == "events"), None)


def _take(parts: Instance, tenant: Tenant, events: list[Event]) -> Response:
    with parts.database.connect(tenant.tenant_id) as conn:
        done = take_events(conn, tenant, events)
    return Response(exact_json.dumps({"success": True, "data": _shown(done)}), 202, media_type="application/json")


def _shown(done: Taken) -> dict[str, Any]:
    records = {kind: dict(counts) for kind, counts in done.records.items()}
    return {"accepted": done.events, "records": records, "asking": sorted(done.asked)}


def _events(body: bytes) -> list[Event]:
    try:
        read = EventsGiven.model_validate(exact_json.loads(body))
    except ValidationError as wrong:
        raise RequestValidationError([{**fault, "loc": ("body", *fault["loc"])} for fault in wrong.errors()]) from None
    except (ValueError, RecursionError):
        raise RequestValidationError([{"loc": ("body",), "msg": "is not JSON"}]) from None
    for event in read.events:
        for kind, records in event.records.items():
            if kind not in KINDS:
                raise BadQuestion(
                    f"There is no kind of record called {kind[:60]!r}.", hint=f"The kinds are {', '.join(KINDS)}."
                )
            for record in records:
                nested = [name for name, value in record.items() if isinstance(value, dict | list)]
                if nested:
                    raise BadQuestion(f"{kind}: {nested[0][:60]!r} is a list or an object, not a value.")
    return [Event(event.type, event.platform, event.records) for event in read.events]
