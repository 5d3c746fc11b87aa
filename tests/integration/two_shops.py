"""Two shops full of words and figures that nobody could mistake, and every way to call the routes of the server."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from fastapi.routing import APIRoute
from fastapi.testclient import TestClient
from tests.integration.conftest import PASSWORD, Shop
from tests.unit.test_api_edge import gates, routes

from tallymark.api.auth import create_user
from tallymark.api.rest.access import Gate
from tallymark.metrics import Catalog
from tallymark.model import exact_json
from tallymark.settings import Settings

CATALOG = Catalog.load()
SETTINGS = Settings(refresh_cooldown_minutes=0, rate_limit_requests=100_000)
WORDS = {"harbour": "Zibeline", "summit": "Quokka"}
TODAY = datetime.now(UTC).date()
# The same ids in both shops, so that nothing but the tenant keeps them apart; every name and every figure is its own.
SEED = """
INSERT INTO categories (tenant_id, platform, category_id, name)
    VALUES (current_tenant(), 'shopify', 'c1', '{word} ware');
UPDATE products SET name = '{word} ' || name, sku = '{word}-' || product_id, category_id = 'c1', price = {price};
INSERT INTO customers (tenant_id, platform, customer_id, name, email, segment, created_at)
    SELECT current_tenant(), platform, 'k1', '{word} buyer', '{word}@example.org', '{word} club',
        now() - interval '9 days'
    FROM unnest(ARRAY['shopify', 'amazon']) platform;
INSERT INTO sales_reps (tenant_id, platform, sales_rep_id, name, email, region, commission_rate)
    VALUES (current_tenant(), 'shopify', 's1', '{word} seller', 'seller-{word}@example.org', '{word} coast', 0.05);
INSERT INTO inventory_levels (tenant_id, platform, product_id, location, on_hand, counted_at)
    VALUES (current_tenant(), 'shopify', 'p1', '{word} store', 11, now() - interval '1 day');
INSERT INTO activity (tenant_id, platform, activity_id, occurred_at, kind, visitor_id, user_id, product_id)
    VALUES (current_tenant(), 'shopify', 'a1', now() - interval '3 hours', 'visit', '{word} guest', 'k1', 'p1');
UPDATE orders SET customer_id = 'k1', sales_rep_id = 's1', discount = {price} / 16;
UPDATE order_items SET unit_price = {price}, unit_cost = {price} / 8;
UPDATE refunds SET amount = {price} / 4, customer_id = 'k1';
UPDATE expenses SET category = '{word} ' || category, amount = {price} / 32, description = '{word} bill';
INSERT INTO exchange_rates (tenant_id, currency, day, rate) VALUES (current_tenant(), 'USD', '2026-03-01', 1 / {price})
"""
PRICES = {"harbour": "31317.13", "summit": "90407.59"}

# How routes are called that take something: what stands in the address, of harbour, and what in the body.
QUERIES: Mapping[str, list[str]] = {
    "/api/admin/dashboard": ["", "?platform=shopify"],
    "/api/dashboard/inventory-analytics": ["", "?platform=shopify"],
    "/api/admin/analytics/history/{metric}": ["", "?platform=shopify"],
    "/api/metrics/{metric}": ["", "?platform=shopify", "?maxAge=0"],
    "/graphql": ['?documentId=overview&variables={"days":{"startDate":"2025-01-01","endDate":"2026-12-31"}}'],
    "/api/audit": ["", "?action=sign-in"],
    "/api/imports/files": ["?name=expenses.csv"],
    "/api/jobs/next-runs": ["?cron=0+4+*+*+*"],
}
BODIES: Mapping[tuple[str, str], Any] = {
    ("POST", "/api/auth/login"): {"email": "admin@example.com", "password": "not the password"},
    ("POST", "/api/auth/token"): {"refreshToken": "made up"},
    ("POST", "/api/auth/password"): {"current": "not the password", "new": "another long password"},
    ("POST", "/api/users"): {"email": "guest@example.com", "role": "viewer", "password": PASSWORD},
    ("PATCH", "/api/users/{number}"): {"role": "viewer"},
    ("POST", "/api/performance/cache/clear"): {"pattern": "sales_*"},
    ("POST", "/api/keys"): {"name": "made here"},
    ("POST", "/api/events"): {"events": [{"type": "order.created", "platform": "shopify"}]},
    ("POST", "/api/events/{shop}/{number}"): {"events": [{"type": "order.created", "platform": "shopify"}]},
    ("POST", "/api/connections"): {"kind": "folder", "platform": "amazon", "path": "."},
    ("POST", "/api/imports/files"): {"expense_id": "Zibeline"},
    ("POST", "/api/imports/preview"): {"files": ["{file}"]},
    ("POST", "/api/imports"): {"files": ["{file}"], "preset": "shopify"},
    ("PUT", "/api/jobs/{job}/schedule"): {"cron": "0 5 * * *"},
    ("PUT", "/api/exchange-rates/{currency}/{day}"): {"rate": 7.5},
    ("POST", "/graphql"): {
        "query": "{ expenseBreakdown { category amountExact } topProducts(sortBy: UNITS) { name } }"
    },
}
DAILY = tuple(name for name, metric in CATALOG.items() if metric.ready == "daily")
"""Their version is that of the day's first run that was not overtaken while it prepared, not that of the last."""
OF_HARBOUR = {"run_id", "job_run", "number", "file"}
"""What stands in an address and is of one shop: there is no such thing in another."""


@dataclass(frozen=True)
class Call:
    """One way to call a route. `metric`: the one its address names. `refusing`: the roles that it does not let in."""

    route: APIRoute
    method: str
    address: str
    body: Any
    metric: str | None = None
    refusing: frozenset[str] = frozenset()

    @property
    def gate(self) -> Gate:
        (gate,) = gates(self.route)
        return gate

    def __str__(self) -> str:
        return f"{self.method} {self.address}"


@dataclass
class World:
    """Both shops refreshed, whoever may ask, and what only one of the shops can say."""

    shop: Shop
    headers: dict[str, dict[str, str]]
    run: str
    numbers: Mapping[str, int]
    document: dict[str, Any]
    own: dict[str, set[str]]
    job_run: str
    file: str

    def ask(self, call: Call, caller: str, client: TestClient | None = None, **more: str) -> Any:
        client = client or self.shop.client
        answer = client.request(call.method, call.address, json=call.body, headers={**self.headers[caller], **more})
        client.cookies.clear()
        return answer

    def assert_nothing_of(self, slug: str, answer: Any, about: str) -> None:
        """Neither in the body nor in a header; what the caller has said themselves does not count."""
        said, asked = f"{dict(answer.headers)} {answer.text}".lower(), str(answer.request.url)
        found = {mark for mark in self.own[slug] if mark.lower() in said and mark not in asked}
        assert not found, f"{about}: {found}"

    def calls(self) -> Iterator[Call]:
        for route in routes(self.shop.app):
            for method in sorted(route.methods - {"HEAD"}):
                yield from self._calls(route, method)

    def _calls(self, route: APIRoute, method: str) -> Iterator[Call]:
        names = {parameter.alias for parameter in route.dependant.path_params}
        for dependant in route.dependant.dependencies:
            names |= {parameter.alias for parameter in dependant.path_params}
        number = next((self.numbers[part] for part in route.path.split("/") if part in self.numbers), None)
        known = {
            "metric": list(CATALOG),
            "run_id": [self.run],
            "job_run": [self.job_run],
            "file": [self.file],
            "job": ["user_growth"],
            "number": [number],
            "format": ["csv"],
            "currency": ["USD"],
            "day": ["2026-03-01"],
            "name": ["page.js"],
            "shop": ["harbour"],
            "address": ["sales"],
        }
        strange = names - known.keys() | ({"number"} if "number" in names and number is None else set())
        assert not strange, f"{method} {route.path}: which {', '.join(strange)} would be harbour's?"
        operation = self.document["paths"].get(route.path, {}).get(method.lower(), {})
        if "requestBody" in operation:
            assert (method, route.path) in BODIES, f"{method} {route.path}: what would be in its body?"
        for metric in known["metric"] if "metric" in names else [None]:
            given = dict.fromkeys(route.param_convertors, "sales")  # A page takes whatever address it is asked for.
            given |= {name: metric if name == "metric" else known[name][0] for name in names}
            refusing = frozenset({"viewer", "analyst"} - set(CATALOG[metric].roles)) if metric else frozenset()
            for query in QUERIES.get(route.path, [""]):
                body = BODIES.get((method, route.path))
                if body and "{file}" in body.get("files", ()):
                    body = body | {"files": [self.file]}
                yield Call(route, method, route.path_format.format(**given) + query, body, metric, refusing)


def filled(shop: Shop) -> World:
    for tenant in (shop.tenant, shop.other):
        shop.run(SEED.format(word=WORDS[tenant.slug], price=PRICES[tenant.slug]), tenant)
    with shop.instance.database.connect(None) as conn:
        for name in ("removed", "ended"):
            create_user(conn, f"{name}@example.com", PASSWORD, shop.tenant, "admin")
    roles = ("admin", "analyst", "viewer", "outsider", "removed", "ended")
    headers = {role: shop.bearer(role) for role in roles} | {"nobody": {}, "forged": {"Authorization": "Bearer a.b.c"}}
    headers["trespasser"] = {**headers["outsider"], "X-Tenant": "harbour"}
    post = shop.client.post
    made = {}
    for caller, role, name, scopes in (
        ("narrow key", "admin", "Zibeline events", ["events"]),
        ("reading key", "admin", "Zibeline reads", ["read"]),
        ("other's key", "outsider", "Quokka reads", ["read", "refresh", "manage"]),
    ):
        wanted = {"name": name, "role": "admin", "scopes": scopes}
        made[caller] = post("/api/keys", json=wanted, headers=headers[role]).json()
        headers[caller] = {"Authorization": f"Bearer {made[caller]['key']}"}
    headers["other's key"]["X-Tenant"] = "harbour"
    numbers = {
        one["email"]: one["id"] for one in shop.client.get("/api/users", headers=headers["admin"]).json()["users"]
    }
    removed = f"/api/users/{numbers['removed@example.com']}"
    assert shop.client.delete(removed, headers=headers["admin"]).status_code == 204
    shop.own("UPDATE users SET session_epoch = session_epoch + 1 WHERE email = 'ended@example.com'")
    runs = []
    for role, times in (("admin", 1), ("outsider", 3)):
        for time in range(times):
            tenant = shop.tenant if role == "admin" else shop.other
            shop.run(f"UPDATE expenses SET description = description || {time}, amount = amount + 1", tenant)
            answer = post("/api/admin/analytics/refresh", headers=headers[role])
            runs.append(answer.json()["metadata"]["runId"])
    shop.instance.people.forget()
    folder = {"kind": "folder", "platform": "shopify", "path": ".", "name": "Zibeline folder"}
    connection = post("/api/connections", json=folder, headers=headers["admin"]).json()["data"]["id"]
    things = {
        "users": numbers["viewer@example.com"],
        "keys": made["reading key"]["id"],
        "connections": connection,
        "events": connection,
    }
    document = shop.client.get("/openapi.json").json()
    own = {slug: {word} for slug, word in WORDS.items()}
    job_run = post("/api/jobs/user_growth/trigger", headers=headers["admin"]).json()["data"]["runId"]
    bill = "expense_id,incurred_at,category,amount\n1,2026-03-01,Zibeline bill,31317.13\n"
    sent = post("/api/imports/files?name=expenses.csv", content=bill, headers=headers["admin"])
    world = World(shop, headers, runs[0], things, document, own, job_run, sent.json()["data"]["id"])
    told = {slug: _figures(world, role) for slug, role in (("harbour", "admin"), ("summit", "outsider"))}
    own["harbour"] |= (told["harbour"] - told["summit"]) | {
        "viewer@example.com",
        runs[0],
        job_run,
        made["reading key"]["key"],
    }
    own["summit"] |= (told["summit"] - told["harbour"]) | {"outsider@example.com", runs[1], runs[3]}
    return world


def _figures(world: World, role: str) -> set[str]:
    """Every amount of more than a thousand that a metric of this person's shop tells."""
    found: set[str] = set()

    def collect(value: Any) -> None:
        if isinstance(value, Mapping | list):
            for one in value.values() if isinstance(value, Mapping) else value:
                collect(one)
        elif isinstance(value, Decimal) and abs(value) > 1000 and value % 1:
            found.add(f"{abs(value)}")

    for name in CATALOG:
        answer = world.shop.client.get(f"/api/metrics/{name}", headers=world.headers[role])
        collect(exact_json.loads(answer.text)["data"])
    return found
