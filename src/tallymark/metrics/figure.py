"""One figure on its way out: its type and sign are checked, and it is rounded, here and nowhere else."""

from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal

from tallymark.errors import InvalidResult
from tallymark.metrics.metric import Column, Kind
from tallymark.model import exact_json
from tallymark.model.money import exact, rounded, to_places

PERCENT_PLACES = 2
RATIO_PLACES = 4


def figure(metric: str, column: Column, value: object, currency: str) -> object:
    """The value as it is printed. Raises InvalidResult where it is not what the column says it is."""
    if value is None:
        if not column.nullable:
            raise InvalidResult(f"{metric}: {column.name} must not be unknown.")
        return None
    try:
        printed = _PRINT[column.kind](value, currency)
    except (TypeError, ValueError, AttributeError, ArithmeticError):
        raise InvalidResult(f"{metric}: {column.name} cannot be {value!r}, it is a {column.kind}.") from None
    if column.min is not None and isinstance(value, (int, Decimal)) and value < column.min:
        raise InvalidResult(f"{metric}: {column.name} must not be {value}, below {column.min}.")
    return printed


def _decimal(value: object) -> Decimal:
    if type(value) is Decimal and value.is_finite():
        return value
    if isinstance(value, bool) or not isinstance(value, (int, Decimal)) or not Decimal(value).is_finite():
        raise TypeError(value)
    return Decimal(value)


def _count(value: object) -> int:
    number = _decimal(value)
    if number != number.to_integral_value():
        raise ValueError(value)
    return int(number)


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError(value)
    return value


def _day(value: object) -> date:
    if not isinstance(value, date) or isinstance(value, datetime):
        raise TypeError(value)
    return value


def _instant(value: object) -> str | None:
    if not isinstance(value, datetime):
        raise TypeError(value)
    return exact_json.instant(value)


_PRINT: dict[Kind, Callable[[object, str], object]] = {
    "money": lambda value, currency: exact(_decimal(value), currency),
    "average": lambda value, currency: rounded(_decimal(value), currency),
    "count": lambda value, _: _count(value),
    "percent": lambda value, _: to_places(_decimal(value), PERCENT_PLACES),
    "ratio": lambda value, _: to_places(_decimal(value), RATIO_PLACES),
    "text": lambda value, _: _text(value),
    "period": lambda value, _: _text(value),
    "id": lambda value, _: _text(value),
    "month": lambda value, _: f"{_day(value):%Y-%m}",
    "day": lambda value, _: _day(value).isoformat(),
    "instant": lambda value, _: _instant(value),
}
