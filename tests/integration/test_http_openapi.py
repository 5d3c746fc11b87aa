"""Every answer is as the OpenAPI document says, for every kind of caller."""

import json
from typing import Any
from uuid import uuid4

import jsonschema_rs
import pytest

CALLERS = ("admin", "analyst", "viewer", "nobody", "outsider", "trespasser")
GIVEN = {
    "metric": "net_revenue", "currency": "USD", "day": "2026-03-01", "number": "2147483647", "shop": "harbour",
    "format": "json", "job": "user_growth", "file": "00000000-0000-4000-8000-000000000000",
}  # fmt: skip
QUERIES: dict[str, list[str]] = {
    "/api/admin/dashboard": ["", "?platform=shopify", "?platform=etsy"],
    "/api/admin/analytics/history/{metric}": ["", "?from=2020-01-01&to=2020-01-02", "?from=x"],
    "/api/exchange-rates": ["", "?currency=USD", "?currency=usd", "?limit=0"],
    "/api/audit": ["", "?action=refresh&limit=1", "?before=x", "?before=2026-03-01,x", "?limit=0"],
    "/api/imports/files": ["?name=../orders.csv", ""],
    "/api/jobs/{job}/runs": ["", "?status=failed&limit=1", "?status=lost", "?limit=0"],
    "/api/exports/{metric}.{format}": ["", "?period=month", "?nonsense=1"],
    "/api/metrics/{metric}": ["", "?period=month", "?maxAge=0", "?maxAge=x", "?nonsense=1"],
}
BODIES: dict[str, list[Any]] = {
    "/api/auth/login": [
        {"email": "admin@example.com", "password": "a long password"},
        {"email": "admin@example.com", "password": "wrong"},
        {"email": "admin@example.com"},
        [],
    ],
    "/api/exchange-rates/{currency}/{day}": [{"rate": 0.92}, {"rate": 0}, {"rate": "much"}, {}, [], None],
    "/api/jobs/{job}/schedule": [
        {"cron": "0 6 * * *", "timezone": "Europe/London"},
        {"cron": "often"},
        {"pace": 1},
        [],
    ],
    "/api/auth/token": [{"refreshToken": "made up"}, {}],
    "/api/auth/password": [{"current": "wrong", "new": "a long password"}, {}],
    "/api/users": [
        {"email": "viewer@example.com", "role": "viewer"},
        {"email": "new@example.com", "role": "viewer"},
        {"email": "nobody", "role": "viewer"},
        {"email": "a@b.example", "role": "king"},
    ],
    "/api/events": [
        {"events": [{"type": "order.updated", "platform": "till"}]},
        {"events": [{"type": "order.updated", "platform": "till", "records": {"orders": [{"order_id": "o1"}]}}]},
        {"events": [{"type": "order.updated", "platform": "all"}]},
        {},
    ],
    "/api/imports": [{"files": [GIVEN["file"]]}, {"files": []}, {"files": [GIVEN["file"]], "sql": "SELECT 1"}],
    "/api/imports/preview": [{"files": [GIVEN["file"]]}, {"files": ["orders.csv"]}, {}],
    "/api/connections": [{"kind": "events", "platform": "till"}, {"kind": "folder", "platform": "till"}, {}],
    "/api/users/{number}": [{"role": "viewer"}, {"role": "king"}],
    "/api/performance/cache/clear": [{"pattern": "sales_*"}, {"pattern": "a b"}, {"more": 1}],
    "/api/keys": [{"name": "export"}, {"name": " "}, {"name": "export", "scopes": []}, {"name": 1}],
}


class Contract:
    """The document, and whether an answer keeps it."""

    def __init__(self, document: dict[str, Any]) -> None:
        self.document = document

    def check(self, path: str, method: str, answer: Any) -> None:
        operation = self.document["paths"][path][method]
        where = f"{method} {path} -> {answer.status_code}"
        assert str(answer.status_code) in operation["responses"], f"{where} is not in the document"
        content = operation["responses"][str(answer.status_code)].get("content", {})
        if not content:
            assert answer.content == b"", where
            return
        media_type = answer.headers["Content-Type"].split(";")[0]
        assert media_type in content, f"{where} is {media_type}"
        if "json" in media_type:
            self.validate(content[media_type]["schema"], answer.json(), where)

    def validate(self, schema: dict[str, Any], value: Any, where: str) -> None:
        whole = {**schema, "components": self.document["components"]}
        errors = [
            f"{e.instance_path}: {e.message}"
            for e in jsonschema_rs.Draft202012Validator(whole, validate_formats=True).iter_errors(value)
        ]
        assert not errors, f"{where}: {errors[:5]}"


@pytest.fixture
def contract(lenient: Any) -> Contract:
    return Contract(lenient.client.get("/openapi.json").json())


def headers_of(shop: Any, caller: str) -> dict[str, str]:
    """A trespasser is an admin of another shop who asks for this one."""
    if caller == "trespasser":
        return {**shop.bearer("outsider"), "X-Tenant": "harbour"}
    return shop.bearer(caller)  # type: ignore[no-any-return]


def calls(document: dict[str, Any], run: str) -> list[tuple[str, str, str, Any]]:
    found = []
    for path, operations in document["paths"].items():
        for method in operations:
            address = path.format(run_id=run, job_run=run, **GIVEN)
            for query in QUERIES.get(path, [""]):
                for body in BODIES.get(path, [None]) if "requestBody" in operations[method] else [None]:
                    found.append((path, method, address + query, body))
    return found


@pytest.mark.parametrize("caller", CALLERS)
def test_every_answer_of_every_route_is_as_described(
    lenient: Any, contract: Contract, caller: str, monkeypatch: Any
) -> None:
    monkeypatch.setattr("tallymark.api.rest.runs.APPEARS_WITHIN", 0.1)
    shop, headers = lenient, headers_of(lenient, caller)
    done = shop.client.post("/api/admin/analytics/refresh", headers=shop.bearer("admin"))
    run = done.json()["metadata"]["runId"] if caller == "admin" else str(uuid4())
    statuses = set()
    for path, method, address, body in calls(contract.document, run):
        answer = shop.client.request(method, address, json=body, headers=headers)
        shop.client.cookies.clear()
        contract.check(path, method, answer)
        statuses.add(answer.status_code)
        assert answer.status_code < 500
    assert (
        statuses
        >= {
            "admin": {200, 201, 204, 400, 401, 404, 422},
            "analyst": {200, 403},
            "viewer": {200, 403},
            "nobody": {401},
            "outsider": {200, 404},
            "trespasser": {404},
        }[caller]
    )


def test_before_anything_was_refreshed_too(lenient: Any, contract: Contract) -> None:
    headers = lenient.bearer("admin")
    for path in ("/api/admin/dashboard", "/api/admin/analytics/status", "/api/metrics/{metric}", "/api/metrics"):
        answer = lenient.client.get(path.format(**GIVEN), headers=headers)
        contract.check(path, "get", answer)


def test_each_metric_is_as_its_file_declares(lenient: Any, contract: Contract) -> None:
    headers = lenient.bearer("admin")
    lenient.client.post("/api/admin/analytics/refresh", headers=headers)
    for name in lenient.instance.catalog:
        answer = lenient.client.get(f"/api/metrics/{name}", headers=headers)
        assert answer.status_code == 200, answer.text
        contract.check("/api/metrics/{metric}", "get", answer)
        own = {"$ref": f"#/components/schemas/Metric.{name}"}
        contract.validate(own, answer.json()["data"], name)


def test_a_refusal_for_now_and_an_accepted_run_are_described(shop: Any) -> None:
    contract, headers = Contract(shop.client.get("/openapi.json").json()), shop.bearer("admin")
    path = "/api/admin/analytics/refresh"
    for prefer in ("respond-async", "", "respond-async"):
        contract.check(path, "post", shop.client.post(path, headers={**headers, "Prefer": prefer}))


def test_the_check_itself_sees_a_wrong_answer(contract: Contract) -> None:
    schema = {"$ref": "#/components/schemas/Alive"}
    contract.validate(schema, {"status": "alive"}, "")
    with pytest.raises(AssertionError):
        contract.validate(schema, {"status": "alive", "more": 1}, "")
    assert "x-metric" not in json.dumps(contract.document)
