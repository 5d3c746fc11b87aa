"""100 requests a minute for an address and for a user, counted on the fast lane and off it."""

from types import SimpleNamespace
from typing import Any

import pytest

from tallymark.settings import Settings

METRIC = "/api/metrics/net_revenue"


@pytest.fixture(autouse=True)
def _noon(monkeypatch: pytest.MonkeyPatch) -> None:
    """The minute does not end in the middle of a test."""
    monkeypatch.setattr("tallymark.api.quotas.time", SimpleNamespace(time=lambda: 1_800_000_000.0))


def test_the_hundred_and_first_waits_and_is_told_for_how_long(make_shop: Any) -> None:
    shop = make_shop(Settings(requests_per_address=6, requests_per_credential=100))
    headers = shop.bearer("viewer")
    answers = [shop.client.get(METRIC, headers=headers) for _ in range(6)]
    assert [answer.status_code for answer in answers] == [409] * 5 + [429]
    assert answers[0].headers["RateLimit-Policy"] == '"address";q=6;w=60, "credential";q=100;w=60'
    left = [answer.headers["RateLimit"].split(", ")[0].split(";")[1] for answer in answers]
    assert left == ["r=4", "r=3", "r=2", "r=1", "r=0", "r=0"]
    refused = answers[-1]
    assert refused.json()["code"] == "too_many_requests"
    assert 1 <= int(refused.headers["Retry-After"]) <= 120
    assert "default-src 'none'" in refused.headers["Content-Security-Policy"]
    browser = {"Accept": "text/html"}
    assert {shop.client.get(path, headers=browser).status_code for path in ("/", "/livez", "/sales")} == {200}


@pytest.mark.parametrize("path", [METRIC, "/api/admin/dashboard", "/api/auth/me"])
def test_a_user_is_counted_from_wherever_they_come(make_shop: Any, path: str) -> None:
    shop = make_shop(Settings(requests_per_address=1000, requests_per_credential=8))
    admin = shop.bearer("admin")
    assert shop.client.post("/api/admin/analytics/refresh", headers=admin).status_code == 200
    seen = [shop.client.get(path, headers={**admin, "X-Forwarded-For": f"203.0.113.{number}"}) for number in range(10)]
    assert [answer.status_code for answer in seen] == [200] * 7 + [429] * 3
    assert seen[0].headers["RateLimit"].startswith('"address";r=999;t=')
    assert shop.client.get("/api/auth/me", headers=shop.bearer("viewer")).status_code == 200


def test_whoever_is_not_known_is_counted_by_their_address(make_shop: Any) -> None:
    shop = make_shop(Settings(requests_per_address=3, requests_per_credential=3))
    statuses = [shop.client.get(METRIC, headers={"X-Forwarded-For": "203.0.113.9"}).status_code for _ in range(5)]
    assert statuses == [401, 401, 401, 429, 429]
    assert shop.client.get(METRIC, headers={"X-Forwarded-For": "203.0.113.10"}).status_code == 401
