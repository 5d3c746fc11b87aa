"""One field for each metric: it asks the question REST asks, and tells how old the answer is."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import strawberry
from pydantic.alias_generators import to_pascal
from strawberry.tools import create_type
from strawberry.types import Info
from strawberry.types.field import StrawberryField
from strawberry.types.fields.resolver import StrawberryResolver

from tallymark.api.graphql import trends
from tallymark.api.graphql.access import needs
from tallymark.api.graphql.arguments import Arguments, argument
from tallymark.api.graphql.cost import Question
from tallymark.api.graphql.figures import Figures, field, optional, several
from tallymark.api.graphql.growth import BEST, PERFORMANCE, growth_rate
from tallymark.api.graphql.length import length
from tallymark.api.graphql.names import NAMES, PERIOD, Names
from tallymark.api.graphql.records import links
from tallymark.errors import BadQuestion
from tallymark.metrics import Catalog, Metric, printed_name
from tallymark.model import Answer

Row = Mapping[str, Any]
FRESHNESS = "freshness"
ASKED = "asked"
OURS = {"Query", "Product", "Category", "Customer", "Freshness", "Warning"}


@strawberry.type(name="Warning", description="Something the reader of a figure must know.")
class Caution:
    code: str = strawberry.field(description="Stable: for programs.")
    message: str = strawberry.field(description="For people.")


@strawberry.type(description="Of which data figures are, and how old.")
class Freshness:
    metric: str
    platform: str
    computed_at: datetime = strawberry.field(description="When the figures were computed.")
    checked_at: datetime = strawberry.field(description="When they were last known to be current.")
    data_through: datetime | None = strawberry.field(description="The latest instant of the data in them.")
    version: int = strawberry.field(description="Of the shop's figures; equal versions are one snapshot.")
    stale: bool = strawberry.field(description="Older than accepted, or behind.")
    warnings: list[Caution]


def freshness(answer: Answer) -> dict[str, Any]:
    return {
        "metric": answer.metric,
        "platform": answer.platform,
        "computed_at": answer.computed_at,
        "checked_at": answer.checked_at,
        "data_through": answer.data_through,
        "version": answer.version,
        "stale": answer.stale,
        "warnings": [{"code": notice.code, "message": notice.message} for notice in answer.warnings],
    }


@dataclass(frozen=True, slots=True)
class Asked:
    """What was asked for a row: for those of its fields that ask more about it."""

    parameters: Mapping[str, str]
    platform: str
    told_as: str | int


@dataclass(frozen=True, slots=True)
class Asking:
    """A field of the query type: the metric it asks, what asking costs, and the field."""

    metric: Metric
    question: Question
    field: StrawberryField


def asking(metric: Metric, catalog: Catalog) -> Asking:
    names = NAMES.get(metric.name) or Names(_type(metric))
    columns = {tuple(name.split(".")): column for name, column in metric.columns.items()}
    figures = Figures(
        names.row or names.type, columns, {name: tuple(path.split(".")) for name, path in names.figures.items()}
    )
    identified = [printed_name(name) for name in (*metric.columns, *metric.parameters)]
    told = [*figures.fields(), *links(identified)]
    weight = metric.weight
    if metric.name == BEST:
        told.append(growth_rate(catalog[PERFORMANCE]))
        weight += catalog[PERFORMANCE].weight
    arguments = Arguments(metric, names)
    if names.rows is not None:
        rows = field(names.rows, several(create_type(names.row or "", told)))
        kind = _answer_type(names.type, [rows], metric)
    else:
        one = _answer_type(names.type, told, metric)
        kind = several(one) if metric.shape == "rows" and not names.single else one
    made = _asking(metric, kind, arguments, lambda row, *_: figures.row(row), names)
    return replace(made, question=replace(made.question, weight=weight))


def asking_trend(metric: Metric) -> Asking:
    """Points of one of its figures, instead of rows of them all."""
    told = [
        field("timestamp", datetime, "When the period begins."),
        field("label", str, metric.columns["period"].doc),
        field("value", optional(float)),
        field("valueExact", optional(Decimal)),
    ]
    kind = _answer_type("TrendPoint", told, metric)
    names = Names("TrendPoint", required=PERIOD)
    made = _asking(metric, several(kind), Arguments(metric, names), trends.point, names)
    made.field.arguments = [argument("metric", trends.Metric, "Which figure."), *made.field.arguments]
    return made


def _type(metric: Metric) -> str:
    """Of a metric that the contract does not name; no metric takes the name of another type."""
    name = to_pascal(metric.name) + ("Row" if metric.shape == "rows" else "")
    return f"{name}Figures" if name in OURS else name


def _answer_type(name: str, told: list[StrawberryField], metric: Metric) -> Any:
    return create_type(name, [*told, field(FRESHNESS, Freshness)], description=metric.description)


def _asking(
    metric: Metric, kind: Any, arguments: Arguments, told: Callable[[Row, Row, ZoneInfo], Row], names: Names
) -> Asking:
    async def resolve(info: Info, **given: Any) -> Any:
        context = info.context
        parameters = arguments.parameters(given, context.zone)
        answer = await context.ask(metric, given["platform"], parameters, info.path.key)
        shared = {**given, FRESHNESS: freshness(answer), ASKED: Asked(parameters, given["platform"], info.path.key)}
        if metric.shape == "object":
            return {**shared, **told(answer.data, given, context.zone)}
        found = [{**shared, **told(row, given, context.zone)} for row in answer.data]
        if names.single:
            return _only(found)
        return {**shared, names.rows: found} if names.rows else found

    made = field(
        printed_name(metric.name),
        optional(kind),
        description=f"{metric.title}. {metric.description} {metric.formula}",
        base_resolver=StrawberryResolver(resolve),
        extensions=[needs(*metric.roles)],
    )
    made.arguments = arguments.declared()
    return Asking(metric, Question(metric.weight, lambda given: length(metric, given)), made)


def _only(rows: Sequence[Row]) -> Row | None:
    if len(rows) > 1:
        platforms = ", ".join(sorted(str(row.get("platform")) for row in rows))
        raise BadQuestion("There is one on each of several platforms.", hint=f"Ask for one platform: {platforms}.")
    return rows[0] if rows else None
