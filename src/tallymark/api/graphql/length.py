"""How many rows an answer may have, told from the arguments alone: what a list costs is as much as that."""

from collections.abc import Mapping
from datetime import datetime
from math import prod
from typing import Any

from tallymark.api.graphql.names import NAMES
from tallymark.metrics import Metric

UNKNOWN = 50
"""Rows of a list of which nothing is known: categories, segments, cohorts."""
STEPS = {"months", "days", "horizon"}
"""Parameters that say how far an answer goes: there is a row for each, or for each of one and of the other."""
SPANS = {"TODAY": 1, "WEEK": 7, "MONTH": 31, "QUARTER": 92, "YEAR": 366}
IN_A_DAY = {"hour": 24.0, "day": 1.0, "week": 1 / 7, "month": 1 / 28}


def length(metric: Metric, given: Mapping[str, Any]) -> int:
    """For arguments as they stand in the document, which need not be valid."""
    if metric.shape == "object" or (metric.name in NAMES and NAMES[metric.name].single):
        return 1
    if limit := metric.parameters.get("limit"):
        return max(1, _number(metric, limit.name, given))
    if step := metric.parameters.get("granularity"):
        asked = str(given.get("granularity") or step.default).lower()
        return int(_days(metric, given) * IN_A_DAY.get(asked, 1.0)) + 2
    steps = [_number(metric, name, given) for name in STEPS & metric.parameters.keys()]
    return max(1, prod(steps)) if steps else UNKNOWN


def _number(metric: Metric, name: str, given: Mapping[str, Any]) -> int:
    asked = given.get(name)
    return int(asked if isinstance(asked, int) else metric.parameters[name].default or UNKNOWN)


def _days(metric: Metric, given: Mapping[str, Any]) -> int:
    ranged = given.get("dateRange")
    if isinstance(ranged, Mapping):
        try:
            first, last = (datetime.fromisoformat(str(ranged.get(end))) for end in ("startDate", "endDate"))
        except ValueError:
            return SPANS["YEAR"]
        return abs((last.replace(tzinfo=None) - first.replace(tzinfo=None)).days) + 1
    trailing = metric.window.count if isinstance(metric.window.count, int) else 0
    return SPANS.get(str(given.get("period")), trailing or SPANS["YEAR"])
