"""What the fast lane takes for the same question."""

from hashlib import sha256
from typing import Any, cast

import pytest

from tallymark.api.auth import Membership, Program
from tallymark.api.cached import Cached
from tallymark.api.lane import LONGEST, SHORT, Lane, asked_by
from tallymark.api.people import People
from tallymark.cache import Body
from tallymark.model import Tenant
from tallymark.monitoring import Traffic

SHOP, OTHER = (Tenant(number, name, name, "UTC", "EUR") for number, name in ((1, "shop"), (2, "other")))
ANSWER = Cached(Body(b"{}", 'W/"1"'), b"HIT", b"memory", 1, 0)
SCOPE: dict[str, Any] = {"method": "GET", "path": "/api/admin/dashboard", "query_string": b""}
SIGNED = {b"authorization": b"Bearer tk_1"}


class Door:
    """Lets in whoever stands at it, whatever they show."""

    def __init__(self) -> None:
        self.who: Program | None = program(SHOP)

    def peek(self, _: str) -> Program | None:
        return self.who


def program(tenant: Tenant, role: Any = "admin", *scopes: str) -> Program:
    return Program(1, "till", tenant, role, frozenset(scopes or ("read",)))


@pytest.fixture
def door() -> Door:
    return Door()


@pytest.fixture
def lane(door: Door) -> Lane:
    """Knows the answer to one question of the shop's admins."""
    lane = Lane(cast("People", door), Traffic())
    lane.learn(SCOPE, Membership(SHOP, "admin"), lambda _: ANSWER)
    return lane


@pytest.mark.parametrize("sign", ["1", "1" * LONGEST])
def test_what_is_known_of_somebody_holds_while_they_are_who_they_were(lane: Lane, door: Door, sign: str) -> None:
    signed = {b"authorization": b"Bearer tk_" + sign.encode()}
    looks = [program(SHOP), program(OTHER), program(SHOP, "viewer"), program(SHOP, "admin", "refresh"), None]
    for who in (*looks, program(SHOP)):
        door.who = who
        for _ in range(2):
            assert (lane.find(SCOPE, signed) is not None) is (who == program(SHOP)), who


@pytest.mark.parametrize(
    "changed", [{"method": "HEAD"}, {"path": "/api/metrics/net_revenue"}, {"query_string": b"platform=amazon"}]
)
def test_another_question_is_another_one(lane: Lane, changed: dict[str, Any]) -> None:
    cookie = {b"cookie": b"tallymark_session=1"}
    for _ in range(2):
        assert lane.find(SCOPE, SIGNED)
        assert lane.find({**SCOPE, **changed}, SIGNED) is None
        assert lane.find(SCOPE, SIGNED, b"{}") is None
        assert lane.find(SCOPE, SIGNED | {b"x-tenant": b"other"}) is None
        assert lane.find(SCOPE, cookie)
        assert lane.find(SCOPE, cookie | {b"authorization": b""}) is None, "a header counts before the cookie"


def test_the_newest_word_is_asked_once_the_last_is_silent(lane: Lane) -> None:
    said: list[Cached | None] = [ANSWER]
    lane.learn(SCOPE, Membership(SHOP, "admin"), lambda _: said[0])
    assert lane.find(SCOPE, SIGNED)
    said[0] = None
    assert lane.find(SCOPE, SIGNED) is None
    lane.learn(SCOPE, Membership(SHOP, "admin"), lambda _: ANSWER)
    assert lane.find(SCOPE, SIGNED)


def test_two_bodies_are_the_same_question_only_if_every_byte_is() -> None:
    long = b"x" * (SHORT + 1)
    bodies = [b"", b"x", b"x" * SHORT, long, long[:-1] + b"y", sha256(long).digest()]
    assert len({asked_by({}, body) for body in bodies}) == len(bodies)
    assert asked_by({}, bytes(bytearray(long))) == asked_by({}, long)


def test_how_an_answer_is_to_be_read_is_part_of_the_question() -> None:
    heads = [{}, {b"accept": b"application/json"}, {b"content-type": b"application/json"}]
    assert len({asked_by(head, b"{}") for head in heads}) == len(heads)
