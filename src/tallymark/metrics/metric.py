"""What a metric is: the declaration at the top of its file, and its SQL."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal

Shape = Literal["object", "rows"]
Kind = Literal["money", "average", "count", "percent", "ratio", "text", "month", "day", "instant", "id"]
Value = str | int | bool | date

KINDS: tuple[Kind, ...] = (
    "money",
    "average",
    "count",
    "percent",
    "ratio",
    "text",
    "month",
    "day",
    "instant",
    "id",
)


@dataclass(frozen=True, slots=True)
class Parameter:
    """One thing that may be asked for besides platform and days."""

    name: str
    type: Literal["integer", "text", "date", "boolean"]
    doc: str
    default: Value
    allowed: tuple[Value, ...] = ()
    min: int | None = None
    max: int | None = None


@dataclass(frozen=True, slots=True)
class Column:
    """One figure of the result, and what must hold of it."""

    name: str
    kind: Kind
    doc: str
    nullable: bool = False
    min: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Window:
    """The days a metric is about when none are named.

    `all` is everything; `trailing` the last `count` days or months, where `count` may name an integer
    parameter; `none` is a metric that knows no days. `whole_months`: days are widened to their months.
    """

    kind: Literal["all", "trailing", "none"]
    count: int | str = 0
    unit: Literal["days", "months"] = "days"
    whole_months: bool = False


@dataclass(frozen=True, slots=True)
class Metric:
    """One metric, as its file declares it.

    `sources`: the base tables whose change can change it. `prewarm`: the parameter sets a refresh keeps
    ready; history is kept of the first. `ttl` in seconds.
    """

    name: str
    title: str
    description: str
    formula: str
    source: str
    shape: Shape
    window: Window
    ttl: int
    schedule: str | None
    weight: int
    roles: tuple[str, ...]
    parameters: Mapping[str, Parameter]
    prewarm: tuple[Mapping[str, str], ...]
    columns: Mapping[str, Column]
    sql: str
    placeholders: frozenset[str]
    tables: frozenset[str]
    sources: frozenset[str]
