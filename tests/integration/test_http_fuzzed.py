"""Random calls that the OpenAPI document allows, and such that it does not, as every kind of caller: no answer is a
failure of ours, each is as the document says, and nothing in it is foreign.
"""

from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis import GenerationMode
from tests.conftest import Server
from tests.integration.conftest import opened
from tests.integration.test_http_openapi import Contract
from tests.integration.two_shops import SETTINGS, WORDS, World, filled

from tallymark.db import Database

CALLS = {"viewer": 60, "outsider": 100, "trespasser": 20, "nobody": 20, "narrow key": 20, "admin": 100}
THOROUGH = 50
"""How many times as many a thorough run makes."""


@pytest.fixture(scope="module")
def world(postgres: Server, template: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    conninfo = postgres.create(template)
    apart = SETTINGS.model_copy(update={"home": tmp_path_factory.mktemp("home")})
    with Database(conninfo) as database, opened(database, apart) as shop:
        yield filled(shop)
    postgres.drop(conninfo)


@pytest.mark.parametrize("caller", CALLS)
@pytest.mark.parametrize("mode", GenerationMode)
def test_any_call_is_answered_as_the_document_says(
    world: World, caller: str, mode: GenerationMode, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tallymark.api.rest.runs.APPEARS_WITHIN", 0.0)
    # Checking a password takes as long as it is meant to, and is tested elsewhere.
    schema = schemathesis.openapi.from_dict(world.document).exclude(path="/api/auth/login")
    contract, statuses = Contract(world.document), Counter[int]()
    thorough = request.config.getoption("--thorough")
    foreign = {"outsider": ("harbour",), "trespasser": ("harbour",), "admin": ("summit",), "viewer": ("summit",)}

    @settings(
        max_examples=CALLS[caller] // 2 * (THOROUGH if thorough else 1),
        deadline=None,
        derandomize=not thorough,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(case=schema.as_strategy(generation_mode=mode))
    def run(case: Any) -> None:
        answer = send(world, case, caller)
        statuses[answer.status_code] += 1
        where = f"{caller}: {answer.request.method} {answer.request.url}"
        assert answer.status_code < 500, f"{where}: {answer.text}"
        contract.check(case.operation.path, case.operation.method, answer)
        for slug in foreign.get(caller, WORDS):
            world.assert_nothing_of(slug, answer, where)

    run()
    refused = {"trespasser": 404, "nobody": 401, "narrow key": 403}.get(caller)
    assert refused is None or statuses[refused] > statuses.total() / 4, statuses
    assert refused or len(statuses) > 2, statuses


def send(world: World, case: Any, caller: str) -> Any:
    """The case as it would go over the wire, signed by the caller, who alone says which shop is meant."""
    made = requests.Request(**case.as_transport_kwargs(base_url="http://testserver")).prepare()
    headers = {
        name: value
        for name, value in made.headers.items()
        if name.lower() not in {"authorization", "cookie", "x-tenant", "content-length"}
    }
    client = world.shop.client
    body = made.body.encode() if isinstance(made.body, str) else made.body
    answer = client.request(made.method, made.url, content=body, headers=headers | world.headers[caller])
    client.cookies.clear()
    return answer
