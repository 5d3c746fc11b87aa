"""Names of the GraphQL contract, where they are not those of the metric.

Every metric is a field: its name, its parameters and its columns in camelCase. This table holds what people and
programs call by another name; a name it gives to a column stands beside the column's own.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Names:
    """How one metric is told. `required`: arguments without which it is not asked.

    `arguments` names parameters, `figures` gives columns a further name, `enums` names the types of parameters. `rows`:
    the name under which one object holds all rows, each of the type `row`; else they are the answer themselves.
    `single`: the answer is the one row there is, and `without` the parameters that would choose among many.
    """

    type: str
    rows: str | None = None
    row: str | None = None
    required: frozenset[str] = frozenset()
    arguments: Mapping[str, str] = field(default_factory=dict)
    figures: Mapping[str, str] = field(default_factory=dict)
    enums: Mapping[str, str] = field(default_factory=dict)
    single: bool = False
    without: frozenset[str] = frozenset()


PERIOD = frozenset({"period"})

NAMES: Mapping[str, Names] = {
    "sales_overview": Names(
        "SalesOverview",
        required=frozenset({"dateRange"}),
        figures={
            "totalRevenue": "total_sales",
            "totalOrders": "orders",
            "growthRate": "growth.total_sales",
            "revenueChange": "change.total_sales",
            "orderChange": "change.orders",
        },
    ),
    "top_products": Names(
        "ProductInsight",
        required=frozenset({"sortBy"}),
        arguments={"sort": "sortBy"},
        figures={"unitsSold": "total_sold"},
        enums={"sort": "ProductSort"},
    ),
    "product_performance": Names(
        "ProductPerformance",
        required=PERIOD | {"productId"},
        figures={"unitsSold": "units", "growthRate": "growth.revenue"},
        single=True,
        without=frozenset({"limit", "sort"}),
    ),
    "category_breakdown": Names("CategoryInsight", required=PERIOD),
    "customer_segments": Names("CustomerSegment"),
    "customer_lifetime_value": Names("CustomerLTV", required=frozenset({"customerId"})),
    "customer_retention": Names("RetentionMetrics", "cohorts", "RetentionCohort", required=PERIOD),
    "profitability_metrics": Names("ProfitabilityMetrics", required=PERIOD),
    "margin_analysis": Names("MarginAnalysis", required=frozenset({"groupBy"}), enums={"group_by": "GroupBy"}),
}
