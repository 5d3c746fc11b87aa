"""Two shops on one server, each full of words and figures that nobody could mistake: not a byte of one ever reaches
whoever belongs to the other, and whoever is not let in is told so as documented.

The calls are made from the table of routes and from the schema of GraphQL. A route that takes something for which there
is no value in `two_shops.py` makes these tests fail: say there how it is called.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from fastapi.routing import APIRoute
from graphql import (
    GraphQLArgument,
    GraphQLEnumType,
    GraphQLObjectType,
    GraphQLSchema,
    build_schema,
    get_named_type,
    is_object_type,
    is_required_argument,
)
from tests.conftest import Server
from tests.faults.valkey import running
from tests.integration.conftest import opened, served
from tests.integration.two_shops import CATALOG, DAILY, OF_HARBOUR, SETTINGS, TODAY, WORDS, Call, World, filled

from tallymark.api.graphql import printed
from tallymark.api.pages import files
from tallymark.api.rest.access import Member, Operator, Public, SignedIn
from tallymark.db import Database
from tallymark.model import exact_json

SCHEMA = build_schema(printed(CATALOG))


@pytest.fixture(scope="module")
def world(postgres: Server, template: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    conninfo = postgres.create(template)
    settings = SETTINGS.model_copy(update={"home": tmp_path_factory.mktemp("home")})
    with Database(conninfo) as database, opened(database, settings) as shop:
        yield filled(shop)
    postgres.drop(conninfo)


def test_both_shops_tell_of_themselves(world: World) -> None:
    """Else the other tests would find nothing of either wherever they look."""
    for role, slug in (("admin", "harbour"), ("outsider", "summit")):
        assert len(world.own[slug]) > 30
        seen = "".join(
            world.ask(call, role).text
            for call in world.calls()
            if call.method == "GET" and "events" not in call.address
        )
        assert len({mark for mark in world.own[slug] if mark.lower() in seen.lower()}) > 30, slug


# Who is let in where: from the route's own gate.


def _expected(call: Call, caller: str) -> int | None:
    """The status of a refusal; None where the caller is let in."""
    gate = call.gate
    if isinstance(gate, Public):
        return None
    if isinstance(gate, Operator):
        return 401
    if caller in ("nobody", "forged", "ended"):
        return 401
    if isinstance(gate, SignedIn):
        return 403 if "key" in caller else None
    assert isinstance(gate, Member)
    if caller in ("trespasser", "other's key", "removed"):
        return 404
    if "key" in caller:
        return None if gate.scope == {"narrow key": "events", "reading key": "read"}[caller] else 403
    refused = gate.roles != frozenset({caller}) and caller in {"analyst", "viewer"} - gate.roles
    return 403 if refused or caller in call.refusing else None


REFUSED = (
    "nobody",
    "forged",
    "ended",
    "trespasser",
    "other's key",
    "removed",
    "narrow key",
    "reading key",
    "viewer",
    "analyst",
)


@pytest.fixture
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody waits for a run that never appears."""
    monkeypatch.setattr("tallymark.api.rest.runs.APPEARS_WITHIN", 0.0)


@pytest.mark.parametrize("caller", REFUSED)
def test_whoever_is_not_let_in_is_told_so_as_documented_and_nothing_else(
    world: World, hasty: None, caller: str
) -> None:
    """After the shop's own admin has asked, so that every answer there is lies in memory."""
    refused = 0
    for call in world.calls():
        expected = _expected(call, caller)
        if expected is None:
            continue
        if call.method == "GET":
            world.ask(call, "admin")
        answer = world.ask(call, caller)
        assert answer.status_code == expected, f"{caller}: {call} -> {answer.status_code} {answer.text}"
        described = world.document["paths"].get(call.route.path, {}).get(call.method.lower())
        assert described is None or str(expected) in described["responses"], str(call)
        assert set(answer.json()) <= {
            "type",
            "title",
            "status",
            "detail",
            "code",
            "success",
            "message",
            "requestId",
            "hint",
            "details",
        }
        for slug in WORDS:
            world.assert_nothing_of(slug, answer, f"{caller}: {call}")
        refused += 1
    assert refused >= 3


@pytest.mark.parametrize("caller", ["outsider", "viewer", "nobody", "removed", "reading key"])
def test_whoever_is_let_in_sees_nothing_of_another_shop(world: World, hasty: None, caller: str) -> None:
    """Each call twice: the second is answered from memory. What is of harbour is not there for others."""
    foreign = (
        ("harbour",) if caller == "outsider" else ("summit",) if caller in ("viewer", "reading key") else tuple(WORDS)
    )
    for call in world.calls():
        if _expected(call, caller) is not None:
            continue
        ours = world.ask(call, "admin") if call.method == "GET" else None
        for _ in range(2):
            answer = world.ask(call, caller)
            built = call.route.include_in_schema or files()
            assert answer.status_code < (500 if built else 504), f"{caller}: {call}"
            for slug in foreign:
                world.assert_nothing_of(slug, answer, f"{caller}: {call}")
            if caller != "outsider" or isinstance(call.gate, Public | Operator):
                continue
            if OF_HARBOUR & {parameter.alias for parameter in call.route.dependant.path_params}:
                assert answer.status_code == 404, str(call)
            elif ours is not None and "X-Version" in answer.headers:
                assert answer.headers["X-Version"] == "3" or call.metric in DAILY, str(call)
                if "ETag" not in answer.headers:
                    continue
                assert answer.headers["ETag"] != ours.headers["ETag"], str(call)
                known = world.ask(call, caller, **{"If-None-Match": ours.headers["ETag"]})
                assert known.status_code == 200, str(call)


def test_nothing_that_others_tried_has_changed_anything(world: World, hasty: None) -> None:
    for call in world.calls():
        if call.method != "GET" and call.route.path != "/graphql":
            for caller in ("outsider", *REFUSED):
                if caller == "outsider" or _expected(call, caller):
                    world.ask(call, caller)
    admin = world.headers["admin"]
    get = world.shop.client.get
    people = {one["email"]: one["role"] for one in get("/api/users", headers=admin).json()["users"]}
    roles = {f"{role}@example.com": role for role in ("admin", "analyst", "viewer")}
    assert people == roles | {"ended@example.com": "admin"}
    assert {one["name"] for one in get("/api/keys", headers=admin).json()["keys"]} == {
        "Zibeline events",
        "Zibeline reads",
    }
    rates = exact_json.loads(get("/api/exchange-rates", headers=admin).text)["data"]["rates"]
    assert [rate["rate"] for rate in rates] != [Decimal("7.5")]


# Every field of GraphQL.


def _literal(argument: GraphQLArgument) -> str:
    kind = get_named_type(argument.type)
    if isinstance(kind, GraphQLEnumType):
        return "MONTH" if "MONTH" in kind.values else next(iter(kind.values))
    given = {
        "DateRangeInput": f'{{startDate: "{TODAY - timedelta(days=20)}", endDate: "{TODAY}"}}',
        "ID": '"p1"',
        "String": '"all"',
        "Int": "5",
    }
    return given[kind.name]


def _selection(kind: Any, depth: int = 4) -> str:
    told = []
    for name, field in kind.fields.items():
        inner = get_named_type(field.type)
        if any(is_required_argument(argument) for argument in field.args.values()):
            continue
        if not is_object_type(inner):
            told.append(name)
        elif depth > 1:
            told.append(f"{name} {_selection(inner, depth - 1)}")
    return f"{{ {' '.join(told)} }}"


def queries(schema: GraphQLSchema) -> Mapping[str, str]:
    """A query for each field, which asks for all there is below it."""
    assert isinstance(schema.query_type, GraphQLObjectType)
    found = {}
    for name, field in schema.query_type.fields.items():
        given = [
            f"{one}: {_literal(argument)}"
            for one, argument in field.args.items()
            if one == "limit" or is_required_argument(argument)
        ]
        called = f"{name}({', '.join(given)})" if given else name
        found[name] = f"{{ {called} {_selection(get_named_type(field.type))} }}"
    return found


def test_no_field_tells_anybody_of_another_shop(world: World) -> None:
    seen: dict[str, str] = {"admin": "", "outsider": ""}
    for name, query in queries(SCHEMA).items():
        for caller in (
            "admin",
            "outsider",
            "viewer",
            "trespasser",
            "narrow key",
            "nobody",
            "ended",
            "admin",
            "outsider",
        ):
            answer = world.shop.client.post("/graphql", json={"query": query}, headers=world.headers[caller])
            refusal = {"trespasser": 404, "narrow key": 403, "nobody": 401, "ended": 401}.get(caller)
            assert answer.status_code == (refusal or 200), f"{caller}: {name}: {answer.text}"
            for slug in WORDS if refusal else ("harbour",) if caller == "outsider" else ("summit",):
                world.assert_nothing_of(slug, answer, f"{caller}: {name}")
            if caller in seen:
                assert "errors" not in answer.json(), f"{name}: {answer.text}"
                seen[caller] += answer.text.lower()
    for caller, slug in (("admin", "harbour"), ("outsider", "summit")):
        assert len([mark for mark in world.own[slug] if mark.lower() in seen[caller]]) > 10


# Every tier of the cache.


def test_no_tier_gives_anybody_what_is_anothers(world: World) -> None:
    """Memory, stored results and rollups of an instance that has just begun; and what another instance has shared."""
    database, tiers = world.shop.instance.database, set()
    addresses = [f"/api/metrics/{name}" for name in CATALOG]
    addresses += [f"{address}?limit=3" for address in addresses if address.endswith(("top_products", "top_items"))]
    addresses += [
        f"/api/metrics/{name}?from={TODAY - timedelta(days=9)}&to={TODAY}" for name in ("sales_overview", "net_revenue")
    ]
    with running() as valkey:
        settings = SETTINGS.model_copy(
            update={"redis_url": valkey.address, "requests_per_address": 10**6, "requests_per_credential": 10**6}
        )
        with served(database, settings) as (_, here, _), served(database, settings) as (_, there, _):
            for address in addresses:
                for client in (here, there):
                    for role, foreign in (
                        ("admin", "summit"),
                        ("outsider", "harbour"),
                        ("admin", "summit"),
                        ("outsider", "harbour"),
                    ):
                        answer = client.get(address, headers=world.headers[role])
                        assert answer.status_code == 200, answer.text
                        tiers.add(answer.headers["X-Cache-Tier"])
                        world.assert_nothing_of(
                            foreign, answer, f"{role}: {address} from {answer.headers['X-Cache-Tier']}"
                        )
    assert tiers == {"memory", "shared", "stored", "rollup"}


# The matrix itself.


@pytest.mark.parametrize(
    ("path", "declared"),
    [("/api/exports/{file}", lambda file: None), ("/api/things", lambda given: None)],
)
def test_a_route_nobody_said_how_to_call_is_noticed(world: World, path: str, declared: Callable[..., Any]) -> None:
    document = {"paths": {path: {"post": {"requestBody": {}}}}}
    ours = World(world.shop, world.headers, world.run, world.numbers, document, world.own, world.job_run, world.file)
    with pytest.raises(AssertionError, match="would be"):
        list(ours._calls(APIRoute(path, declared), "POST"))


def test_a_byte_of_another_shop_is_noticed(world: World) -> None:
    answer = world.shop.client.get("/api/metrics/expense_breakdown", headers=world.headers["outsider"])
    with pytest.raises(AssertionError):
        world.assert_nothing_of("summit", answer, "")
    assert json.loads(answer.text)["data"]
