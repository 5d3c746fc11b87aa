"""Reads the parameters of a question: text in, typed values out, or a BadQuestion that says what is allowed."""

import re
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Never

from tallymark.errors import BadQuestion
from tallymark.metrics.metric import Metric, Parameter, Value, as_asked
from tallymark.model.period import COMPARES, SPANS

LONGEST_TEXT = 200
FIRST_YEAR, LAST_YEAR = 1970, 2199  # As far as orders can lie.

# The parameters every metric with a window has, and those it has because its SQL asks for them.
FROM = Parameter("from", "date", "First local day, inclusive.")
TO = Parameter("to", "date", "Last local day, inclusive.")
PERIOD = Parameter("period", "text", "The running day, week, …; or the days from `from` to `to`.", "custom", SPANS)
COMPARE = Parameter("compare", "text", "Which earlier days growth is told against.", "previous", COMPARES)
CLOCK = Parameter(
    "clock", "text", "Returns on the day they happen, or on their order's day.", "event", ("event", "order")
)


def accepted(metric: Metric) -> dict[str, Parameter]:
    """Everything that may be asked of the metric besides its platform."""
    common = [FROM, TO, PERIOD] if metric.has_window else []
    common += [COMPARE] if metric.compares else []
    common += [CLOCK] if metric.has_clock else []
    return {parameter.name: parameter for parameter in common} | dict(metric.parameters)


def read(metric: Metric, asked: Mapping[str, Value]) -> dict[str, Value]:
    """The values asked for, as text or typed already, typed; those left out are not in it. Raises BadQuestion."""
    known = accepted(metric)
    for name, text in asked.items():
        if name not in known:
            hint = f"{metric.name} takes: {', '.join(known)}." if known else f"{metric.name} takes none."
            details = {"parameter": name, "value": text, "allowed": list(known)}
            raise BadQuestion(f"There is no parameter {name!r}.", hint=hint, details=details)
    values = {name: _value(known[name], as_asked(value)) for name, value in asked.items()}
    for parameter in metric.parameters.values():
        if parameter.default is None and parameter.name not in values:
            _refuse(parameter, None)
    return values


def with_defaults(metric: Metric, values: Mapping[str, Value]) -> dict[str, Value]:
    """The values with every default filled in."""
    defaults = {
        name: parameter.default for name, parameter in accepted(metric).items() if parameter.default is not None
    }
    return {**defaults, **values}


def check(metric: Metric) -> None:
    """Raises BadQuestion where a default or a prewarmed set is not one that may be asked for."""
    for parameter in metric.parameters.values():
        if parameter.default is not None:
            _value(parameter, as_asked(parameter.default))
    for chosen in metric.prewarm:
        read(metric, chosen)


def allowed_values(parameter: Parameter) -> str:
    """What may be given, in words."""
    if parameter.allowed:
        return ", ".join(_allowed(parameter, value) for value in parameter.allowed)
    match parameter.type:
        case "integer":
            least = "" if parameter.min is None else f" from {parameter.min}"
            most = "" if parameter.max is None else f" to {parameter.max}"
            return f"whole number{least}{most}"
        case "date":
            return f"date, YYYY-MM-DD, {FIRST_YEAR} to {LAST_YEAR}"
        case "boolean":
            return "true, false"
        case "text":
            return f"text of at most {LONGEST_TEXT} characters"


def _allowed(parameter: Parameter, value: Value) -> str:
    most = parameter.days.get(value)
    return f"{value} (at most {most} days)" if most else str(value)


def day(value: Value | None) -> date | None:
    """A date parameter's value as a day."""
    return None if value is None else date.fromisoformat(str(value))


def _value(parameter: Parameter, text: str) -> Value:
    try:
        value = _typed(parameter, text)
    except ValueError:
        _refuse(parameter, text)
    if parameter.allowed and value not in parameter.allowed:
        _refuse(parameter, text)
    return value


def _typed(parameter: Parameter, text: str) -> Value:
    match parameter.type:
        case "integer":
            if not re.fullmatch("[-+]?[0-9]+", text):
                raise ValueError(text)
            return _within(int(text), parameter)
        case "date":
            found = date.fromisoformat(text)
            if not FIRST_YEAR <= found.year <= LAST_YEAR:
                raise ValueError(text)
            return found.isoformat()
        case "boolean":
            return _one_of(text, {"true": True, "false": False})
        case "text":
            if "\0" in text or len(text) > LONGEST_TEXT:
                raise ValueError(text)
            return text


def _within(number: int, parameter: Parameter) -> int:
    least = number if parameter.min is None else parameter.min
    most = number if parameter.max is None else parameter.max
    if not least <= number <= most:
        raise ValueError(number)
    return number


def _one_of(text: str, values: Mapping[str, bool]) -> bool:
    if text not in values:
        raise ValueError(text)
    return values[text]


def _refuse(parameter: Parameter, text: str | None) -> Never:
    said = f"{parameter.name} is missing" if text is None else f"{parameter.name} must not be {text[:60]!r}"
    allowed = allowed_values(parameter)
    listed: Iterable[Value] | str = list(parameter.allowed) or allowed
    raise BadQuestion(
        f"{said}.",
        hint=f"{parameter.name}: {allowed}.",
        details={"parameter": parameter.name, "value": text, "allowed": listed},
    )
