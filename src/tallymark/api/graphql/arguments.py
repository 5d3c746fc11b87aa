"""From the arguments of a field to the parameters of the question REST would ask, and to how long its answer may be."""

from collections.abc import Mapping
from enum import Enum
from typing import Any
from zoneinfo import ZoneInfo

import strawberry
from pydantic.alias_generators import to_pascal
from strawberry.annotation import StrawberryAnnotation
from strawberry.types.arguments import StrawberryArgument

from tallymark.api.graphql.figures import optional
from tallymark.api.graphql.names import Names
from tallymark.api.graphql.scalars import Clock, Compare, DateRangeInput, Period, choice, local_day
from tallymark.metrics import Metric, Parameter, accepted, printed_name
from tallymark.model import ALL_PLATFORMS

DAYS = {"from", "to", "period"}
DATE_RANGE = "dateRange"
SHARED: Mapping[str, type[Enum]] = {"compare": Compare, "clock": Clock}
PLATFORM = "platform"


class Arguments:
    """What a field of one metric may be asked with."""

    def __init__(self, metric: Metric, names: Names) -> None:
        self._metric = metric
        self._names = names
        self._parameters = {name: one for name, one in accepted(metric).items() if name not in DAYS | names.without}
        self._told = {name: names.arguments.get(name, printed_name(name)) for name in self._parameters}

    def declared(self) -> list[StrawberryArgument]:
        own = [self._of(name, parameter) for name, parameter in self._parameters.items()]
        platform = argument(PLATFORM, str, "`all`, or one platform by name.", ALL_PLATFORMS)
        return [*self._days(), *own, platform]

    def _days(self) -> list[StrawberryArgument]:
        if not self._metric.has_window:
            return []
        ranged = self._needed(DATE_RANGE, DateRangeInput, "Which days.")
        if DATE_RANGE in self._names.required:
            return [ranged]
        return [self._needed("period", Period, "Which days; CUSTOM are those of `dateRange`."), ranged]

    def _of(self, name: str, parameter: Parameter) -> StrawberryArgument:
        told = self._told[name]
        kind = self._kind(name, parameter)
        if told in self._names.required or parameter.default is None:
            return argument(told, kind, parameter.doc)
        default = kind(parameter.default) if issubclass(kind, Enum) else parameter.default
        return argument(told, optional(kind), parameter.doc, default)

    def _needed(self, told: str, kind: Any, doc: str) -> StrawberryArgument:
        return argument(told, kind if told in self._names.required else optional(kind), doc)

    def _kind(self, name: str, parameter: Parameter) -> Any:
        if name in SHARED:
            return SHARED[name]
        if parameter.type == "text" and parameter.allowed:
            enum = self._names.enums.get(name, to_pascal(self._metric.name) + to_pascal(name))
            return choice(enum, [str(value) for value in parameter.allowed], parameter.doc)
        if parameter.type == "text":
            return strawberry.ID if name.endswith("_id") else str
        return {"integer": int, "boolean": bool, "date": str}[parameter.type]

    def parameters(self, given: Mapping[str, Any], zone: ZoneInfo) -> dict[str, str]:
        """The question's parameters, in text. What is null counts as left out."""
        asked = {name: given[told] for name, told in self._told.items() if given.get(told) is not None}
        if given.get("period") is not None:
            asked["period"] = given["period"]
        if given.get(DATE_RANGE) is not None:
            asked |= {
                "from": local_day(given[DATE_RANGE].start_date, zone),
                "to": local_day(given[DATE_RANGE].end_date, zone),
            }
        return {name: _text(value) for name, value in asked.items()}


def _text(value: Any) -> str:
    if isinstance(value, Enum):
        return str(value.value)
    return str(value).lower() if isinstance(value, bool) else str(value)


def argument(name: str, kind: Any, doc: str, default: Any = strawberry.UNSET) -> StrawberryArgument:
    return StrawberryArgument(
        python_name=name,
        graphql_name=name,
        type_annotation=StrawberryAnnotation(kind),
        description=doc,
        default=default,
    )
