"""Single metrics: what there is to ask, and one answer with its age."""

from collections.abc import Mapping, Set
from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Header, Query, Request, Response
from pydantic.alias_generators import to_camel

from tallymark.api.cached import Cached
from tallymark.api.rest import shapes
from tallymark.api.rest.access import MEMBERS, Parts, Visitor
from tallymark.api.rest.shapes import refusals
from tallymark.cache import Given
from tallymark.errors import BadQuestion, NotAllowed
from tallymark.metrics import Metric, accepted
from tallymark.model import ALL_PLATFORMS, Question, exact_json
from tallymark.results import platforms_of, publication, require_platform

router = APIRouter(prefix="/api/metrics", tags=["metrics"])
OURS = {"platform", "maxAge"}
UNITS: Mapping[str, str] = {"percent": "%"}
MONEY = {"money", "average"}
FREE: Mapping[str, object] = {
    "name": "params",
    "in": "query",
    "description": "The metric's own parameters, each under its name.",
    "style": "form",
    "explode": True,
    "schema": {"type": "object", "additionalProperties": {"type": "string"}},
}


@router.get("", response_model=shapes.Catalogue, responses=refusals(401, 403, 404))
def catalogue(visitor: Annotated[Visitor, Depends(MEMBERS)], parts: Parts) -> Response:
    """Every metric you may ask for, with its parameters and columns."""
    with parts.database.connect(visitor.tenant.tenant_id, read_only=True) as conn:
        platforms = platforms_of(publication(conn, visitor.tenant.tenant_id))
    currency = visitor.tenant.currency
    content = {
        "currency": currency,
        "platforms": platforms,
        "metrics": [_described(metric, currency) for metric in parts.catalog.values() if visitor.role in metric.roles],
    }
    return Response(exact_json.dumps(content), media_type="application/json")


@router.get(
    "/{metric}",
    response_model=shapes.AnswerShape,
    responses={
        304: {"description": "What `If-None-Match` names is still the answer."},
        **refusals(400, 401, 403, 404, 409),
    },
    openapi_extra={"parameters": [dict(FREE)]},
)
async def one(
    request: Request,
    visitor: Annotated[Visitor, Depends(MEMBERS)],
    parts: Parts,
    metric: str,
    platform: str = ALL_PLATFORMS,
    max_age: Annotated[
        float | None, Query(alias="maxAge", ge=0, description="Seconds: an older answer is called stale.")
    ] = None,
    if_none_match: Annotated[str, Header()] = "",
    accept_encoding: Annotated[str, Header(include_in_schema=False)] = "",
) -> Response:
    """One metric. Its own parameters, as the catalogue names them, stand in the query too."""
    require_role(parts.catalog[metric], visitor)
    now = datetime.now(UTC)
    published = await parts.answers.published(visitor.tenant)
    require_platform(platform, platforms_of(published))
    asked = parts.answers.asked(visitor.tenant, Question(metric, platform, parameters_of(request, OURS), as_of=now))
    given = await parts.answers.get(asked, now)

    def peek(at: datetime) -> Cached | None:
        again = parts.answers.peek(asked, at)
        return _cached(again, at, max_age) if again else None

    parts.lane.learn(request.scope, visitor.membership, peek)
    return _cached(given, now, max_age).reply(accept_encoding, if_none_match).response()


def require_role(metric: Metric, visitor: Visitor) -> None:
    """Raises NotAllowed unless the metric's file names the visitor's role."""
    if visitor.role not in metric.roles:
        raise NotAllowed(f"{metric.name} is for {' and '.join(metric.roles)}.")


def _cached(given: Given, now: datetime, max_age: float | None) -> Cached:
    """The same for all who are told of it from the same print."""
    printed = given.printed(now, max_age)
    kept = b"STALE" if given.overdue or printed.answer.stale else b"HIT"
    outcome = b"MISS" if given.tier == "rollup" else kept
    tier = given.tier.encode()
    cached: Cached | None = printed.made.get(outcome + tier)
    if cached is None:
        cached = Cached(printed.body, outcome, tier, printed.answer.version, given.age(now))
        printed.made[outcome + tier] = cached
    return cached


def parameters_of(request: Request, ours: Set[str]) -> dict[str, str]:
    """The metric's own parameters, all besides ours. Raises BadQuestion where one is given twice."""
    given: dict[str, str] = {}
    for name, value in request.query_params.multi_items():
        if name in given:
            raise BadQuestion(f"{name} is given more than once.", details={"parameter": name})
        given[name] = value
    return {name: value for name, value in given.items() if name not in ours}


def _described(metric: Metric, currency: str) -> dict[str, Any]:
    return {
        "name": metric.name,
        "title": metric.title,
        "description": metric.description,
        "formula": metric.formula,
        "shape": metric.shape,
        "ttl": metric.ttl,
        "parameters": [
            {
                "name": parameter.name,
                "type": parameter.type,
                "description": parameter.doc,
                "default": _plain(parameter.default),
                "allowed": [_plain(value) for value in parameter.allowed],
                "minimum": parameter.min,
                "maximum": parameter.max,
            }
            for parameter in accepted(metric).values()
        ],
        "columns": [
            {
                "name": ".".join(to_camel(part) for part in column.name.split(".")),
                "kind": column.kind,
                "unit": currency if column.kind in MONEY else UNITS.get(column.kind),
                "description": column.doc,
                "nullable": column.nullable,
            }
            for column in metric.columns.values()
        ],
    }


def _plain(value: object) -> object:
    return value if isinstance(value, str | int | bool) or value is None else str(value)
