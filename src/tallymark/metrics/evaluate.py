"""From a plan to a result: run it, check what it gives, round once."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache, cached_property
from itertools import zip_longest
from time import perf_counter
from typing import Any

from psycopg import Connection, Error
from psycopg.rows import tuple_row

from tallymark.db.queries import load
from tallymark.errors import InvalidResult, MetricFailed
from tallymark.metrics.catalogue import CHECK, WARNING
from tallymark.metrics.figure import figure
from tallymark.metrics.plan import Plan
from tallymark.model import Notice, exact_json
from tallymark.monitoring import VALUES, about

SQL = load("tallymark.metrics", "evaluate.sql")

Row = Sequence[Any]


@dataclass(frozen=True)
class Result:
    """What a metric gave: an object or a list of objects in camelCase, checked and rounded."""

    data: object
    warnings: tuple[Notice, ...]
    computation_ms: float
    period_start: date | None
    period_end: date | None

    @cached_property
    def json(self) -> str:
        """The data as it is stored."""
        return exact_json.dumps(self.data)


def evaluate(conn: Connection[Any], plan: Plan) -> Result:
    """Run the plan on the connection's snapshot.

    Raises MetricFailed when its SQL fails, and InvalidResult when what it gives cannot be true.
    """
    return next(evaluate_each(conn, [plan]))


def evaluate_each(conn: Connection[Any], plans: Iterable[Plan], *, prepare: bool = False) -> Iterator[Result]:
    """Run the plans one after the other, in one transaction. Raises as `evaluate` does.

    `prepare` keeps them parsed on the connection, for who asks the same again and again; each is planned anew.
    """
    conn.execute(SQL.prepare)
    for plan in plans:
        yield _evaluated(conn, plan, prepare)


def _evaluated(conn: Connection[Any], plan: Plan, prepare: bool) -> Result:
    started = perf_counter()
    with about(metric=plan.name):
        rows = _run(conn, plan, prepare)
    data = [_printed(plan, row) for row in rows]
    if plan.metric.shape == "object" and len(data) != 1:
        raise InvalidResult(f"{plan.name} gave {len(data)} rows where it must give one.")
    took = perf_counter() - started
    VALUES.observe("metric_duration_seconds", took, plan.name)
    return Result(
        data=data[0] if plan.metric.shape == "object" else data,
        warnings=_warnings(plan, rows),
        computation_ms=took * 1000,
        period_start=plan.period.first,
        period_end=plan.period.last,
    )


def _run(conn: Connection[Any], plan: Plan, prepare: bool) -> list[Row]:
    try:
        with conn.cursor(row_factory=tuple_row) as cursor:
            return list(cursor.execute(plan.sql, plan.arguments, prepare=prepare))
    except Error as failed:
        if conn.closed:
            raise
        raise MetricFailed(f"{plan.name} could not be computed: {failed}") from failed


def _printed(plan: Plan, row: Row) -> dict[str, object]:
    """One row as it is given out: checked, rounded, nested and in camelCase."""
    printed: dict[str, object] = {}
    for name, value in zip(plan.metric.outputs, row, strict=True):
        if name.startswith(CHECK):
            if value is not True:
                raise InvalidResult(f"{plan.name} does not hold: {name.removeprefix(CHECK)}. Row: {_shown(plan, row)}.")
        elif not name.startswith(WARNING):
            _put(printed, name, figure(plan.name, plan.metric.columns[name], value, plan.currency))
    return {name: _group(value) for name, value in printed.items()}


def _put(printed: dict[str, object], name: str, value: object) -> None:
    *groups, last = (printed_name(part) for part in name.split("."))
    for group in groups:
        printed = printed.setdefault(group, {})  # type: ignore[assignment]
    printed[last] = value


def _group(value: object) -> object:
    """A group of which nothing is known is itself unknown."""
    if isinstance(value, dict) and all(inner is None for inner in value.values()):
        return None
    return value


@cache
def printed_name(name: str) -> str:
    """A column's name as it is given out: net_sales is netSales."""
    first, *rest = name.split("_")
    return first + "".join(word.capitalize() for word in rest)


def _warnings(plan: Plan, rows: Sequence[Row]) -> tuple[Notice, ...]:
    """Each warning once, in the order they came."""
    found: dict[Notice, None] = {}
    for index, name in enumerate(plan.metric.outputs):
        if name.startswith(WARNING):
            code = name.removeprefix(WARNING)
            found |= {Notice(code, row[index]): None for row in rows if row[index] is not None}
    return tuple(found)


def _shown(plan: Plan, row: Row) -> Mapping[str, str]:
    return {
        name: str(value)
        for name, value in zip_longest(plan.metric.outputs, row)
        if not name.startswith((CHECK, WARNING))
    }
