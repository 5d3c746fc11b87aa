"""Answers from memory: whose they are, how old they are, in which encoding, and when they give way."""

import gzip
import time
from typing import Any

import brotli
import pytest
import zstandard

from tallymark.settings import Settings

METRICS = "/api/metrics"
PATHS = [f"{METRICS}/net_revenue", f"{METRICS}/top_products?limit=1&sort=units", "/api/admin/dashboard"]
DECODERS = {
    "gzip": gzip.decompress,
    "br": brotli.decompress,
    "zstd": lambda body: zstandard.ZstdDecompressor().decompress(body),
}


def refresh(shop: Any, role: str = "admin") -> int:
    answer = shop.client.post("/api/admin/analytics/refresh", headers=shop.bearer(role))
    assert answer.status_code == 200, answer.text
    version: int = answer.json()["metadata"]["version"]
    return version


def cached(answer: Any) -> tuple[str, str]:
    return answer.headers["X-Cache"], answer.headers["X-Cache-Tier"]


@pytest.fixture
def shop(make_shop: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    """May be refreshed at will, and what was looked up holds for as long as a slow machine needs for a test."""
    for looked_up in ("tallymark.cache.publications", "tallymark.api.people"):
        monkeypatch.setattr(f"{looked_up}.FRESH", 60.0)
        monkeypatch.setattr(f"{looked_up}.SERVED", 60.0)
    shop = make_shop(Settings(refresh_cooldown_minutes=0, rate_limit_requests=1000))
    shop.instance.dashboards.fresh = shop.instance.dashboards.served = 60.0
    return shop


@pytest.fixture
def entered(shop: Any, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The paths for which the framework was entered."""
    paths: list[str] = []
    shop.client.get("/livez")
    framework = shop.app.edge.app

    async def counting(scope: Any, receive: Any, send: Any) -> None:
        paths.append(scope["path"])
        await framework(scope, receive, send)

    monkeypatch.setattr(shop.app.edge, "app", counting)
    return paths


@pytest.mark.parametrize(("path", "first"), list(zip(PATHS, ["stored", "rollup", "stored"], strict=True)))
def test_the_second_who_asks_is_answered_from_memory_before_the_framework(
    shop: Any, entered: list[str], path: str, first: str
) -> None:
    refresh(shop)
    headers = shop.bearer("admin")
    entered.clear()
    cold, warm = shop.client.get(path, headers=headers), shop.client.get(path, headers=headers)
    assert cached(cold) == ({"/api/admin/dashboard": "MISS"}.get(path, "HIT" if first == "stored" else "MISS"), first)
    assert cached(warm) == ("HIT", "memory")
    assert entered == [path.partition("?")[0]]
    said = {"content-type", "cache-control", "etag", "vary", "x-version", "content-security-policy", "age"}
    assert {name: cold.headers[name] for name in said} == {name: warm.headers[name] for name in said}
    without_age = [{**answer.json(), "age": None} for answer in (cold, warm)]
    assert without_age[0] == without_age[1]


def test_what_is_in_memory_is_given_to_nobody_who_may_not_have_it(shop: Any, entered: list[str]) -> None:
    refresh(shop)
    refresh(shop, "outsider")
    shop.run("UPDATE expenses SET amount = 4711", shop.other)
    assert refresh(shop, "outsider") == 2
    headers = {role: shop.bearer(role) for role in ("nobody", "viewer", "admin", "outsider")}
    for path in PATHS:
        cold = {role: shop.client.get(path, headers=headers[role]) for role in ("admin", "outsider")}
        warm = {role: shop.client.get(path, headers=headers[role]) for role in ("admin", "outsider")}
        assert {cached(answer) for answer in warm.values()} == {("HIT", "memory")}
        assert [warm[role].headers["X-Version"] for role in ("admin", "outsider")] == ["1", "2"]
        assert cold["admin"].headers["ETag"] != cold["outsider"].headers["ETag"]
        assert "4711" not in warm["admin"].text
        refused = {"nobody": 401, "viewer": 403 if "admin" in path else 304, "outsider": 200}
        for role, status in refused.items():
            with_its_tag = {**headers[role], "If-None-Match": cold["admin"].headers["ETag"]}
            assert shop.client.get(path, headers=with_its_tag).status_code == status, (path, role)
        foreign = {**headers["outsider"], "X-Tenant": "harbour"}
        assert shop.client.get(path, headers=foreign).status_code == 404
        forged = {"Authorization": headers["admin"]["Authorization"][:-2] + "xx"}
        assert shop.client.get(path, headers=forged).status_code == 401


def test_the_same_figures_of_two_shops_have_different_tags(shop: Any) -> None:
    refresh(shop)
    refresh(shop, "outsider")
    path = f"{METRICS}/expense_breakdown"
    ours, theirs = (shop.client.get(path, headers=shop.bearer(role)) for role in ("admin", "outsider"))
    assert ours.json()["data"] == theirs.json()["data"]
    assert ours.headers["ETag"] != theirs.headers["ETag"]


@pytest.mark.parametrize("path", PATHS)
def test_whoever_has_the_answer_is_told_so_from_memory(shop: Any, path: str) -> None:
    refresh(shop)
    headers = shop.bearer("admin")
    tag = shop.client.get(path, headers=headers).headers["ETag"]
    known = shop.client.get(path, headers={**headers, "If-None-Match": f'"other", {tag}'})
    assert (known.status_code, known.content, known.headers["ETag"], cached(known)) == (
        304,
        b"",
        tag,
        ("HIT", "memory"),
    )


@pytest.mark.parametrize("encoding", DECODERS)
def test_a_body_is_encoded_once_as_the_reader_likes(shop: Any, encoding: str) -> None:
    refresh(shop)
    path, headers = "/api/admin/dashboard", {**shop.bearer("admin"), "Accept-Encoding": encoding}
    with shop.client.stream("GET", path, headers=headers) as answer:
        sent = b"".join(answer.iter_raw())
    assert answer.headers["Content-Encoding"] == encoding
    assert int(answer.headers["Content-Length"]) == len(sent)
    plain = shop.client.get(path, headers={**headers, "Accept-Encoding": "identity"})
    assert "Content-Encoding" not in plain.headers
    assert DECODERS[encoding](sent) == plain.content
    assert len(sent) < len(plain.content)


def test_age_goes_on_while_the_figures_stay(shop: Any) -> None:
    refresh(shop)
    path, headers = f"{METRICS}/net_revenue", shop.bearer("viewer")
    first = shop.client.get(path, headers=headers)
    time.sleep(2.2)
    later = shop.client.get(path, headers=headers)
    assert later.json()["age"] - first.json()["age"] >= 1.2
    assert int(later.headers["Age"]) - int(first.headers["Age"]) >= 2
    assert later.headers["ETag"] == first.headers["ETag"]


def test_whoever_has_seen_a_version_gets_no_older_one(shop: Any) -> None:
    headers = shop.bearer("admin")
    refresh(shop)
    for version in range(2, 8):
        for path in PATHS:
            shop.client.get(path, headers=headers)
        shop.run(f"UPDATE expenses SET amount = {version}")
        assert refresh(shop) == version
        for path in PATHS:
            assert shop.client.get(path, headers=headers).headers["X-Version"] == str(version)


def test_the_same_header_twice_is_for_the_framework_to_judge(shop: Any, entered: list[str]) -> None:
    refresh(shop)
    path, admin = PATHS[0], shop.bearer("admin")["Authorization"]
    shop.client.get(path, headers={"Authorization": admin})
    entered.clear()
    twice = [("Authorization", admin), ("X-Tenant", "harbour"), ("X-Tenant", "summit")]
    assert shop.client.get(path, headers=twice).status_code == 200
    assert entered == [path]


DOCUMENT = {"query": "{ netRevenue { totalRevenue } expenseBreakdown { category amount } }"}


def test_a_query_is_answered_from_memory_too_and_only_to_who_may_have_it(shop: Any, entered: list[str]) -> None:
    refresh(shop)
    shop.run("UPDATE expenses SET category = 'Foreign'", shop.other)
    refresh(shop, "outsider")
    headers = {role: shop.bearer(role) for role in ("nobody", "viewer", "outsider")}

    def ask(role: str, document: Any = DOCUMENT, **more: str) -> Any:
        return shop.client.post("/graphql", json=document, headers={**headers[role], **more})

    cold = {role: ask(role) for role in ("viewer", "outsider")}
    entered.clear()
    warm = {role: ask(role) for role in ("viewer", "outsider")}
    assert entered == []
    for role, answer in warm.items():
        assert answer.content == cold[role].content
        assert cached(answer) == ("HIT", "memory")
    assert ask("viewer", **{"If-None-Match": "*"}).content == cold["viewer"].content
    assert "Foreign" in warm["outsider"].text
    assert "Foreign" not in warm["viewer"].text
    assert ask("nobody").status_code == 401
    assert ask("outsider", **{"X-Tenant": "harbour"}).status_code == 404
    assert "Foreign" not in ask("viewer", {"query": "{ expenseBreakdown { category amount } }"}).text
    shop.client.cookies.set("tallymark_session", signed_in(shop))
    for site, status in (("cross-site", 403), ("same-site", 403), ("same-origin", 200)):
        there = shop.client.post("/graphql", json=DOCUMENT, headers={"Sec-Fetch-Site": site})
        assert there.status_code == status, site


def signed_in(shop: Any) -> str:
    account = {"email": "admin@example.com", "password": "a long password"}
    cookie: str = shop.client.post("/api/auth/login", json=account).cookies["tallymark_session"]
    shop.client.cookies.clear()
    return cookie
