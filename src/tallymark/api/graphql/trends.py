"""Sales trends told as points of one figure, for a line on a chart."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from tallymark.api.graphql.scalars import choice

TREND = "sales_trends"
FIGURES = {"revenue": "totalSales", "orders": "orders", "customers": "customers", "aov": "averageOrderValue"}
Metric = choice("Metric", FIGURES, "Total sales, orders, distinct customers, or the average order value.")


def point(row: Mapping[str, Any], given: Mapping[str, Any], zone: ZoneInfo) -> dict[str, Any]:
    """One period: the figure asked for, and the instant at which the period begins by the shop's clock."""
    value = row[FIGURES[given["metric"].value]]
    return {
        "timestamp": _begins(row["period"]).replace(tzinfo=zone),
        "label": row["period"],
        "value": value,
        "valueExact": value if isinstance(value, Decimal) or value is None else Decimal(value),
    }


def _begins(label: str) -> datetime:
    return datetime.fromisoformat(label if len(label) > len("2026-03") else f"{label}-01")
