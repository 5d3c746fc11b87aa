"""GraphQL documents that are kept in the program: asked for by name or hash, in a body or by an address."""

import json
from hashlib import sha256
from typing import Any

import pytest
from tests.integration.test_graphql import ask, data, engine_of, error, refresh


def test_a_kept_document_is_asked_for_by_name_or_hash(shop: Any) -> None:
    refresh(shop)
    variables = {"days": {"startDate": "2026-01-01", "endDate": "2026-12-31"}}
    by_name = ask(shop, None, documentId="overview", variables=variables)
    digest = sha256(engine_of(shop).documents.kept("overview").encode()).hexdigest()
    by_hash = ask(shop, None, documentId=f"sha256:{digest}", variables=variables)
    assert data(by_name) == data(by_hash)
    assert data(by_name)["salesOverview"]["totalOrders"] == 2
    assert by_hash.headers["X-Cache"] == "HIT"


def test_a_kept_document_may_be_asked_for_by_its_address(lenient: Any) -> None:
    refresh(lenient)
    variables = {"days": {"startDate": "2026-01-01", "endDate": "2026-12-31"}}
    posted = ask(lenient, None, documentId="overview", variables=variables)

    def get(role: str = "viewer", **headers: str) -> Any:
        address = {"documentId": "overview", "variables": json.dumps(variables)}
        return lenient.client.get("/graphql", params=address, headers={**lenient.bearer(role), **headers})

    given = get()
    assert data(given) == data(posted)
    assert (given.headers["X-Cache"], given.headers["X-Version"]) == ("HIT", posted.headers["X-Version"])
    assert "ETag" not in posted.headers
    for accept in ("application/json", "application/graphql-response+json"):
        kinds = [get(Accept=accept).headers["Content-Type"] for _ in range(3)]
        assert kinds == [accept] * 3, "the fast lane tells them apart"
    same = get(**{"If-None-Match": given.headers["ETag"]})
    assert (same.status_code, same.content) == (304, b"")
    assert data(get("admin")) == data(posted)
    lenient.run("UPDATE expenses SET amount = amount + 1")
    refresh(lenient)
    later = get(**{"If-None-Match": given.headers["ETag"]})
    assert (later.status_code, later.headers["X-Version"]) == (200, "2")


@pytest.mark.parametrize("variables", ["", "[]", "{", "[" * 3000, "3"])
def test_variables_in_an_address_are_an_object(shop: Any, variables: str) -> None:
    address = {"documentId": "overview", "variables": variables}
    answer = shop.client.get("/graphql", params=address, headers=shop.bearer("viewer"))
    assert (answer.status_code, answer.json()["code"]) == (400, "question_invalid")


@pytest.mark.parametrize(
    "more", [{"documentId": "nonsense"}, {"documentId": "overview", "query": "{ __typename }"}, {}]
)
def test_a_document_that_is_not_kept_is_refused(shop: Any, more: dict[str, str]) -> None:
    answer = ask(shop, more.get("query"), **{key: value for key, value in more.items() if key != "query"})
    assert error(answer)["extensions"]["code"] in {"not_found", "question_invalid"}
