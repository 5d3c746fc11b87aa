"""Random queries that the schema allows, as every kind of caller: answered as GraphQL says, with nothing foreign."""

import json
import re
from typing import Any

import pytest
import schemathesis
from graphql import build_schema, get_named_type, is_leaf_type, is_list_type, is_non_null_type, parse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis.graphql import nodes

from tallymark.api.graphql import printed
from tallymark.errors import BadQuestion, NotBuilt, QueryTooLarge
from tallymark.metrics import Catalog

QUERIES, THOROUGH = 150, 20_000
SDL = printed(Catalog.load())
KNOWN = {error.code for error in (BadQuestion, NotBuilt, QueryTooLarge)}
FOREIGN = "Foreign"
DAYS = st.dates().map(str) | st.sampled_from(["2026-01-01", "2026-11-22T10:00Z", "0001-01-01T00:00:00+14:00", "soon"])
PLATFORM = re.compile(r'platform: "(?:[^"\\]|\\.)*"')


@pytest.fixture(scope="module", autouse=True)
def scalars() -> None:
    schemathesis.graphql.scalar("DateTime", DAYS.map(nodes.String))
    schemathesis.graphql.scalar("Decimal", st.just("1.5").map(nodes.Float))


@pytest.fixture
def shops(lenient: Any) -> Any:
    """Both have figures, and what is the other's says so."""
    for tenant in (lenient.tenant, lenient.other):
        name = FOREIGN if tenant is lenient.other else "Ours"
        lenient.run(f"UPDATE products SET name = '{name} ' || name", tenant)
        lenient.run(f"UPDATE expenses SET category = '{name} ' || category", tenant)
    for role in ("admin", "outsider"):
        assert lenient.client.post("/api/admin/analytics/refresh", headers=lenient.bearer(role)).status_code == 200
    return lenient


@pytest.mark.parametrize("role", ["viewer", "admin", "outsider", "trespasser", "nobody"])
def test_any_query_is_answered_as_the_language_says(shops: Any, role: str, request: pytest.FixtureRequest) -> None:
    """A trespasser is an admin of another shop who asks for this one."""
    thorough = request.config.getoption("--thorough")
    queries = THOROUGH if thorough else QUERIES
    schema = schemathesis.graphql.from_file(SDL)
    headers = shops.bearer("outsider" if role == "trespasser" else role)
    headers |= {"X-Tenant": "harbour"} if role == "trespasser" else {}
    outcomes = set()

    @settings(
        max_examples=queries if role in ("viewer", "outsider") else queries // 10,
        deadline=None,
        derandomize=not thorough,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(case=schema.as_strategy(), platform=st.sampled_from(["all", "shopify", "amazon", "etsy"]))
    def run(case: Any, platform: str) -> None:
        query = PLATFORM.sub(f'platform: "{platform}"', case.body)
        answer = shops.client.post("/graphql", json={"query": query}, headers=headers)
        if role in ("trespasser", "nobody"):
            assert answer.status_code == (404 if role == "trespasser" else 401)
            assert "data" not in answer.json()
            outcomes.add("refused")
            return
        assert answer.status_code == 200
        assert (FOREIGN in answer.text) <= (role == "outsider")
        assert ("Ours" in answer.text) <= (role != "outsider")
        outcomes.add(check(query, answer.json()))

    run()
    assert outcomes >= ({"refused"} if role in ("trespasser", "nobody") else {"told", "in part"})


def check(query: str, body: dict[str, Any]) -> str:
    """Which way it went; every error has a code of ours, and all data is of its type."""
    errors = body.get("errors", [])
    for error in errors:
        assert error["extensions"]["code"] in KNOWN, json.dumps(error)
    if "data" not in body:
        assert errors
        assert all("path" not in error for error in errors)
        return "not run"
    at_fault = {error["path"][0] for error in errors}
    document = parse(query)
    fits(body["data"], SCHEMA.query_type, document.definitions[0].selection_set.selections, at_fault)
    return "in part" if errors else "told"


SCHEMA = build_schema(SDL)


def fits(told: dict[str, Any], kind: Any, selections: Any, at_fault: set[str]) -> None:
    """The selected names and no others, each of its type; null only where that may be, or where an error says so."""
    names = {(one.alias or one.name).value: one for one in selections}
    assert list(told) == list(names)
    for name, one in names.items():
        if one.name.value != "__typename":
            assert told[name] is None or name not in at_fault
            value(told[name], kind.fields[one.name.value].type, one)


def value(told: Any, kind: Any, node: Any) -> None:
    if told is None:
        assert not is_non_null_type(kind)
        return
    kind = kind.of_type if is_non_null_type(kind) else kind
    if is_list_type(kind):
        assert isinstance(told, list)
        for row in told:
            value(row, kind.of_type, node)
    elif is_leaf_type(kind):
        expected = {"Int": int, "Float": (int, float), "Decimal": (int, float), "Boolean": bool}
        assert isinstance(told, expected.get(get_named_type(kind).name, str))
    else:
        fits(told, kind, node.selection_set.selections, set())


def test_the_check_itself_sees_a_wrong_answer() -> None:
    query = "{ topProducts(sortBy: UNITS) { totalSold name } }"
    right = {"data": {"topProducts": [{"totalSold": 1, "name": "a"}]}}
    assert check(query, right) == "told"
    for wrong in (
        {"data": {"topProducts": [{"totalSold": 1.5, "name": "a"}]}},
        {"data": {"topProducts": [{"totalSold": 1}]}},
        {"data": {"topProducts": [{"totalSold": None, "name": "a"}]}},
        {"data": None, "errors": [{"message": "x", "path": ["a"], "extensions": {"code": "unexpected"}}]},
        {"errors": []},
    ):
        with pytest.raises(AssertionError):
            check(query, wrong)
