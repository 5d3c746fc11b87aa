"""What holds for every answer, whichever route gives it."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi.routing import APIRoute
from fastapi.testclient import TestClient

from tallymark import app
from tallymark.api import receipt
from tallymark.api.receipt import LARGEST_BODY
from tallymark.api.rest.access import ADMINS, Gate
from tallymark.settings import Settings

OPEN = {
    "/", "/{address:view}", "/assets/{name}", "/openapi.json", "/livez", "/readyz", "/health", "/api/auth/login",
    "/api/auth/logout", "/api/auth/token", "/api/events/{shop}/{number}",
}  # fmt: skip


def gates(route: APIRoute) -> list[Gate]:
    found, waiting = [], [route.dependant]
    while waiting:
        dependant = waiting.pop()
        waiting += dependant.dependencies
        if isinstance(dependant.call, Gate):
            found.append(dependant.call)
    return found


def routes(router: Any) -> Iterator[APIRoute]:
    """The routes below a router, those of included routers too; anything else mounted there is an error."""
    for route in router.routes:
        if hasattr(route, "original_router"):
            yield from routes(route.original_router)
        else:
            assert isinstance(route, APIRoute), route
            yield route


def test_every_route_declares_who_may_call_it(client: TestClient) -> None:
    found = list(routes(client.app))
    assert len(found) > 14
    for route in found:
        assert len(gates(route)) == 1, f"{route.path} declares no gate"
        (gate,) = gates(route)
        assert (not gate.roles) == (route.path in OPEN), route.path
        if route.path.startswith("/api/admin/"):
            assert gate.roles == ADMINS.roles, route.path


@pytest.mark.parametrize("path", ["/livez", "/nowhere", "/api/nowhere", "/assets/none.js"])
def test_every_answer_carries_the_security_headers(client: TestClient, path: str) -> None:
    headers = client.get(path).headers
    assert headers["Content-Security-Policy"] == "default-src 'none'; frame-ancestors 'none'"
    assert (headers["X-Content-Type-Options"], headers["Cross-Origin-Resource-Policy"]) == ("nosniff", "same-origin")
    assert headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("path", ["/", "/sales"])
def test_a_page_may_load_what_is_ours_and_nothing_else(client: TestClient, path: str) -> None:
    headers = client.get(path, headers={"Accept": "text/html"}).headers
    policy = headers["Content-Security-Policy"]
    assert "unsafe" not in policy
    assert policy.startswith("default-src 'none'; script-src 'self'")
    assert "frame-ancestors 'none'" in policy
    assert (headers["Referrer-Policy"], headers["Cross-Origin-Opener-Policy"]) == ("same-origin", "same-origin")
    assert (headers["X-Content-Type-Options"], headers["Cross-Origin-Resource-Policy"]) == ("nosniff", "same-origin")
    assert headers["Cache-Control"] in {"no-store", "no-cache"}


def test_a_body_that_is_too_large_is_refused_before_it_is_read(client: TestClient) -> None:
    large = b"{" + b" " * LARGEST_BODY + b"}"
    declared = client.post("/api/auth/login", content=large, headers={"Content-Type": "application/json"})
    streamed = client.post("/api/auth/login", content=iter([large]), headers={"Content-Type": "application/json"})
    for response in (declared, streamed):
        assert (response.status_code, response.json()["code"]) == (413, "body_too_large")


def test_the_page_holds_nothing_that_its_policy_forbids(client: TestClient) -> None:
    page = client.get("/")
    assert page.headers["Content-Type"].startswith("text/html")
    for forbidden in ("<style", "style=", "onclick", "<script>", "http://127", "https://"):
        assert forbidden not in page.text
    again = client.get("/", headers={"If-None-Match": page.headers["ETag"]})
    assert (again.status_code, again.content) == (304, b"")


@pytest.mark.parametrize(
    ("given", "taken"), [("abc-123:x", True), ("", False), ("a" * 129, False), ("a b", False), ('a"b', False)]
)
def test_a_request_keeps_its_number_if_it_is_a_sane_one(client: TestClient, given: str, taken: bool) -> None:
    answers = [client.get("/api/nowhere", headers={"X-Request-Id": given}) for _ in range(2)]
    numbers = [answer.headers["X-Request-Id"] for answer in answers]
    assert [answer.json()["requestId"] for answer in answers] == numbers
    assert (numbers == [given, given]) is taken
    assert taken or numbers[0] != numbers[1]


def test_the_sample_of_a_proxy_takes_what_we_take() -> None:
    sample = (Path(__file__).parents[2] / "deploy" / "nginx" / "tallymark.conf").read_text("utf-8")
    for said in (
        f"client_max_body_size {receipt.LARGEST_BODY // 1024}k;",
        f"client_body_timeout {receipt.RECEIPT:g}s;",
        f"client_header_timeout {app.RECEIPT // 1000}s;",
        f"client_max_body_size {Settings().upload_mb}m;",
    ):
        assert said in sample
    assert sample.count("{") == sample.count("}")
    assert "$proxy_add_x_forwarded_for" not in sample, "it would send on what a stranger claims"
