"""Signing in and out, sessions, and whose shop it is."""

import time
from typing import Any

import pytest
from argon2 import PasswordHasher

from tallymark.api.auth.passwords import outdated

PASSWORD = "a long password"
HERE = {"Sec-Fetch-Site": "same-origin"}
HARBOUR = {"slug": "harbour", "name": "Harbour", "timezone": "Europe/London", "currency": "GBP", "role": "admin"}


def login(shop: Any, email: str = "admin@example.com", password: str = PASSWORD, **options: Any) -> Any:
    return shop.client.post("/api/auth/login", json={"email": email, "password": password}, **options)


def test_signing_in_gives_a_cookie_and_a_token(shop: Any) -> None:
    answer = login(shop, " Admin@Example.com ")
    body = answer.json()
    assert (answer.status_code, body["tokenType"], body["user"]["email"]) == (200, "Bearer", "admin@example.com")
    assert body["tenants"] == [HARBOUR]
    cookie = answer.headers["Set-Cookie"]
    assert cookie.startswith("tallymark_session=")
    assert {"HttpOnly", "SameSite=lax", "Path=/", "Max-Age=2592000"} <= set(cookie.split("; "))
    assert "Secure" not in cookie
    assert shop.client.get("/api/auth/me").json()["user"] == body["user"]
    secure = login(shop, headers={"X-Forwarded-Proto": "https"}).headers["Set-Cookie"]
    assert secure.startswith("__Host-tallymark=")
    assert {"Secure", "Path=/"} <= set(secure.split("; "))
    assert "Domain" not in secure
    shop.client.cookies.clear()
    bearer = {"Authorization": f"Bearer {body['accessToken']}"}
    assert shop.client.get("/api/auth/me", headers=bearer).json()["tenants"] == [HARBOUR]


def test_a_wrong_password_and_a_stranger_get_the_same_answer(shop: Any) -> None:
    wrong, stranger = login(shop, password="no"), login(shop, "stranger@example.com")
    assert wrong.status_code == stranger.status_code == 401
    assert wrong.json() | {"requestId": ""} == stranger.json() | {"requestId": ""}
    assert "Set-Cookie" not in wrong.headers


def test_after_ten_failures_even_the_right_password_waits(shop: Any) -> None:
    for _ in range(10):
        assert login(shop, password="no").status_code == 401
    refused = login(shop)
    assert (refused.status_code, refused.json()["code"]) == (429, "too_many_requests")
    assert 0 < int(refused.headers["Retry-After"]) <= 900
    assert login(shop, "viewer@example.com").status_code == 200


def test_signing_out_forgets_the_cookie(shop: Any) -> None:
    login(shop)
    assert shop.client.post("/api/auth/logout", headers=HERE).status_code == 204
    assert shop.client.get("/api/auth/me").status_code == 401


def test_raising_the_epoch_ends_every_session_of_the_user(shop: Any) -> None:
    admin, viewer = shop.bearer("admin"), shop.bearer("viewer")
    shop.own("UPDATE users SET session_epoch = session_epoch + 1 WHERE email = 'admin@example.com'")
    assert shop.client.get("/api/auth/me", headers=admin).status_code == 401
    assert shop.client.get("/api/auth/me", headers=viewer).status_code == 200
    assert shop.client.get("/api/auth/me", headers=shop.bearer("admin")).status_code == 200


def test_an_old_hash_is_renewed_when_its_password_is_at_hand(shop: Any) -> None:
    old = PasswordHasher(time_cost=1, memory_cost=8192, parallelism=1).hash(PASSWORD)
    shop.own(f"UPDATE users SET password_hash = '{old}' WHERE email = 'admin@example.com'")
    assert login(shop).status_code == 200
    with shop.instance.database.owner() as conn:
        (stored,) = conn.execute("SELECT password_hash FROM users WHERE email = 'admin@example.com'").fetchone()
    assert stored != old
    assert not outdated(stored)
    assert login(shop).status_code == 200


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Sec-Fetch-Site": "same-origin"}, 200),
        ({"Sec-Fetch-Site": "none"}, 200),
        ({"Sec-Fetch-Site": "same-site"}, 403),
        ({"Sec-Fetch-Site": "cross-site", "Origin": "http://testserver"}, 403),
        ({"Origin": "http://testserver"}, 200),
        ({"Origin": "http://elsewhere.example"}, 403),
        ({"Origin": "null"}, 403),
        ({}, 403),
    ],
)
def test_a_cookie_changes_something_only_from_our_own_pages(shop: Any, headers: dict[str, str], status: int) -> None:
    login(shop)
    assert shop.client.post("/api/admin/analytics/refresh", headers=headers).status_code == status
    assert shop.client.get("/api/admin/dashboard", headers=headers).status_code == 200


def test_a_token_needs_no_such_proof(shop: Any) -> None:
    headers = {**shop.bearer("admin"), "Sec-Fetch-Site": "cross-site"}
    assert shop.client.post("/api/admin/analytics/refresh", headers=headers).status_code == 200


def test_the_shop_is_chosen_by_its_slug_and_a_foreign_one_is_not_there(shop: Any) -> None:
    with shop.instance.database.connect(None) as conn:
        conn.execute("INSERT INTO memberships SELECT tenant_id, (SELECT user_id FROM users WHERE email = %s), 'viewer'"
                     " FROM tenants WHERE slug = 'summit'", ("analyst@example.com",))  # fmt: skip
    both, admin = shop.bearer("analyst"), shop.bearer("admin")

    def metrics(headers: dict[str, str], slug: str) -> Any:
        return shop.client.get("/api/metrics", headers={**headers, "X-Tenant": slug})

    assert [t["slug"] for t in shop.client.get("/api/auth/me", headers=both).json()["tenants"]] == ["harbour", "summit"]
    assert metrics(both, "summit").status_code == metrics(both, "harbour").status_code == 200
    foreign, missing = metrics(admin, "summit"), metrics(admin, "nowhere")
    assert foreign.status_code == missing.status_code == 404
    assert foreign.json()["code"] == missing.json()["code"] == "unknown_tenant"
    shop.own("UPDATE tenants SET active = false WHERE slug = 'harbour'")
    time.sleep(2.1)  # For so long whoever was let in is not looked up again.
    assert metrics(admin, "harbour").status_code == 404


def test_somebody_of_no_shop_may_sign_in_and_see_nothing(shop: Any) -> None:
    shop.own("DELETE FROM memberships")
    headers = shop.bearer("admin")
    assert shop.client.get("/api/auth/me", headers=headers).json()["tenants"] == []
    assert shop.client.get("/api/metrics", headers=headers).status_code == 404
