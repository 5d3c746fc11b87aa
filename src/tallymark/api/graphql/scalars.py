"""Scalars, and the types that questions of every kind share."""

from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from zoneinfo import ZoneInfo

import strawberry
from graphql import GraphQLError
from strawberry.types.scalar import ScalarDefinition

from tallymark.errors import BadQuestion
from tallymark.model import instant
from tallymark.model.period import COMPARES, SPANS


def _instant(value: object) -> str | None:
    return instant(value) if isinstance(value, datetime) else str(value)


def _moment(value: object) -> datetime:
    try:
        return datetime.fromisoformat(str(value))
    except ValueError:
        raise GraphQLError(f"{str(value)[:60]!r} is no instant and no day: 2026-03-05T14:00:00Z, 2026-03-05.") from None


def _never(_: object) -> Decimal:
    raise GraphQLError("A Decimal is given, never taken.")


SCALARS: dict[object, ScalarDefinition] = {
    datetime: strawberry.scalar(
        name="DateTime",
        description="An instant, ISO 8601. Taken without an offset, or as a day, it is by the shop's clock.",
        serialize=_instant,
        parse_value=_moment,
    ),
    Decimal: strawberry.scalar(
        name="Decimal",
        description="An exact decimal: a JSON number with all the digits it has.",
        serialize=lambda value: value,
        parse_value=_never,
    ),
}


def choice(name: str, values: Iterable[str], description: str) -> type[Enum]:
    """An enumeration of these values; MONTH stands for `month`."""
    made: type[Enum] = Enum(name, {value.upper().replace("-", "_"): value for value in values})  # type: ignore[misc]
    return strawberry.enum(made, name=name, description=description)


Period = choice("Period", SPANS, "The running day, week, month, quarter or year; or the days of a date range.")
Compare = choice("Compare", COMPARES, "Which earlier days growth is told against.")
Clock = choice("Clock", ("event", "order"), "Returns on the day they happen, or on their order's day.")


@strawberry.input(description="Local days of the shop, both inclusive: those in which the two instants lie.")
class DateRangeInput:
    start_date: datetime
    end_date: datetime


def local_day(moment: datetime, zone: ZoneInfo) -> date:
    """The shop's day in which it lies. Raises BadQuestion where there is no such day."""
    try:
        return (moment if moment.tzinfo is None else moment.astimezone(zone)).date()
    except OverflowError:
        raise BadQuestion(f"{moment.isoformat()} is no day of the calendar.") from None
