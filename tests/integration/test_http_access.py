"""Staying signed in, people and keys of a shop, and the log of what they did."""

from typing import Any

import pytest
from psycopg.errors import InsufficientPrivilege

PASSWORD = "a long password"
HERE = {"Sec-Fetch-Site": "same-origin"}


def signed_in(shop: Any, email: str = "admin@example.com", password: str = PASSWORD) -> Any:
    return shop.client.post("/api/auth/login", json={"email": email, "password": password})


def renewed(shop: Any, token: str) -> Any:
    return shop.client.post("/api/auth/token", json={"refreshToken": token})


def me(shop: Any, token: str) -> int:
    return shop.client.get("/api/auth/me", headers={"Authorization": f"Bearer {token}"}).status_code


# --- sessions


def test_a_session_lives_here_and_ends_with_signing_out(shop: Any) -> None:
    cookie = signed_in(shop).cookies["tallymark_session"]
    assert shop.client.get("/api/auth/me").status_code == 200
    assert shop.client.post("/api/auth/logout", headers=HERE).status_code == 204
    shop.client.cookies.set("tallymark_session", cookie)
    assert shop.client.get("/api/auth/me").status_code == 401, "a copy of the cookie is worth nothing now"


def test_signing_in_again_begins_another_session(shop: Any) -> None:
    first = signed_in(shop).cookies["tallymark_session"]
    assert signed_in(shop).cookies["tallymark_session"] != first


@pytest.mark.parametrize("late", ["seen_at = now() - interval '4 days'", "created_at = now() - interval '31 days'"])
def test_a_session_that_is_idle_or_old_ends(shop: Any, late: str) -> None:
    signed_in(shop)
    shop.own(f"UPDATE sessions SET {late}")
    assert shop.client.get("/api/auth/me").status_code == 401


def test_no_secret_is_stored(shop: Any) -> None:
    answer = signed_in(shop)
    with shop.instance.database.owner() as conn:
        stored = conn.execute(
            "SELECT secret_hash FROM sessions UNION ALL SELECT secret_hash FROM refresh_tokens"
        ).fetchall()
    assert len(stored) == 2
    for secret in (answer.cookies["tallymark_session"], answer.json()["refreshToken"]):
        assert all(secret.encode() not in row[0] for row in stored)


# --- refresh tokens


def test_a_refresh_token_is_good_for_one_use(shop: Any) -> None:
    first = signed_in(shop).json()
    second = renewed(shop, first["refreshToken"])
    assert second.status_code == 200
    assert me(shop, second.json()["accessToken"]) == 200
    third = renewed(shop, second.json()["refreshToken"])
    assert third.status_code == 200


def test_one_that_is_used_twice_ends_its_family(shop: Any) -> None:
    stolen = signed_in(shop).json()["refreshToken"]
    other = signed_in(shop).json()["refreshToken"]
    thiefs = renewed(shop, stolen).json()["refreshToken"]
    assert renewed(shop, stolen).status_code == 401
    assert renewed(shop, thiefs).status_code == 401, "the thief is out too"
    assert renewed(shop, other).status_code == 200, "another sign-in is another family"


def test_a_refresh_token_that_is_too_old_or_made_up_is_refused(shop: Any) -> None:
    token = signed_in(shop).json()["refreshToken"]
    shop.own("UPDATE refresh_tokens SET created_at = now() - interval '31 days'")
    assert renewed(shop, token).status_code == renewed(shop, "x" * 43).status_code == 401


def test_another_password_ends_everything(shop: Any) -> None:
    before = signed_in(shop).json()
    wrong = {"current": "not it at all", "new": "another long password"}
    assert shop.client.post("/api/auth/password", json=wrong, headers=HERE).status_code == 401
    right = {"current": PASSWORD, "new": "another long password"}
    assert shop.client.post("/api/auth/password", json=right, headers=HERE).status_code == 204
    assert shop.client.get("/api/auth/me").status_code == 401
    assert me(shop, before["accessToken"]) == 401
    assert renewed(shop, before["refreshToken"]).status_code == 401
    assert signed_in(shop).status_code == 401
    assert signed_in(shop, password="another long password").status_code == 200


# --- people


def test_an_admin_lets_people_in_changes_their_role_and_takes_them_out(shop: Any) -> None:
    admin = shop.bearer("admin")
    made = shop.client.post("/api/users", json={"email": "New@Example.com", "role": "viewer"}, headers=admin)
    assert made.status_code == 201
    one = made.json()
    assert (one["email"], one["role"], one["lastSignedIn"]) == ("new@example.com", "viewer", None)
    token = signed_in(shop, "new@example.com", one["password"]).json()["accessToken"]
    shop.client.cookies.clear()
    theirs = {"Authorization": f"Bearer {token}"}
    assert shop.client.get("/api/users", headers=theirs).status_code == 403
    assert shop.client.patch(f"/api/users/{one['id']}", json={"role": "admin"}, headers=admin).status_code == 204
    everybody = shop.client.get("/api/users", headers=theirs)
    assert everybody.status_code == 200, "a new role holds at once"
    assert "new@example.com" in {user["email"] for user in everybody.json()["users"]}
    assert shop.client.delete(f"/api/users/{one['id']}", headers=admin).status_code == 204
    assert shop.client.get("/api/users", headers=theirs).status_code == 404
    assert shop.client.delete(f"/api/users/{one['id']}", headers=admin).status_code == 404


def test_who_has_an_account_keeps_their_password(shop: Any) -> None:
    invited = {"email": "outsider@example.com", "role": "viewer", "password": "a password of my choice"}
    answer = shop.client.post("/api/users", json=invited, headers=shop.bearer("admin"))
    assert (answer.status_code, answer.json()["password"]) == (201, None)
    assert signed_in(shop, "outsider@example.com", "a password of my choice").status_code == 401
    assert signed_in(shop, "outsider@example.com").status_code == 200


def test_the_last_admin_stays(shop: Any) -> None:
    admin = shop.bearer("admin")
    number = shop.client.get("/api/auth/me", headers=admin).json()["user"]["id"]
    for answer in (
        shop.client.patch(f"/api/users/{number}", json={"role": "viewer"}, headers=admin),
        shop.client.delete(f"/api/users/{number}", headers=admin),
        shop.client.post("/api/users", json={"email": "ADMIN@example.com", "role": "viewer"}, headers=admin),
    ):
        assert (answer.status_code, answer.json()["code"]) == (409, "conflict")


def test_another_shops_people_cannot_be_touched(shop: Any) -> None:
    admin, outsider = shop.bearer("admin"), shop.bearer("outsider")
    number = shop.client.get("/api/auth/me", headers=outsider).json()["user"]["id"]
    assert shop.client.patch(f"/api/users/{number}", json={"role": "viewer"}, headers=admin).status_code == 404
    assert shop.client.delete(f"/api/users/{number}", headers=admin).status_code == 404
    assert shop.client.get("/api/users", headers=outsider).status_code == 200


# --- keys


def key(shop: Any, **wanted: Any) -> Any:
    return shop.client.post("/api/keys", json={"name": "export", **wanted}, headers=shop.bearer("admin")).json()


def test_a_key_does_what_its_scopes_say(shop: Any) -> None:
    reader = key(shop)
    headers = {"Authorization": f"Bearer {reader['key']}"}
    assert shop.client.get("/api/metrics", headers=headers).status_code == 200
    for refused in (
        shop.client.get("/api/users", headers=headers),
        shop.client.post("/api/admin/analytics/refresh", headers=headers),
        shop.client.get("/api/auth/me", headers=headers),
    ):
        assert refused.status_code == 403
    other = {**headers, "X-Tenant": shop.other.slug}
    assert shop.client.get("/api/metrics", headers=other).status_code == 404
    refresher = {"Authorization": f"Bearer {key(shop, role='admin', scopes=['refresh'])['key']}"}
    assert shop.client.get("/api/metrics", headers=refresher).status_code == 403
    assert shop.client.post("/api/admin/analytics/refresh", headers=refresher).status_code == 200


def test_a_key_ends_when_it_is_revoked_or_its_time_is_over(shop: Any) -> None:
    admin, made = shop.bearer("admin"), key(shop)
    headers = {"Authorization": f"Bearer {made['key']}"}
    listed = shop.client.get("/api/keys", headers=admin).json()["keys"]
    assert [one["ending"] for one in listed] == [made["key"][-4:]]
    assert "key" not in listed[0]
    assert shop.client.delete(f"/api/keys/{made['id']}", headers=admin).status_code == 204
    assert shop.client.get("/api/metrics", headers=headers).status_code == 401
    over = key(shop, expiresAt="2020-01-01T00:00:00Z")
    assert shop.client.get("/api/metrics", headers={"Authorization": f"Bearer {over['key']}"}).status_code == 401


@pytest.mark.parametrize("made_up", ["tmk_", "tmk_x_y", "tmk_1_" + "a" * 43, "tmk_99999999999_b", "tmk_²_c"])
def test_a_key_that_is_made_up_opens_nothing(shop: Any, made_up: str) -> None:
    headers = {"Authorization": f"Bearer {made_up}".encode("latin-1", "replace")}
    assert shop.client.get("/api/metrics", headers=headers).status_code == 401


def test_a_key_of_one_shop_opens_no_other(shop: Any) -> None:
    text = key(shop)["key"]
    forged = text.replace(f"tmk_{shop.tenant.tenant_id}_", f"tmk_{shop.other.tenant_id}_")
    assert forged != text
    assert shop.client.get("/api/metrics", headers={"Authorization": f"Bearer {forged}"}).status_code == 401


# --- the audit log


def test_what_is_done_is_written_down(shop: Any) -> None:
    admin = shop.bearer("admin")
    signed_in(shop, "viewer@example.com", "wrong")
    shop.client.cookies.clear()
    shop.client.post("/api/users", json={"email": "new@example.com", "role": "analyst"}, headers=admin)
    shop.client.post("/api/admin/analytics/refresh", headers=admin)
    entries = shop.client.get("/api/audit", headers=admin).json()["entries"]
    told = [(entry["actor"], entry["action"], entry["subject"], entry["details"]) for entry in entries]
    assert told[:4] == [
        ("admin@example.com", "refresh", shop.tenant.slug, {"platform": "all"}),
        ("admin@example.com", "user.invite", "new@example.com", {"role": "analyst"}),
        ("viewer@example.com", "sign-in", "viewer@example.com", {"outcome": "wrong password"}),
        ("admin@example.com", "sign-in", "admin@example.com", {"outcome": "ok"}),
    ]
    page = shop.client.get("/api/audit?limit=2", headers=admin).json()
    rest = shop.client.get("/api/audit", params={"before": page["next"]}, headers=admin).json()["entries"]
    assert [*page["entries"], *rest] == entries
    only = shop.client.get("/api/audit?action=refresh", headers=admin).json()["entries"]
    assert [entry["action"] for entry in only] == ["refresh"]


def test_entries_of_one_instant_are_each_on_one_page(shop: Any) -> None:
    """Pages of two end among entries of one instant, of both kinds."""
    at = "2026-03-05T14:00:00.25Z"
    for name in ("first", "second", "third"):
        shop.own(
            "INSERT INTO audit_log (tenant_id, at, actor, action, subject)"
            f" VALUES ({shop.tenant.tenant_id}, '{at}', 'a', 'refresh', '{name}')"
        )
        shop.own(
            "INSERT INTO sign_ins (user_id, at, outcome, address)"
            f" SELECT user_id, '{at}', 'ok', '{name}' FROM users WHERE email = 'viewer@example.com'"
        )
    admin, before, found = shop.bearer("admin"), "2026-03-06", []
    for _ in range(4):
        page = shop.client.get("/api/audit", params={"limit": 2, "before": before}, headers=admin).json()
        found += page["entries"]
        before = page["next"]
    assert before is None
    told = [(entry["action"], entry["address"] or entry["subject"]) for entry in found]
    assert told == [
        ("refresh", "third"), ("refresh", "second"), ("refresh", "first"),
        ("sign-in", "first"), ("sign-in", "second"), ("sign-in", "third"),
    ]  # fmt: skip
    assert len({entry["id"] for entry in found}) == 6
    assert shop.client.get("/api/audit", params={"before": at}, headers=admin).json()["entries"] == []


def test_what_is_no_place_in_the_log_is_told(shop: Any) -> None:
    admin = shop.bearer("admin")
    for wrong in ("yesterday", "2026-03-05,", "2026-03-05,x", f"2026-03-05,{2**63}"):
        answer = shop.client.get("/api/audit", params={"before": wrong}, headers=admin)
        assert answer.status_code == 400
        assert answer.json()["details"] == {"parameter": "before"}
        assert repr(wrong) in answer.json()["detail"]


def test_another_shop_sees_nothing_of_it(shop: Any) -> None:
    shop.client.post("/api/users", json={"email": "n@example.com", "role": "viewer"}, headers=shop.bearer("admin"))
    entries = shop.client.get("/api/audit", headers=shop.bearer("outsider")).json()["entries"]
    assert {entry["actor"] for entry in entries} == {"outsider@example.com"}


@pytest.mark.parametrize(
    "change", ["UPDATE audit_log SET actor = 'x'", "DELETE FROM audit_log", "DELETE FROM sign_ins"]
)
def test_nobody_changes_what_is_written(shop: Any, change: str) -> None:
    with pytest.raises(InsufficientPrivilege):
        shop.run(change)
