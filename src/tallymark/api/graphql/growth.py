"""How much each of the best products grew: their performance over the same days, asked for once for all of them."""

from collections.abc import Mapping
from typing import Any

import strawberry
from strawberry.types import Info
from strawberry.types.field import StrawberryField
from strawberry.types.fields.resolver import StrawberryResolver

from tallymark.api.graphql.access import needs
from tallymark.api.graphql.figures import field, optional
from tallymark.metrics import Metric

BEST, PERFORMANCE = "top_products", "product_performance"
DAYS = {"from", "to", "period"}
MOST = 100
"""As many products as may be asked for their performance at once."""


def growth_rate(performance: Metric) -> StrawberryField:
    async def growth(root: strawberry.Parent[Any], info: Info) -> Any:
        """All time has nothing before it."""
        asked = root["asked"]
        if DAYS.isdisjoint(asked.parameters):
            return None
        parameters = {**asked.parameters, "limit": str(min(MOST, int(asked.parameters.get("limit", "10"))))}
        told_as = f"{asked.told_as}.growthRate"
        answer = await info.context.ask_once(performance, asked.platform, parameters, told_as)
        return _rates(answer.data).get((root["platform"], root["productId"]))

    return field(
        "growthRate",
        optional(float),
        f"{performance.columns['growth.revenue'].doc} Of the first {MOST} products, and of given days only.",
        base_resolver=StrawberryResolver(growth),
        extensions=[needs(*performance.roles)],
    )


def _rates(rows: Any) -> Mapping[tuple[str, str], Any]:
    return {(row["platform"], row["productId"]): row["growth"] and row["growth"]["revenue"] for row in rows}
