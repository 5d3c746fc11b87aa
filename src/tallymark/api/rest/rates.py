"""What other currencies are worth in the shop's own."""

from datetime import date
from decimal import Decimal
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.exceptions import RequestValidationError
from psycopg import Connection
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from tallymark.api import audit
from tallymark.api.instance import Instance
from tallymark.api.rest import shapes
from tallymark.api.rest.access import ADMINS, MANAGERS, Parts, Visitor
from tallymark.api.rest.shapes import refusals
from tallymark.ingest.rates import MOST_DIGITS, ExchangeRate, exchange_rates, remove_rate, set_rate
from tallymark.model import exact_json

router = APIRouter(prefix="/api/exchange-rates", tags=["exchange rates"])
MOST = 10_000

Currency = Annotated[str, Path(pattern="^[A-Z]{3}$", description="Any but the shop's own.")]
FromDay = Annotated[date, Path(description="The local day it holds from, until the day of the next rate.")]


class Worth(BaseModel):
    """What one unit of the currency is worth in the shop's own; every digit counts."""

    model_config = ConfigDict(extra="forbid")

    rate: Decimal = Field(gt=0, max_digits=MOST_DIGITS)


async def worth(request: Request) -> Worth:
    """The body, read so that a decimal keeps its digits. Raises RequestValidationError."""
    try:
        return Worth.model_validate(exact_json.loads(await request.body()))
    except ValidationError as wrong:
        faults = [{**fault, "loc": ("body", *fault["loc"])} for fault in wrong.errors()]
    except ValueError:
        faults = [{"loc": ("body",), "msg": "is not JSON"}]
    raise RequestValidationError(faults)


@router.get("", response_model=shapes.RatesAnswer, responses=refusals(400, 401, 403, 404))
def listed(
    visitor: Annotated[Visitor, Depends(ADMINS)],
    parts: Parts,
    currency: Annotated[str | None, Query(pattern="^[A-Z]{3}$", description="Of this currency only.")] = None,
    limit: Annotated[int, Query(ge=1, le=MOST)] = 1000,
) -> Response:
    """The rates, the newest first."""
    tenant = visitor.tenant
    with parts.database.connect(tenant.tenant_id, read_only=True) as conn:
        rates = exchange_rates(conn, tenant, currency, limit)
    return _answer({"currency": tenant.currency, "rates": [_shown(rate) for rate in rates]})


@router.put(
    "/{currency}/{day}",
    response_model=shapes.RateAnswer,
    responses=refusals(400, 401, 403, 404, 413, 422),
    openapi_extra={
        "requestBody": {"required": True, "content": {"application/json": {"schema": Worth.model_json_schema()}}}
    },
)
async def put(
    visitor: Annotated[Visitor, Depends(MANAGERS)],
    parts: Parts,
    currency: Currency,
    day: FromDay,
    given: Annotated[Worth, Depends(worth)],
) -> Response:
    """Sets a rate, in place of what that day had; the next refresh counts the orders that it holds for anew."""
    rate = ExchangeRate(currency, day, given.rate)
    await run_in_threadpool(_set, parts, visitor, rate)
    return _answer(_shown(rate))


@router.delete("/{currency}/{day}", status_code=204, response_class=Response, responses=refusals(400, 401, 403, 404))
def delete(visitor: Annotated[Visitor, Depends(MANAGERS)], parts: Parts, currency: Currency, day: FromDay) -> Response:
    """Removes a rate: the one before it holds instead."""
    with parts.database.connect(visitor.tenant.tenant_id) as conn:
        remove_rate(conn, visitor.tenant, currency, day)
        _note(conn, visitor, "rate.remove", currency, day)
    return Response(status_code=204)


def _set(parts: Instance, visitor: Visitor, rate: ExchangeRate) -> None:
    with parts.database.connect(visitor.tenant.tenant_id) as conn:
        set_rate(conn, visitor.tenant, rate)
        _note(conn, visitor, "rate.set", rate.currency, rate.day, rate=rate.rate)


def _note(conn: Connection[Any], visitor: Visitor, action: str, currency: str, day: date, **details: object) -> None:
    audit.record(
        conn, visitor.tenant.tenant_id, visitor.name, action, f"{currency} {day}", address=visitor.address, **details
    )


def _shown(rate: ExchangeRate) -> dict[str, Any]:
    return {"currency": rate.currency, "day": rate.day.isoformat(), "rate": rate.rate}


def _answer(data: object) -> Response:
    return Response(exact_json.dumps({"success": True, "data": data}), media_type="application/json")
