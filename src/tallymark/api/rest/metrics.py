"""Single metrics: what there is to ask, and one answer with its age."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Header, Query, Request, Response
from pydantic.alias_generators import to_camel

from tallymark.api.instance import Instance
from tallymark.api.rest import shapes
from tallymark.api.rest.access import MEMBERS, Parts, Visitor
from tallymark.api.rest.platforms import platforms_of, require
from tallymark.api.rest.shapes import refusals
from tallymark.cache import Tier, answer
from tallymark.errors import BadQuestion, NotAllowed
from tallymark.metrics import Metric, accepted
from tallymark.model import ALL_PLATFORMS, Answer, Question, Tenant, exact_json
from tallymark.results import publication

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


@router.get("", response_model=shapes.Catalogue, responses=refusals(401, 404))
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
) -> Response:
    """One metric. Its own parameters, as the catalogue names them, stand in the query too."""
    if visitor.role not in parts.catalog[metric].roles:
        raise NotAllowed(f"{metric} is for {' and '.join(parts.catalog[metric].roles)}.")
    params = _parameters(request)
    key = (visitor.tenant, metric, platform, tuple(sorted(params.items())))
    given, tier = await parts.answers.get(key, lambda: _ask(parts, visitor.tenant, metric, platform, params))
    if max_age is not None and given.age > max_age:
        given = replace(given, stale=True)
    headers = _headers(given, tier)
    if headers["ETag"] in {tag.strip() for tag in if_none_match.split(",")}:
        return Response(status_code=304, headers=headers)
    return Response(given.to_json(), headers=headers, media_type="application/json")


def _ask(parts: Instance, tenant: Tenant, metric: str, platform: str, params: Mapping[str, str]) -> tuple[Answer, Tier]:
    now = datetime.now(UTC)
    with parts.database.connect(tenant.tenant_id, read_only=True) as conn:
        require(platform, platforms_of(publication(conn, tenant.tenant_id)))
    stale_after = timedelta(hours=parts.settings.stale_threshold_hours)
    question = Question(metric, platform, params, as_of=now)
    return answer(parts.database, parts.catalog, tenant, question, now=now, stale_after=stale_after)


def _parameters(request: Request) -> dict[str, str]:
    """The metric's own parameters. Raises BadQuestion where one is given twice."""
    given: dict[str, str] = {}
    for name, value in request.query_params.multi_items():
        if name in given:
            raise BadQuestion(f"{name} is given more than once.", details={"parameter": name})
        given[name] = value
    return {name: value for name, value in given.items() if name not in OURS}


def _headers(given: Answer, tier: str) -> dict[str, str]:
    kept = "STALE" if given.stale else "HIT"
    return {
        "X-Cache": kept if tier == "stored" else "MISS",
        "X-Cache-Tier": tier,
        "X-Version": str(given.version),
        "Age": str(int(given.age)),
        "ETag": _etag(given),
        "Cache-Control": "private, no-cache",
        "Vary": "Authorization, Cookie, X-Tenant",
    }


def _etag(given: Answer) -> str:
    """Equal tags mean equal figures of equal standing: what only grows older with the clock is left out."""
    said = {"metric": given.metric, "platform": given.platform, "params": dict(given.params), "data": given.data}
    standing = {"version": given.version, "stale": given.stale, "warnings": [n.code for n in given.warnings]}
    return f'"{sha256(exact_json.canonical(said | standing).encode()).hexdigest()[:32]}"'


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
