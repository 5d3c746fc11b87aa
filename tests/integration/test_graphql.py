"""GraphQL over HTTP: the figures REST gives, for whom REST gives them, and what is said when something is wrong."""

import asyncio
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

import psycopg
import pytest
import structlog
from graphql import get_introspection_query
from psycopg.conninfo import conninfo_to_dict
from typer.testing import CliRunner

from tallymark.api.graphql.access import Needs
from tallymark.api.graphql.records import SQL
from tallymark.cli.commands import app as command_line
from tallymark.errors import MetricFailed
from tallymark.model import exact_json

DAYS = 'dateRange: {startDate: "2020-01-01", endDate: "2030-12-31"}'
OVERVIEW = f"{{ salesOverview({DAYS}) {{ totalRevenueExact totalOrders freshness {{ version }} }} }}"
MORE = """
INSERT INTO categories (tenant_id, platform, category_id, name, parent_id) VALUES
    (current_tenant(), 'shopify', 'c1', 'Kitchen', NULL), (current_tenant(), 'shopify', 'c2', 'Kettles', 'c1');
UPDATE products SET category_id = 'c2' WHERE platform = 'shopify';
INSERT INTO products (tenant_id, platform, product_id, name, category_id, cost)
    SELECT current_tenant(), 'shopify', 'q' || n, 'Thing ' || n, 'c2', 1 FROM generate_series(1, 20) n;
INSERT INTO order_items (tenant_id, placed_at, platform, order_id, line_id, product_id, quantity, unit_price, unit_cost)
    SELECT tenant_id, placed_at, platform, order_id, n + 1, 'q' || n, n, 1.10, 1
    FROM orders, generate_series(1, 20) n WHERE tenant_id = current_tenant() AND order_id = 'o1';
"""
# One kettle, 25 days ago.
EARLIER = """
INSERT INTO orders (tenant_id, placed_at, platform, order_id, status, currency)
    VALUES (current_tenant(), now() - interval '25 days', 'shopify', 'o0', 'completed', 'GBP');
INSERT INTO order_items (tenant_id, placed_at, platform, order_id, line_id, product_id, quantity, unit_price, unit_cost)
    SELECT tenant_id, placed_at, platform, order_id, '1', 'p1', 1, 10, 1 FROM orders
    WHERE tenant_id = current_tenant() AND order_id = 'o0'
"""


def refresh(shop: Any) -> None:
    assert shop.client.post("/api/admin/analytics/refresh", headers=shop.bearer("admin")).status_code == 200


def ask(shop: Any, query: str | None, role: str = "viewer", headers: dict[str, str] | None = None, **more: Any) -> Any:
    body = {**({} if query is None else {"query": query}), **more}
    return shop.client.post("/graphql", json=body, headers={**shop.bearer(role), **(headers or {})})


def data(answer: Any) -> Any:
    body = exact_json.loads(answer.text)
    assert "errors" not in body, body["errors"]
    return body["data"]


def error(answer: Any) -> Any:
    (found,) = answer.json()["errors"]
    return found


SAME = {
    "sales_overview": (
        f"salesOverview({DAYS}, clock: ORDER) {{ netSalesExact orders growth {{ orders }} change {{ orders }} }}",
        {"from": "2020-01-01", "to": "2030-12-31", "clock": "order"},
    ),
    "top_products": (
        "topProducts(sortBy: UNITS, limit: 3) { productId platform name totalSold revenueExact profitMargin }",
        {"sort": "units", "limit": "3"},
    ),
    "net_revenue": ("netRevenue(period: YEAR) { totalRevenueExact refundsExact }", {"period": "year"}),
    "monthly_trends": ("monthlyTrends(months: 3) { month revenueExact orderCount }", {"months": "3"}),
    "category_breakdown": (
        "categoryBreakdown(period: MONTH) { categoryId platform netSalesExact profitExact margin }",
        {"period": "month"},
    ),
    "profitability_metrics": (
        "profitabilityMetrics(period: QUARTER) { netSalesExact grossProfitExact netProfitExact netMargin }",
        {"period": "quarter"},
    ),
    "margin_analysis": (
        "marginAnalysis(groupBy: PRODUCT, limit: 2) { groupId netSalesExact costExact profitExact }",
        {"group_by": "product", "limit": "2"},
    ),
    "customer_segments": ("customerSegments(by: STORED) { segment customers netSalesExact }", {"by": "stored"}),
    "customer_insights": ("customerInsights(period: YEAR) { customers }", {"period": "year"}),
    "expense_breakdown": ("expenseBreakdown { category amountExact count percentage }", {}),
}


def without_twins(told: Any) -> Any:
    """The names REST has: an exact figure goes by the plain one."""
    if isinstance(told, list):
        return [without_twins(row) for row in told]
    if isinstance(told, dict):
        return {name.removesuffix("Exact"): without_twins(value) for name, value in told.items()}
    return Decimal(str(told)) if isinstance(told, float) else told


def only(names: Any, told: Any) -> Any:
    """Of REST's answer what the query asked for."""
    if isinstance(told, list):
        return [only(row, given) for row, given in zip(names, told, strict=True)]
    if isinstance(told, dict):
        return {name: only(inner, told[name]) for name, inner in names.items()}
    return told


def address(conninfo: str) -> str:
    told = conninfo_to_dict(conninfo)
    return f"postgresql://{told.pop('user')}@/{told.pop('dbname')}?{urlencode(told)}"


@pytest.mark.parametrize("metric", SAME)
@pytest.mark.parametrize("platform", ["all", "amazon"])
def test_the_same_question_has_the_same_figures_and_version_everywhere(
    shop: Any, metric: str, platform: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    refresh(shop)
    field, parameters = SAME[metric]
    name = field.partition("(")[0].partition(" ")[0]
    asked = field.replace(name, f'{name}(platform: "{platform}")', 1).replace(")(", ", ", 1)
    answer = ask(shop, f"{{ {asked} }}")
    told, said = without_twins(data(answer)[name]), answer.json()["extensions"]["answers"][name]

    rest = shop.client.get(
        f"/api/metrics/{metric}", params={**parameters, "platform": platform}, headers=shop.bearer("viewer")
    )
    body = exact_json.loads(rest.text)
    assert told == only(told, body["data"])
    assert {key: body[key] for key in said} | {"computedAt": ...} == said | {"computedAt": ...}
    assert (answer.headers["X-Version"], rest.headers["X-Version"]) == ("1", "1")

    monkeypatch.setenv("DATABASE_URL", address(shop.instance.database.conninfo))
    monkeypatch.setenv("TALLYMARK_SECRET_KEY", "k" * 32)
    options = [part for key, value in parameters.items() for part in ("--param", f"{key}={value}")]
    printed = CliRunner().invoke(
        command_line, ["ask", metric, "--tenant", "harbour", "--platform", platform, "--json", *options]
    )
    assert printed.exit_code == 0, printed.output
    typed = exact_json.loads(printed.stdout)
    assert (only(told, typed["data"]), typed["version"]) == (told, body["version"])


def test_exact_figures_keep_their_digits_and_floats_are_floats(shop: Any) -> None:
    refresh(shop)
    answer = ask(shop, f"{{ salesOverview({DAYS}) {{ totalRevenue totalRevenueExact averageOrderValueExact }} }}")
    assert '"totalRevenue":22.005,"totalRevenueExact":22.005,"averageOrderValueExact":16.00' in answer.text


def test_a_trend_is_points_of_one_figure(shop: Any) -> None:
    refresh(shop)
    query = "query ($m: Metric!) { salesTrends(period: TODAY, metric: $m) { timestamp label value valueExact } }"
    for metric, value in {"REVENUE": Decimal("22.005"), "ORDERS": 2, "CUSTOMERS": 0, "AOV": Decimal("16.00")}.items():
        points = data(ask(shop, query, variables={"m": metric}))["salesTrends"]
        assert points[-1]["valueExact"] == value
        assert points[-1]["timestamp"].startswith(points[-1]["label"]) or points[-1]["timestamp"].endswith("23:00:00Z")


def test_days_are_those_in_which_the_instants_lie_by_the_shops_clock(shop: Any) -> None:
    refresh(shop)

    def asked(start: str, end: str) -> Any:
        query = "query ($d: DateRangeInput!) { salesOverview(dateRange: $d) { orders } }"
        answer = ask(shop, query, variables={"d": {"startDate": start, "endDate": end}})
        params = answer.json()["extensions"]["answers"]["salesOverview"]["params"]
        return params["from"], params["to"]

    # London is an hour ahead in summer.
    assert asked("2026-06-30T23:30:00Z", "2026-07-31T23:30:00+05:00") == ("2026-07-01", "2026-07-31")
    assert asked("2026-06-30T23:30:00", "2026-07-31") == ("2026-06-30", "2026-07-31")


def test_records_are_looked_up_once_for_each_level(shop: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    shop.run(MORE)
    refresh(shop)
    nested = "product { id name category { name parent { name parent { name } } } }"
    asked = []
    execute = psycopg.Cursor.execute

    def counted(self: Any, query: Any, *given: Any, **more: Any) -> Any:
        asked.append(str(query))
        return execute(self, query, *given, **more)

    monkeypatch.setattr(psycopg.Cursor, "execute", counted)
    for limit in (2, 20):
        asked.clear()
        rows = data(ask(shop, f"{{ topProducts(sortBy: UNITS, limit: {limit}) {{ {nested} }} }}"))["topProducts"]
        assert len(rows) == limit
        # Products, their categories, the parents of those; the roots have none to look for.
        assert [query for query in asked if query in SQL.values()] == [SQL.products, SQL.categories, SQL.categories]
    category = {"name": "Kettles", "parent": {"name": "Kitchen", "parent": None}}
    assert rows[0]["product"] == {"id": "q20", "name": "Thing 20", "category": category}


def test_an_id_on_two_platforms_is_two_products(shop: Any) -> None:
    shop.run("UPDATE products SET product_id = 'p1' WHERE platform = 'amazon'")
    shop.run("UPDATE order_items SET product_id = 'p1' WHERE platform = 'amazon'")
    refresh(shop)
    rows = data(ask(shop, "{ topProducts(sortBy: REVENUE) { productId product { platform name } } }"))["topProducts"]
    assert rows == [
        {"productId": "p1", "product": {"platform": "shopify", "name": "Kettle"}},
        {"productId": "p1", "product": {"platform": "amazon", "name": "Cup"}},
    ]


def test_the_best_products_grew_as_their_performance_says(shop: Any) -> None:
    """Three kettles were sold in the 20 days to today, one in the 20 days before, and no cup."""
    shop.run(EARLIER)
    refresh(shop)
    days = {"startDate": str(datetime.now(UTC).date() - timedelta(days=19)), "endDate": "2199-12-31"}
    query = """query ($days: DateRangeInput!) {
        topProducts(sortBy: REVENUE, limit: 2, dateRange: $days) { productId platform growthRate }
        kettle: productPerformance(productId: "p1", platform: "shopify", period: CUSTOM, dateRange: $days) {
            growthRate revenueExact unitsSold product { name } }
        cup: productPerformance(productId: "p2", period: CUSTOM, dateRange: $days) { growthRate product { name } }
        none: productPerformance(productId: "p3", period: CUSTOM, dateRange: $days) { growthRate }
        ever: topProducts(sortBy: REVENUE) { growthRate }
    }"""
    answer = ask(shop, query, variables={"days": days})
    told = data(answer)
    kettle = {"growthRate": Decimal("2.0"), "revenueExact": Decimal("30.00"), "unitsSold": 3}
    assert told["kettle"] == {**kettle, "product": {"name": "Kettle"}}
    assert told["cup"] == {"growthRate": None, "product": {"name": "Cup"}}
    assert told["none"] is None
    assert told["topProducts"] == [
        {"productId": "p1", "platform": "shopify", "growthRate": Decimal("2.0")},
        {"productId": "p2", "platform": "amazon", "growthRate": None},
    ]
    # All time has nothing before it, and is not asked about.
    assert told["ever"] == [{"growthRate": None}, {"growthRate": None}]
    assert set(answer.json()["extensions"]["answers"]) == {
        "topProducts", "topProducts.growthRate", "kettle", "cup", "none", "ever",
    }  # fmt: skip


def test_one_product_on_two_platforms_is_not_one(shop: Any) -> None:
    shop.run("UPDATE order_items SET product_id = 'p1' WHERE platform = 'amazon'")
    refresh(shop)
    answer = ask(shop, '{ productPerformance(productId: "p1", period: YEAR) { revenue } }')
    assert error(answer)["extensions"]["code"] == "question_invalid"
    assert error(answer)["extensions"]["hint"] == "Ask for one platform: amazon, shopify."


# Who may ask.


@pytest.mark.parametrize("role", ["admin", "analyst", "viewer"])
def test_every_member_may_ask(shop: Any, role: str) -> None:
    refresh(shop)
    assert data(ask(shop, OVERVIEW, role))["salesOverview"]["totalOrders"] == 2


@pytest.mark.parametrize("query", [OVERVIEW, "{ __schema { queryType { name } } }", "{ __typename }", "{"])
def test_nobody_else_is_told_anything(shop: Any, query: str) -> None:
    refresh(shop)
    answer = ask(shop, query, "nobody")
    assert (answer.status_code, answer.json()["code"]) == (401, "not_signed_in")
    foreign = ask(shop, query, "outsider", headers={"X-Tenant": "harbour"})
    assert (foreign.status_code, foreign.json()["code"]) == (404, "unknown_tenant")


def test_shops_do_not_see_each_other_nor_each_others_kept_answers(shop: Any) -> None:
    shop.run("UPDATE order_items SET unit_price = 77 WHERE order_id = 'o1'", shop.other)
    shop.run("UPDATE products SET name = 'Foreign' WHERE platform = 'shopify'", shop.other)
    query = "{ topProducts(sortBy: REVENUE, limit: 1) { revenueExact product { name } } }"
    refresh(shop)
    assert shop.client.post("/api/admin/analytics/refresh", headers=shop.bearer("outsider")).status_code == 200
    for _ in range(2):
        ours, theirs = (data(ask(shop, query, role))["topProducts"] for role in ("viewer", "outsider"))
        assert ours == [{"revenueExact": Decimal("30.00"), "product": {"name": "Kettle"}}]
        assert theirs == [{"revenueExact": Decimal("231.00"), "product": {"name": "Foreign"}}]


def test_a_metric_for_some_roles_is_for_those_here_too(shop: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    refresh(shop)
    field = engine_of(shop).schema.core.query_type.fields["netRevenue"].extensions["strawberry-definition"]
    (gate,) = [extension for extension in field.extensions if isinstance(extension, Needs)]
    monkeypatch.setattr(gate, "roles", frozenset({"admin"}))
    query = "{ netRevenue { orders: totalRevenue } expenseBreakdown { category } }"
    answer = ask(shop, query, "viewer")
    assert answer.json()["data"]["netRevenue"] is None
    assert len(answer.json()["data"]["expenseBreakdown"]) == 2
    assert (error(answer)["extensions"]["code"], error(answer)["path"]) == ("not_allowed", ["netRevenue"])
    # And what the admin was told is not kept for the viewer.
    assert data(ask(shop, query, "admin"))["netRevenue"] is not None
    assert ask(shop, query, "viewer").json()["data"]["netRevenue"] is None


def engine_of(shop: Any) -> Any:
    endpoint = next(route.endpoint for route in routes(shop.app) if getattr(route, "path", "") == "/graphql")
    return within(within(endpoint)["answer"])["engine"]


def within(function: Any) -> dict[str, Any]:
    cells = zip(function.__code__.co_freevars, function.__closure__, strict=True)
    return {name: cell.cell_contents for name, cell in cells}


def routes(app: Any) -> Iterator[Any]:
    for route in app.routes:
        yield route
        yield from getattr(getattr(route, "original_router", None), "routes", [])


def test_a_cookie_works_from_our_own_pages_only(shop: Any) -> None:
    refresh(shop)
    shop.client.cookies.set("tallymark_session", shop.token("viewer@example.com"))
    for site, status in (("same-origin", 200), ("cross-site", 403)):
        answer = shop.client.post("/graphql", json={"query": OVERVIEW}, headers={"Sec-Fetch-Site": site})
        assert answer.status_code == status
    for content_type in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data"):
        headers = {"Sec-Fetch-Site": "same-origin", "Content-Type": content_type}
        answer = shop.client.post("/graphql", content=json.dumps({"query": OVERVIEW}), headers=headers)
        assert answer.status_code == 422
    refused = shop.client.get("/graphql", params={"query": OVERVIEW})
    assert refused.status_code == 400, "an address names a kept document, and never holds one"


# What is wrong.


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("{", "question_invalid"),
        ("{ nonsense }", "question_invalid"),
        ("mutation { nonsense }", "question_invalid"),
        ("subscription { nonsense }", "question_invalid"),
        ("{ topProducts(sortBy: PRICE) { name } }", "question_invalid"),
        ('{ salesOverview(dateRange: {startDate: "x", endDate: "2026-01-01"}) { orders } }', "question_invalid"),
        ("query a { __typename } query b { __typename }", "question_invalid"),
        ("{ topProducts(limit: 1000, sortBy: UNITS) { name } }", "query_too_large"),
        ("query ($n: Int!) { topProducts(limit: $n, sortBy: UNITS) { name } }", "question_invalid"),
    ],
)
def test_a_document_that_cannot_run_is_refused_by_code(shop: Any, query: str, code: str) -> None:
    plain = ask(shop, query)
    assert (plain.status_code, plain.headers["Content-Type"]) == (200, "application/json")
    assert (error(plain)["extensions"]["code"], "data" in plain.json()) == (code, False)
    strict = ask(shop, query, headers={"Accept": "application/graphql-response+json"})
    assert (strict.status_code, strict.headers["Content-Type"]) == (400, "application/graphql-response+json")
    assert strict.json()["errors"] == plain.json()["errors"]


@pytest.mark.parametrize(
    ("field", "code"),
    [
        ("topProducts(sortBy: UNITS, limit: 0) { name }", "question_invalid"),
        ('topProducts(sortBy: UNITS, platform: "etsy") { name }', "question_invalid"),
        ("netRevenue(period: CUSTOM) { refunds }", "question_invalid"),
        (f"netRevenue(period: MONTH, {DAYS}) {{ refunds }}", "question_invalid"),
    ],
)
def test_a_question_that_cannot_be_taken_leaves_the_others(shop: Any, field: str, code: str) -> None:
    refresh(shop)
    answer = ask(shop, f"{{ bad: {field} good: expenseBreakdown {{ category }} }}")
    assert (answer.status_code, error(answer)["path"], error(answer)["extensions"]["code"]) == (200, ["bad"], code)
    assert answer.json()["data"]["bad"] is None
    assert len(answer.json()["data"]["good"]) == 2


def test_before_the_first_refresh_there_is_nothing_to_give(shop: Any) -> None:
    answer = ask(shop, OVERVIEW)
    assert (answer.json()["data"], error(answer)["extensions"]["code"]) == ({"salesOverview": None}, "not_built")
    refresh(shop)
    assert data(ask(shop, OVERVIEW))["salesOverview"]["totalOrders"] == 2


@pytest.mark.parametrize("raised", [RuntimeError("secret dsn"), MetricFailed("secret dsn")])
def test_an_error_nobody_foresaw_is_a_number_and_one_line_in_the_log(
    shop: Any, monkeypatch: pytest.MonkeyPatch, raised: Exception
) -> None:
    refresh(shop)

    async def broken(*_: object) -> None:
        raise raised

    monkeypatch.setattr(shop.instance.answers, "ask", broken)
    with structlog.testing.capture_logs() as logged:
        answer = ask(shop, OVERVIEW)
    if isinstance(raised, RuntimeError):
        assert "secret" not in answer.text
        assert [line["error_id"] for line in logged] == [error(answer)["extensions"]["id"]]
    else:
        assert error(answer)["extensions"]["code"] == "metric_failed"


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ("[]", 422),
        ("{}", 200),
        ('{"query": 1}', 422),
        ('{"query": "{__typename}", "variables": []}', 422),
        ('{"query": "{__typename}", "more": 1}', 422),
        ('[{"query": "{__typename}"}]', 422),
        ('{"query": "{__typename}", "variables": {"a": ' + "[" * 20_000 + "]" * 20_000 + "}}", 422),
        ('{"query": "{__typename}", "variables": {"a": ' + "[" * 900 + "]" * 900 + "}}", 200),
        ('{"query": "' + "x" * 70_000 + '"}', 413),
    ],
)
def test_a_body_that_is_no_request_is_refused(shop: Any, body: str, status: int) -> None:
    headers = {**shop.bearer("viewer"), "Content-Type": "application/json"}
    assert shop.client.post("/graphql", content=body, headers=headers).status_code == status


# What is kept.


def test_an_answer_is_kept_for_its_document_variables_shop_role_and_version(lenient: Any) -> None:
    refresh(lenient)
    query = "query ($n: Int!) { topProducts(sortBy: UNITS, limit: $n) { platform } }"

    def outcome(role: str = "viewer", text: str = query, **variables: int) -> str:
        answer = ask(lenient, text, role, variables={"n": 1, **variables})
        assert "errors" not in answer.json()
        return str(answer.headers["X-Cache"])

    assert (outcome(), outcome(), outcome(more=1)) == ("MISS", "HIT", "HIT")
    assert outcome(text=query.replace(" ", "\n") + "# the same") == "HIT"
    assert outcome(n=2) == outcome(role="admin") == outcome(text=query.replace("platform", "totalSold")) == "MISS"
    lenient.run("UPDATE expenses SET amount = amount + 1")
    refresh(lenient)
    fresh = ask(lenient, query, variables={"n": 1})
    assert (fresh.headers["X-Cache"], fresh.headers["X-Version"]) == ("MISS", "2")


def test_what_went_wrong_is_not_kept(shop: Any) -> None:
    refresh(shop)
    for _ in range(2):
        answer = ask(shop, "{ netRevenue(period: CUSTOM) { refunds } }")
        assert (answer.headers["X-Cache"], "errors" in answer.json()) == ("MISS", True)


def test_all_answers_are_of_one_version(lenient: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    refresh(lenient)
    answers, published, asked = lenient.instance.answers, asyncio.Event(), []
    original = answers.ask

    async def overtaken(tenant: Any, question: Any) -> Any:
        """Between the first question and the second a refresh publishes."""
        asked.append(question)
        if len(asked) == 2:
            await published.wait()
        given = await original(tenant, question)
        if len(asked) == 2 and not published.is_set():
            lenient.run("UPDATE expenses SET amount = amount + 1")
            await lenient.instance.flights.refresh(tenant, triggered_by="test")
            answers.publications.seen(tenant.tenant_id, 2)
            published.set()
        return given

    monkeypatch.setattr(answers, "ask", overtaken)
    told = "totalExpensesExact freshness { version }"
    both = data(ask(lenient, f"{{ netRevenue {{ {told} }} again: netRevenue(clock: ORDER) {{ {told} }} }}"))
    assert len(asked) == 4
    assert both["netRevenue"] == both["again"] == {"totalExpensesExact": Decimal("10.00"), "freshness": {"version": 2}}


def test_the_schema_is_told_to_who_is_signed_in_and_kept(shop: Any) -> None:
    first, second = (ask(shop, get_introspection_query()) for _ in range(2))
    names = {kind["name"] for kind in data(first)["__schema"]["types"]}
    assert {"SalesOverview", "ProductInsight", "TrendPoint"} <= names
    assert (first.headers["X-Cache"], second.headers["X-Cache"]) == ("MISS", "HIT")
    assert first.content == second.content
