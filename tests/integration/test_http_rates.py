"""Exchange rates over HTTP: what is given comes back digit for digit, and moves the figures at the next refresh."""

from typing import Any

import pytest

RATE = "/api/exchange-rates/USD/2026-03-01"


def gross(shop: Any, headers: dict[str, str]) -> tuple[str, list[str]]:
    """Gross sales as they are printed, and the warnings."""
    answer = shop.client.get("/api/metrics/sales_overview", headers=headers)
    return answer.json()["data"]["grossSales"], [notice["code"] for notice in answer.json()["warnings"]]


def test_from_a_rate_to_the_figures(lenient: Any) -> None:
    shop, headers = lenient, lenient.bearer("admin")
    shop.run("UPDATE orders SET currency = 'USD' WHERE platform = 'shopify'")
    shop.client.post("/api/admin/analytics/refresh", headers=headers)
    assert gross(shop, headers) == (2.005, ["excluded_currency"])
    answer = shop.client.put(RATE, headers=headers, json={"rate": 0.75})
    assert (answer.status_code, answer.json()) == (
        200,
        {"success": True, "data": {"currency": "USD", "day": "2026-03-01", "rate": 0.75}},
    )
    shop.client.post("/api/admin/analytics/refresh", headers=headers)
    assert gross(shop, headers) == (24.505, [])
    assert shop.client.delete(RATE, headers=headers).status_code == 204
    assert shop.client.delete(RATE, headers=headers).status_code == 404
    shop.client.post("/api/admin/analytics/refresh", headers=headers)
    assert gross(shop, headers) == (2.005, ["excluded_currency"])


@pytest.mark.parametrize(
    ("given", "printed"),
    [("0.12345678901234567890123", "0.12345678901234567890123"), ("150.0", "150.0"), ("1e-7", "1E-7")],
)
def test_a_rate_keeps_its_digits(shop: Any, given: str, printed: str) -> None:
    headers = shop.bearer("admin")
    rate = f'{{"currency":"USD","day":"2026-03-01","rate":{printed}}}'
    answer = shop.client.put(RATE, headers=headers, content=f'{{"rate": {given}}}')
    assert answer.text == f'{{"success":true,"data":{rate}}}'
    listed = shop.client.get("/api/exchange-rates", headers=headers)
    assert listed.text == f'{{"success":true,"data":{{"currency":"GBP","rates":[{rate}]}}}}'


def test_the_newest_come_first_and_only_as_many_as_are_asked_for(shop: Any) -> None:
    headers = shop.bearer("admin")
    for currency, day in (("USD", "2026-03-01"), ("EUR", "2026-03-02"), ("USD", "2026-03-03")):
        shop.client.put(f"/api/exchange-rates/{currency}/{day}", headers=headers, json={"rate": 1.5})

    def listed(query: str) -> list[tuple[str, str]]:
        found = shop.client.get(f"/api/exchange-rates{query}", headers=headers).json()["data"]["rates"]
        return [(rate["currency"], rate["day"][-2:]) for rate in found]

    assert listed("") == [("USD", "03"), ("EUR", "02"), ("USD", "01")]
    assert listed("?limit=2") == [("USD", "03"), ("EUR", "02")]
    assert listed("?currency=USD") == [("USD", "03"), ("USD", "01")]
    assert shop.client.get("/api/exchange-rates", headers=shop.bearer("outsider")).json()["data"]["rates"] == []


@pytest.mark.parametrize(
    ("address", "body", "status"),
    [
        (RATE, "{}", 422),
        (RATE, "[]", 422),
        (RATE, "", 422),
        (RATE, "{", 422),
        (RATE, '{"rate": 0}', 422),
        (RATE, '{"rate": -1}', 422),
        (RATE, '{"rate": NaN}', 422),
        (RATE, '{"rate": 1e400}', 422),
        (RATE, '{"rate": true}', 422),
        (RATE, '{"rate": 1, "currency": "USD"}', 422),
        ("/api/exchange-rates/usd/2026-03-01", '{"rate": 1}', 400),
        ("/api/exchange-rates/GBP/2026-03-01", '{"rate": 1}', 400),
        ("/api/exchange-rates/USD/2026-02-29", '{"rate": 1}', 400),
        ("/api/exchange-rates/USD/1960-01-01", '{"rate": 1}', 400),
    ],
)
def test_what_is_no_rate_is_refused(shop: Any, address: str, body: str, status: int) -> None:
    answer = shop.client.put(address, headers=shop.bearer("admin"), content=body)
    assert (answer.status_code, answer.json()["success"]) == (status, False)
    assert shop.client.get("/api/exchange-rates", headers=shop.bearer("admin")).json()["data"]["rates"] == []


@pytest.mark.parametrize("caller", ["analyst", "viewer"])
def test_rates_are_for_admins(shop: Any, caller: str) -> None:
    headers = shop.bearer(caller)
    for method, address in (("GET", "/api/exchange-rates"), ("PUT", RATE), ("DELETE", RATE)):
        assert shop.client.request(method, address, headers=headers, json={"rate": 1}).status_code == 403
