"""The OpenAPI document. What a metric's data looks like is filled in from the metric's own declaration."""

import json
from collections.abc import Mapping
from typing import Any

from fastapi import APIRouter, Depends, FastAPI, Request, Response
from fastapi.openapi.utils import get_openapi
from pydantic.alias_generators import to_camel

from tallymark.api.rest.access import PUBLIC
from tallymark.api.rest.shapes import Problem
from tallymark.metrics import Catalog, Column, Metric

NUMBER = {"type": "number"}
TEXT = {"type": "string"}
KINDS: Mapping[str, dict[str, Any]] = {
    "money": NUMBER,
    "average": NUMBER,
    "count": {"type": "integer"},
    "percent": NUMBER,
    "ratio": NUMBER,
    "text": TEXT,
    "period": TEXT,
    "month": {"type": "string", "pattern": r"^\d{4}-\d{2}$"},
    "day": {"type": "string", "format": "date"},
    "instant": {"type": "string", "format": "date-time"},
    "id": TEXT,
}
ANY_METRIC = "*"
router = APIRouter(include_in_schema=False, dependencies=[Depends(PUBLIC)])


@router.get("/openapi.json")
def described(request: Request) -> Response:
    return Response(json.dumps(request.app.openapi()), media_type="application/json")


def document(app: FastAPI, catalog: Catalog) -> dict[str, Any]:
    whole = get_openapi(title=app.title, version=app.version, description=app.description, routes=app.routes)
    schemas = whole["components"]["schemas"]
    schemas["Problem"] = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
    _forget_default_refusal(whole)
    for name, metric in catalog.items():
        schemas[_component(name)] = _data(metric)
    filled = _fill(whole, list(catalog))
    assert isinstance(filled, dict)
    return filled


def _forget_default_refusal(whole: dict[str, Any]) -> None:
    """The framework writes down a 422 of its own wherever there is a parameter; ours are problems, and declared."""
    for unused in ("HTTPValidationError", "ValidationError"):
        whole["components"]["schemas"].pop(unused, None)
    for operations in whole["paths"].values():
        for operation in operations.values():
            refusal = operation["responses"].get("422", {}).get("content", {})
            if "application/json" in refusal:
                del operation["responses"]["422"]


def _component(metric: str) -> str:
    return f"Metric.{metric}"


def _data(metric: Metric) -> dict[str, Any]:
    one = _object([(name.split("."), column) for name, column in metric.columns.items()])
    data = one if metric.shape == "object" else {"type": "array", "items": one}
    return {**data, "title": metric.title, "description": metric.description}


def _object(columns: list[tuple[list[str], Column]]) -> dict[str, Any]:
    """Columns by path; a path of several names is an object within, null where nothing of it is known."""
    properties: dict[str, Any] = {}
    for (first, *rest), column in columns:
        if not rest:
            properties[to_camel(first)] = _figure(column)
        elif to_camel(first) not in properties:
            inner = _object([(path[1:], other) for path, other in columns if path[0] == first])
            properties[to_camel(first)] = inner | {"type": ["object", "null"]}
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def _figure(column: Column) -> dict[str, Any]:
    kind = KINDS[column.kind]
    type_ = [kind["type"], "null"] if column.nullable else kind["type"]
    return {**kind, "type": type_, "description": column.doc}


def _fill(node: object, metrics: list[str]) -> object:
    if isinstance(node, list):
        return [_fill(item, metrics) for item in node]
    if not isinstance(node, dict):
        return node
    if node.get("x-metric") == ANY_METRIC:
        return {"anyOf": [{"$ref": f"#/components/schemas/{_component(name)}"} for name in metrics]}
    if "x-metric" in node:
        return {"anyOf": [{"$ref": f"#/components/schemas/{_component(node['x-metric'])}"}, {"type": "null"}]}
    return {name: _fill(item, metrics) for name, item in node.items()}
