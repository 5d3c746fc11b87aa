"""Every error we name has its answer over HTTP, and what nobody foresaw says nothing."""

import json
from collections.abc import Iterator

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from structlog.testing import capture_logs

from tallymark import errors
from tallymark.api import problems
from tallymark.errors import TallymarkError


def tree(error: type[TallymarkError]) -> Iterator[type[TallymarkError]]:
    yield error
    for kind in error.__subclasses__():
        if kind.__module__ == errors.__name__:
            yield from tree(kind)


@pytest.mark.parametrize("kind", list(tree(TallymarkError)), ids=lambda kind: kind.__name__)
def test_each_error_class_is_mapped_itself(kind: type[TallymarkError]) -> None:
    assert kind in problems.STATUS


def test_a_problem_says_the_same_to_programs_and_to_old_pages() -> None:
    response = problems.of(
        errors.BadQuestion("limit must be positive.", hint="Try 10.", details={"parameter": "limit"})
    )
    assert response.media_type == "application/problem+json"
    assert json.loads(response.body) == {
        "type": "urn:problem-type:tallymark:question_invalid",
        "title": "Bad Request",
        "status": 400,
        "detail": "limit must be positive.",
        "code": "question_invalid",
        "success": False,
        "message": "limit must be positive.",
        "hint": "Try 10.",
        "details": {"parameter": "limit"},
    }


def test_a_refusal_for_now_says_when_to_come_back() -> None:
    response = problems.of(errors.TooManyRequests(retry_after=12.2))
    assert (response.status_code, response.headers["Retry-After"]) == (429, "13")
    assert problems.of(errors.DatabaseUnavailable()).headers["Retry-After"] == "2"
    assert problems.of(errors.NotSignedIn()).headers["WWW-Authenticate"] == "Bearer"


def test_a_body_that_is_no_json_is_named_as_the_body() -> None:
    app = FastAPI()
    problems.install(app)

    @app.post("/rates")
    def rates(rates: dict[str, int]) -> None:
        """Takes a body."""

    answer = TestClient(app).post("/rates", content=b'{"USD": }', headers={"Content-Type": "application/json"})
    assert (answer.status_code, answer.json()["detail"]) == (
        422,
        "body: is no JSON that can be read, from character 8 on",
    )
    assert answer.json()["details"] == {
        "parameters": [{"in": "body", "name": "body", "reason": "is no JSON that can be read, from character 8 on"}]
    }


def test_a_class_that_is_not_in_the_tree_counts_as_the_one_it_is_derived_from() -> None:
    class NoSuchReport(errors.NotFound):
        code = "no_such_report"

    assert problems.of(NoSuchReport("gone")).status_code == 404


@pytest.mark.parametrize("kind", problems.SHELTERED)
def test_what_names_roles_and_settings_stays_in_the_log(kind: type[TallymarkError]) -> None:
    with capture_logs() as logs:
        response = problems.of(kind("role postgres may bypass row security"))
    assert b"postgres" not in response.body
    assert [entry["error_id"] for entry in logs] == [json.loads(response.body)["id"]]


def test_where_the_database_is_stays_in_the_log(client: TestClient) -> None:
    with capture_logs() as logs:
        response = client.get("/readyz")
    assert (response.status_code, response.json()["code"]) == (503, "database_unavailable")
    assert response.json()["detail"] == "The database cannot be reached."
    assert response.json()["details"]["parts"] == {"server": "serving", "database": "unreachable"}
    assert "127.0.0.1" not in response.text
    assert "127.0.0.1" in logs[0]["error"]
    health = client.get("/health")
    assert (health.status_code, health.json()["database"]) == (503, "unreachable")
    assert client.get("/livez").status_code == 200


def test_an_unexpected_error_is_logged_once_and_reveals_nothing(client: TestClient) -> None:
    def explode() -> None:
        raise RuntimeError("secret dsn")

    client.app.add_api_route("/api/explode", explode)  # type: ignore[attr-defined]
    with capture_logs() as logs:
        response = client.get("/api/explode")
    body = response.json()
    assert (response.status_code, body["code"], body["success"]) == (500, "unexpected", False)
    assert "secret" not in response.text
    assert [(entry["event"], entry["error_id"]) for entry in logs] == [("unexpected error", body["id"])]


def test_a_bad_parameter_is_named(client: TestClient) -> None:
    response = client.post("/api/auth/login", json={"email": "a@example.com", "pass": "x"})
    assert response.status_code == 422
    assert {(fault["in"], fault["name"]) for fault in response.json()["details"]["parameters"]} == {
        ("body", "password"),
        ("body", "pass"),
    }


def test_roads_that_lead_nowhere_are_problems_too(client: TestClient) -> None:
    nowhere, wrong_verb = client.get("/nowhere"), client.put("/livez")
    assert (nowhere.status_code, nowhere.json()["code"]) == (404, "not_found")
    assert (wrong_verb.status_code, wrong_verb.json()["code"], wrong_verb.headers["Allow"]) == (
        405,
        "method_not_allowed",
        "GET",
    )
    assert nowhere.headers["Content-Type"] == "application/problem+json"


@pytest.mark.parametrize("body", [b'\xff{"refreshToken": "x"}', b"[" * 30_000, b"{", b"\xff\xfe"])
def test_a_body_that_cannot_be_read_is_called_that(client: TestClient, body: bytes) -> None:
    """Found by random calls: the framework has a word of its own for some of them."""
    answer = client.post("/api/auth/token", content=body, headers={"Content-Type": "application/json"})
    assert (answer.status_code, answer.json()["code"]) == (422, "question_invalid")
    assert answer.json()["details"]["parameters"][0]["in"] == "body"
