"""The rollups, declared once: their keys, their measures, and the SQL that folds contributions into them."""

from dataclasses import dataclass

from psycopg import sql

from tallymark.db.queries import load
from tallymark.rollups.days import TALLIES

DEFINITIONS = load("tallymark.rollups", "definitions.sql")


@dataclass(frozen=True, slots=True)
class Rollup:
    """A table of sums. A row whose measures are all zero does not exist."""

    name: str
    keys: tuple[str, ...]
    measures: tuple[str, ...]
    now: tuple[str, ...] = ()
    """The measures that another rollup reads as they are once the contributions are in."""

    @property
    def dated(self) -> bool:
        """Whether a row belongs to one month."""
        return self.keys[0] in ("day", "month")

    @property
    def definition(self) -> sql.Composable:
        """The signed contributions that are summed, one column for each key and measure."""
        return sql.SQL(DEFINITIONS[self.name])

    def fold(self) -> sql.Composed:
        """CTEs that add the contributions to the table; `<name>_put` returns the keys, and which are `emptied`."""
        return sql.SQL(
            """{sum},
            {put} AS (
                INSERT INTO {name} AS t (tenant_id, {columns})
                SELECT %(tenant)s, {columns} FROM {name}_sum ORDER BY {keys}
                ON CONFLICT (tenant_id, {keys}) DO UPDATE SET {added}
                RETURNING {now}, {emptied} AS emptied)"""
        ).format(
            **self._parts(),
            added=_each(self.measures, "{0} = t.{0} + EXCLUDED.{0}"),
            now=_each(self.keys + self.now, "t.{0}"),
            emptied=_each(self.measures, "t.{0} = 0", " AND "),
        )

    def place(self) -> sql.Composed:
        """The same into a stretch of the table that has no rows yet, which is quicker."""
        return sql.SQL(
            """{sum},
            {put} AS (
                INSERT INTO {name} (tenant_id, {columns})
                SELECT %(tenant)s, {columns} FROM {name}_sum ORDER BY {keys})"""
        ).format(**self._parts())

    def emptied(self) -> sql.Composed:
        """The keys of rows that `fold` brought to zero, as JSON objects beside the rollup's name."""
        return sql.SQL(
            "SELECT {literal}, jsonb_agg(jsonb_build_object({pairs})) FROM {put} WHERE emptied HAVING count(*) > 0"
        ).format(
            literal=sql.Literal(self.name),
            pairs=_each(self.keys, "'{0}', {0}"),
            put=sql.SQL(f"{self.name}_put"),
        )

    def _parts(self) -> dict[str, sql.Composable]:
        return {
            "name": sql.SQL(self.name),
            "put": sql.SQL(f"{self.name}_put"),
            "keys": _list(self.keys),
            "columns": _list(self.keys + self.measures),
            "sum": self._sum(),
        }

    def _sum(self) -> sql.Composed:
        """The CTE of what moved, one row a key."""
        return sql.SQL(
            "{name}_sum AS (SELECT {keys}, {sums} FROM ({definition}) d GROUP BY {keys} HAVING {moved})"
        ).format(
            name=sql.SQL(self.name),
            keys=_list(self.keys),
            sums=_each(self.measures, "sum({0}) AS {0}"),
            definition=self.definition,
            moved=_each(self.measures, "sum({0}) <> 0", " OR "),
        )

    def remove(self) -> sql.Composed:
        """Deletes the rows whose keys are in the JSON array %(keys)s."""
        return sql.SQL(
            "DELETE FROM {name} t USING jsonb_populate_recordset(NULL::{name}, %(keys)s) AS g"
            " WHERE t.tenant_id = %(tenant)s AND {same}"
        ).format(name=sql.SQL(self.name), same=_each(self.keys, "t.{0} = g.{0}", " AND "))


def _list(names: tuple[str, ...]) -> sql.Composable:
    return sql.SQL(", ".join(names))


def _each(names: tuple[str, ...], shape: str, between: str = ", ") -> sql.Composable:
    return sql.SQL(between.join(shape.format(name) for name in names))


RETURNS = ("returned_units", "returns", "order_returned_units", "order_returns")
PRODUCT = ("lines", "negatives", "units", "gross", "discounts", "cost", "costed_net", *RETURNS)

BY_ORDER = (
    Rollup(
        "sales_day",
        ("day", "platform"),
        ("orders", "foreign_orders", "units", "gross", "discounts", "shipping", "tax", "total", "cost", "costed_net",
         "costed_lines", "uncosted_lines",
         "refunds", "returned_units", "returns", "order_refunds", "order_returned_units", "order_returns"),
    ),
    Rollup(
        "sales_hour",
        ("day", "hour", "platform"),
        ("orders", "units", "gross", "discounts", "shipping", "tax", "total", "returns", "order_returns"),
    ),
    Rollup("product_day", ("day", "platform", "product_id"), PRODUCT),
    Rollup("product_month", ("month", "platform", "product_id"), PRODUCT, now=("lines",)),
    Rollup("product_total", ("platform", "product_id"), PRODUCT),
    Rollup("assortment_month", ("month", "platform"), ("products",)),
    Rollup(
        "rep_day",
        ("day", "platform", "sales_rep_id"),
        ("orders", "units", "gross", "discounts", "total", "cost", "costed_net", "returns", "order_returns"),
    ),
    Rollup(
        "segment_day",
        ("day", "platform", "segment"),
        ("orders", "units", "gross", "discounts", "cost", "costed_net", "returns", "order_returns"),
    ),
    Rollup("customer_refund", ("platform", "customer_id"), ("refunds", "returns")),
)  # fmt: skip
"""Folded from the contributions of orders and refunds."""

OF_MONTHS = ("product_total", "assortment_month")
"""Follow from product_month, so a build makes them once all of it is there."""

OF_FACTS = tuple(rollup for rollup in BY_ORDER if rollup.name not in OF_MONTHS)
DATED = tuple(rollup for rollup in OF_FACTS if rollup.dated)
"""Whose rows belong to one month: two months of orders never meet in a row, so a build makes them side by side."""

CATEGORY = ("units", "gross", "discounts", "cost", "costed_net", "returns", "order_returns")

BY_CATEGORY = (
    Rollup("category_day", ("day", "platform", "category_id"), CATEGORY),
    Rollup("category_month", ("month", "platform", "category_id"), CATEGORY),
)
"""Folded from what changed of products, and from the days of products that stand in another category."""

BY_CUSTOMER = (
    Rollup("return_gap", ("platform", "day", "prev_day"), ("customers",)),
    Rollup("return_month", ("prev_month", "day", "platform"), ("customers", "gap_days")),
    Rollup("repeat_gap", ("platform", "day", "prev_day"), ("orders",)),
    Rollup("repeat_month", ("prev_month", "day", "platform"), ("orders",)),
    Rollup(
        "buyers_day",
        ("day", "platform"),
        ("customers", "new_customers", "once", "gap_days", "orders", "gross", "discounts"),
    ),
    Rollup("cohort_month", ("platform", "cohort", "month"), ("customers",)),
)
"""Folded from the days on which customers bought."""

ROLLUPS = {rollup.name: rollup for rollup in (*BY_ORDER, *BY_CATEGORY, *BY_CUSTOMER)}

STORED = (
    "order_fact", "refund_fact", "product_category", *(rollup.name for rollup in (*BY_ORDER, *BY_CATEGORY)), *TALLIES,
    "customer_day", "customer_fact", *(rollup.name for rollup in BY_CUSTOMER), "stock_level", "inventory_day",
)  # fmt: skip
"""Every table that a build makes anew."""

KEPT = ("stock_history",)
"""What a build only adds to: what has passed can be counted no more."""
