"""What a metric is: the declaration at the top of its file, and its SQL."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from hashlib import sha256
from typing import Literal

Shape = Literal["object", "rows"]
Kind = Literal["money", "average", "count", "percent", "ratio", "text", "period", "month", "day", "instant", "id"]
ParameterType = Literal["integer", "text", "date", "boolean"]
Ready = Literal["published", "after", "daily"]
"""When a refresh computes the answers it keeps: in the snapshot it publishes, right after that, or once a local day."""
Value = str | int | bool


def as_asked(value: Value) -> str:
    """A parameter's value as a question carries it: true, 10, revenue."""
    return str(value).lower() if isinstance(value, bool) else str(value)


@dataclass(frozen=True, slots=True)
class Parameter:
    """One thing that may be asked for besides platform and days; without a default it must be.

    `days`: the most days that may be asked for together with a value, where there is such a limit.
    """

    name: str
    type: ParameterType
    doc: str
    default: Value | None = None
    allowed: tuple[Value, ...] = ()
    min: int | None = None
    max: int | None = None
    days: Mapping[Value, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Column:
    """One figure of the result, and what must hold of it. A name that ends in `.*` stands for a whole group."""

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
    ready, `ready` when it computes them. `ttl` in seconds. `warnings`: what its warning codes mean.
    `outputs`: what the SELECT gives, in order: columns, checks and warnings.
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
    ready: Ready
    columns: Mapping[str, Column]
    warnings: Mapping[str, str]
    sql: str
    outputs: tuple[str, ...] = ()
    placeholders: frozenset[str] = frozenset()
    tables: frozenset[str] = frozenset()
    sources: frozenset[str] = frozenset()
    definition: str = field(init=False)
    """Differs whenever the same data might give another result."""

    def __post_init__(self) -> None:
        told = repr((self.sql, self.shape, dict(self.columns)))
        object.__setattr__(self, "definition", sha256(told.encode()).hexdigest())

    @property
    def compares(self) -> bool:
        """Whether it looks at the days before."""
        return "before_from" in self.placeholders

    @property
    def has_clock(self) -> bool:
        """Whether returns may be counted on the day of the order instead of their own."""
        return "clock" in self.placeholders

    @property
    def has_window(self) -> bool:
        return self.window.kind != "none"
