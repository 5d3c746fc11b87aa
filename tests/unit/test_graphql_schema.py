"""The schema: the contract's names, the catalogue's words, and a gate at everything that is worked out."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from graphql import GraphQLEnumType, GraphQLInputObjectType, GraphQLObjectType
from strawberry.types.field import StrawberryField

from tallymark.api.graphql.access import Needs
from tallymark.api.graphql.names import NAMES
from tallymark.api.graphql.schema import build
from tallymark.metrics import Catalog, printed_name

CATALOG = Catalog.load()
SCHEMA, QUESTIONS = build(CATALOG)
TYPES = SCHEMA.core.type_map
ASKED = {
    "salesOverview": "dateRange: DateRangeInput!",
    "salesTrends": "metric: Metric! period: Period!",
    "topProducts": "limit: Int sortBy: ProductSort!",
    "productPerformance": "productId: ID! period: Period!",
    "categoryBreakdown": "period: Period!",
    "customerSegments": "",
    "customerLifetimeValue": "customerId: ID!",
    "customerRetention": "period: Period!",
    "profitabilityMetrics": "period: Period!",
    "marginAnalysis": "groupBy: GroupBy!",
}
TOLD = {
    "SalesOverview": "totalRevenue totalOrders averageOrderValue growthRate revenueChange orderChange",
    "TrendPoint": "timestamp value label",
    "ProductInsight": "product revenue unitsSold profit profitMargin growthRate",
}
CHOICES = {
    "Period": "TODAY WEEK MONTH QUARTER YEAR CUSTOM",
    "Metric": "REVENUE ORDERS CUSTOMERS AOV",
    "ProductSort": "REVENUE UNITS PROFIT",
}


def query() -> GraphQLObjectType:
    assert SCHEMA.core.query_type is not None
    return SCHEMA.core.query_type


def test_every_metric_is_a_field_and_nothing_else_is() -> None:
    assert set(query().fields) == {printed_name(name) for name in CATALOG} == set(QUESTIONS)


@pytest.mark.parametrize("name", ASKED)
def test_a_field_of_the_contract_takes_its_arguments(name: str) -> None:
    arguments = query().fields[name].args
    told = {f"{argument}: {arguments[argument].type}" for argument in arguments}
    words = ASKED[name].split()
    expected = {f"{argument} {kind}" for argument, kind in zip(words[::2], words[1::2], strict=True)}
    assert expected <= told
    required = {argument for argument in arguments if str(arguments[argument].type).endswith("!")} - {"platform"}
    assert required == {each.partition(":")[0] for each in expected if each.endswith("!")}


def test_the_limit_of_the_best_products_is_ten() -> None:
    assert query().fields["topProducts"].args["limit"].default_value == 10


@pytest.mark.parametrize("name", TOLD)
def test_a_type_of_the_contract_has_its_fields(name: str) -> None:
    kind = TYPES[name]
    assert isinstance(kind, GraphQLObjectType)
    assert set(TOLD[name].split()) <= set(kind.fields)


@pytest.mark.parametrize("name", CHOICES)
def test_an_enumeration_of_the_contract_has_its_values(name: str) -> None:
    kind = TYPES[name]
    assert isinstance(kind, GraphQLEnumType)
    assert list(kind.values) == CHOICES[name].split()


def test_days_are_asked_for_as_the_contract_says() -> None:
    kind = TYPES["DateRangeInput"]
    assert isinstance(kind, GraphQLInputObjectType)
    assert {name: str(field.type) for name, field in kind.fields.items()} == {
        "startDate": "DateTime!",
        "endDate": "DateTime!",
    }


def test_money_is_told_as_a_float_and_exactly() -> None:
    kind = TYPES["SalesOverview"]
    assert isinstance(kind, GraphQLObjectType)
    told = {
        name: str(kind.fields[name].type) for name in ("totalRevenue", "totalRevenueExact", "averageOrderValueExact")
    }
    assert told == {
        "totalRevenue": "Float!",
        "totalRevenueExact": "Decimal!",
        "averageOrderValueExact": "Decimal",
    }
    assert "totalOrdersExact" not in kind.fields


def test_the_words_are_those_of_the_catalogue() -> None:
    metric, kind = CATALOG["sales_overview"], TYPES["SalesOverview"]
    assert isinstance(kind, GraphQLObjectType)
    assert kind.description == metric.description
    for name, column in metric.columns.items():
        path = [printed_name(part) for part in name.split(".")]
        if len(path) == 1:
            assert kind.fields[path[0]].description == column.doc


def test_every_answer_tells_how_old_it_is() -> None:
    for name, field in query().fields.items():
        kind = TYPES[str(field.type).strip("[]!")]
        assert isinstance(kind, GraphQLObjectType), name
        assert str(kind.fields["freshness"].type) == "Freshness!"


def worked_out() -> Iterator[tuple[str, StrawberryField]]:
    for kind in TYPES.values():
        if isinstance(kind, GraphQLObjectType) and not kind.name.startswith("__"):
            for name, made in kind.fields.items():
                field = made.extensions["strawberry-definition"]
                if kind is query() or not field.is_basic_field:
                    yield f"{kind.name}.{name}", field


def test_every_field_that_is_worked_out_declares_whom_it_lets_in() -> None:
    found = dict(worked_out())
    assert {"Query.topProducts", "ProductInsight.product", "Product.category", "Category.parent"} <= set(found)
    open_to_all = [name for name, field in found.items() if not gates(field)]
    assert open_to_all == []


def gates(field: StrawberryField) -> list[Needs]:
    return [extension for extension in field.extensions if isinstance(extension, Needs) and extension.roles]


def test_a_metric_lets_in_whom_its_file_names() -> None:
    for name, metric in CATALOG.items():
        (gate,) = gates(dict(worked_out())[f"Query.{printed_name(name)}"])
        assert gate.roles == set(metric.roles)


def test_the_names_are_of_metrics_and_columns_that_there_are() -> None:
    for name, names in NAMES.items():
        assert set(names.figures.values()) <= set(CATALOG[name].columns)
        assert set(names.arguments) | set(names.enums) | names.without <= set(CATALOG[name].parameters)


GUIDE = Path(__file__).parents[2] / "docs" / "adding-a-metric.md"


def test_a_metric_of_ones_own_is_a_field_at_once(tmp_path: Path) -> None:
    text = GUIDE.read_text("utf-8").partition("```sql\n")[2].partition("```")[0]
    for name in ("units_by_platform", "product", "query"):
        (tmp_path / f"{name}.sql").write_text(text)
    schema, questions = build(Catalog.load(tmp_path))
    printed = schema.as_str()
    assert {"unitsByPlatform", "product", "query"} <= set(questions)
    assert "type UnitsByPlatformRow {" in printed
    assert "returns: UnitsByPlatformRowReturns" in printed
    assert "days: Int = 30" in printed


def test_what_graphql_has_no_name_for_is_left_out(tmp_path: Path) -> None:
    text = GUIDE.read_text("utf-8").partition("```sql\n")[2].partition("```")[0]
    (tmp_path / "words.sql").write_text(text.replace("AS units,", "AS class,").replace("units = {", "class = {", 1))
    (tmp_path / "odd.sql").write_text(text.replace("AS share", 'AS "a share"').replace("share = {", '"a share" = {'))
    schema, _ = build(Catalog.load(tmp_path))
    types = schema.core.type_map
    assert "class" in types["WordsRow"].fields
    assert {"platform", "grossSales"} <= types["OddRow"].fields.keys()
    assert "a share" not in types["OddRow"].fields
