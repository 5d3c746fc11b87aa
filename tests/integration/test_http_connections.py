"""Connections over HTTP: an admin's, within the inbox, written down in the audit log."""

from pathlib import Path
from typing import Any

from tallymark.settings import Settings

ADDRESS = "/api/connections"
FOLDER = {"kind": "folder", "platform": "till", "path": "daily"}


def test_from_a_folder_to_none(make_shop: Any, tmp_path: Path) -> None:
    shop = make_shop(Settings(home=tmp_path))
    headers = shop.bearer("admin")
    assert shop.client.post(ADDRESS, headers=headers, json=FOLDER).status_code == 400
    (daily := tmp_path / "inbox/harbour/daily").mkdir(parents=True)
    (daily / "orders.csv").write_text("order_id,placed_at\no1,2026-01-05\n")
    made = shop.client.post(ADDRESS, headers=headers, json=FOLDER)
    assert made.status_code == 201
    one = made.json()["data"]
    assert one.pop("signingSecret") is None
    assert {name: one[name] for name in ("platform", "kind", "name", "status", "hasCredentials", "createdBy")} == {
        "platform": "till", "kind": "folder", "name": "folder", "status": "connected", "hasCredentials": False,
        "createdBy": "admin@example.com",
    }  # fmt: skip
    assert shop.client.post(ADDRESS, headers=headers, json=FOLDER).status_code == 409
    assert shop.client.get(ADDRESS, headers=headers).json()["data"] == [one]
    looked = shop.client.post(f"{ADDRESS}/{one['id']}/test", headers=headers)
    assert looked.json()["data"]["found"].startswith("1 files of 33 bytes in ")
    # Another shop sees none of it, and a viewer may not look.
    outsider = shop.bearer("outsider")
    assert shop.client.get(ADDRESS, headers=outsider).json()["data"] == []
    for method, path in (("POST", f"{ADDRESS}/{one['id']}/test"), ("DELETE", f"{ADDRESS}/{one['id']}")):
        assert shop.client.request(method, path, headers=outsider).status_code == 404
    assert shop.client.get(ADDRESS, headers=shop.bearer("viewer")).status_code == 403
    (daily / "orders.csv").unlink()
    daily.rmdir()
    assert shop.client.post(f"{ADDRESS}/{one['id']}/test", headers=headers).status_code == 502
    assert shop.client.delete(f"{ADDRESS}/{one['id']}", headers=headers).status_code == 204
    assert shop.client.get(ADDRESS, headers=headers).json()["data"] == []
    entries = shop.client.get("/api/audit", headers=headers).json()["entries"]
    assert [entry["action"] for entry in entries if entry["action"].startswith("connection")] == [
        "connection.remove", "connection.add",
    ]  # fmt: skip


def test_nothing_outside_the_inbox(make_shop: Any, tmp_path: Path) -> None:
    shop = make_shop(Settings(home=tmp_path))
    headers = shop.bearer("admin")
    (tmp_path / "inbox/summit").mkdir(parents=True)
    for path in ("..", "../summit", "/", "daily/../../summit", "a\0b"):
        refused = shop.client.post(ADDRESS, headers=headers, json={**FOLDER, "path": path})
        assert (refused.status_code, refused.json()["message"]) == (
            400,
            "path must be a folder within the shop's inbox.",
        )
