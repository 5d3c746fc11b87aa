"""From a plan to a result: run, check, round once."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from psycopg import Connection

from tallymark.metrics.plan import Plan
from tallymark.model import Notice


@dataclass(frozen=True, slots=True)
class Result:
    """What a metric gave: an object or a list of objects in camelCase, checked and rounded."""

    data: object
    warnings: tuple[Notice, ...]
    computation_ms: float
    period_start: date | None
    period_end: date | None


def evaluate(conn: Connection[Any], plan: Plan) -> Result:
    """Run the plan on the connection's snapshot. Raises InvalidResult when what it gives cannot be true."""
    raise NotImplementedError
