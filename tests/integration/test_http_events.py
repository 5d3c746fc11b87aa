"""Events over HTTP: by key or signed; with records or without; a storm of them."""

import time
from typing import Any

from tests.properties.world import assert_exact

from tallymark.connectors import Vault, signature
from tallymark.metrics import Catalog
from tallymark.tasks import Event, serve, take_events, take_on

ADDRESS = "/api/events"
VAULT = Vault("k" * 32)


def order(number: int, **more: object) -> dict[str, object]:
    return {"order_id": f"t{number}", "placed_at": "2026-03-05T10:00:00Z", **more}


def event(**records: list[dict[str, object]]) -> dict[str, object]:
    return {"type": "order.updated", "platform": "till", "records": records}


def due(shop: Any) -> list[int]:
    with shop.instance.database.connect(None) as conn:
        return take_on(conn, quiet=0, longest=0)


def stored(shop: Any, query: str) -> Any:
    with shop.instance.database.connect(shop.tenant.tenant_id) as conn:
        return conn.execute(query).fetchall()


def test_events_are_taken_by_key(shop: Any) -> None:
    def key(*scopes: str, role: str = "admin") -> dict[str, str]:
        wanted = {"name": "till", "role": role, "scopes": scopes}
        made = shop.client.post("/api/keys", headers=shop.bearer("admin"), json=wanted)
        return {"Authorization": f"Bearer {made.json()['key']}"}

    def send(*events: dict[str, object], headers: dict[str, str] | None = None) -> Any:
        return shop.client.post(ADDRESS, headers=headers or good, json={"events": events})

    good = key("events")
    line = {"order_id": "t1", "line_id": "1", "quantity": 2, "unit_price": 0.10}
    # What one event leaves out stays; the later one of the same columns wins.
    taken = send(
        event(orders=[order(1, status="cancelled"), order(2)], order_items=[line]),
        event(orders=[order(2, status="pending")]),
        event(orders=[order(1, discount="0.05"), order(2, discount=0)]),
        {"type": "product.updated", "platform": "shop"},
    )
    assert (taken.status_code, taken.json()["data"]) == (
        202,
        {
            "accepted": 4,
            "records": {
                "orders": {"new": 2, "changed": 2, "unchanged": 1},
                "order_items": {"new": 1, "changed": 0, "unchanged": 0},
            },
            "asking": ["shop"],
        },
    )
    assert stored(shop, "SELECT order_id, status, discount::text FROM orders WHERE platform = 'till' ORDER BY 1") == [
        ("t1", "cancelled", "0.05"),
        ("t2", "pending", "0"),
    ]
    bad = send(event(orders=[order(3)]), event(orders=[{"order_id": "t4", "placed_at": "never"}]))
    assert (bad.status_code, bad.json()["details"]["problems"][0]["column"]) == (422, "placed_at")
    assert send(event(orders=[order(3, total_amount=[1])])).status_code == 400
    assert send(event(things=[order(3)])).status_code == 400
    assert send({"type": "x", "platform": "till"}).status_code == 422
    assert send(headers=good).status_code == 422
    assert send(event(), headers=key("read")).status_code == 403
    assert send(event(), headers=key("events", role="viewer")).status_code == 403
    assert send(event(), headers=shop.bearer("viewer")).status_code == 403
    assert shop.tenant.tenant_id in due(shop)


def test_events_are_taken_signed(shop: Any) -> None:
    made = shop.client.post(
        "/api/connections", headers=shop.bearer("admin"), json={"kind": "events", "platform": "till"}
    ).json()["data"]
    secret, address = made["signingSecret"], f"{ADDRESS}/harbour/{made['id']}"
    listed = shop.client.get("/api/connections", headers=shop.bearer("admin"))
    assert (secret in listed.text, listed.json()["data"][0]["hasCredentials"]) == (False, True)
    body = b'{"events": [{"type": "order.created", "platform": "till"}]}'

    def send(to: str = address, at: float = 0.0, sign: bytes = body, by: str = secret, **headers: str) -> int:
        stamp = str(int(time.time() + at))
        signed = {"webhook-id": "m1", "webhook-timestamp": stamp, "webhook-signature": signature(by, "m1", stamp, sign)}
        answer: int = shop.client.post(to, content=body, headers=signed | headers).status_code
        return answer

    assert send() == 202
    assert send(at=-200) == 202
    assert send(**{"webhook-signature": "v1,AAAA " + signature(secret, "m1", str(int(time.time())), body)}) == 202
    refused = [
        send(at=-400), send(at=400), send(sign=b"{}"), send(by="whsec_" + "A" * 44), send(**{"webhook-id": "m2"}),
        send(**{"webhook-timestamp": "soon"}), send(to=f"{ADDRESS}/summit/{made['id']}"),
        send(to=f"{ADDRESS}/nowhere/{made['id']}"), send(to=f"{ADDRESS}/harbour/99"),
    ]  # fmt: skip
    assert refused == [401] * 9
    assert stored(shop, "SELECT platform FROM wake_ups WHERE since IS NOT NULL") == [("till",)]


def test_a_storm_is_one_refresh(shop: Any) -> None:
    """Some 97,000 events that say that something changed, and 3,500 that bring a record; 500 at a time, as by HTTP."""
    database, tenant = shop.instance.database, shop.tenant
    silent = [Event("order.updated", platform) for platform in ("shopify", "amazon")] * 250
    for number in range(201):
        told = silent
        if number % 33 == 0:
            told = [Event("order.updated", "till", {"orders": [order(n, discount=number)]}) for n in range(500)]
        with database.connect(tenant.tenant_id) as conn:
            take_events(conn, tenant, told)
    assert stored(shop, "SELECT platform FROM wake_ups ORDER BY 1") == [("amazon",), ("shopify",)]
    assert tenant.tenant_id in due(shop)
    assert due(shop) == []
    before = stored(shop, "SELECT count(*) FROM analytics_metadata")[0][0]
    claim = serve(database, Catalog([Catalog.load()["net_revenue"]]), VAULT, tenant)
    assert claim is not None
    assert claim.platforms == ("", "amazon", "shopify")
    assert serve(database, Catalog([]), VAULT, tenant) is None
    assert stored(shop, "SELECT count(*) FROM analytics_metadata")[0][0] == before + 1
    assert stored(shop, "SELECT count(*) FROM order_fact WHERE platform = 'till'") == [(500,)]
    assert_exact(database, tenant)
