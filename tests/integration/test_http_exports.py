"""Figures as files: the same answer, for the same people, and noted."""

import csv
import io
from dataclasses import replace
from typing import Any
from zipfile import ZipFile

import pytest


def get(shop: Any, path: str, role: str = "viewer") -> Any:
    return shop.client.get(f"/api/exports{path}", headers=shop.bearer(role))


def test_a_file_holds_what_the_metric_answers_and_is_noted(shop: Any) -> None:
    assert shop.client.post("/api/admin/analytics/refresh", headers=shop.bearer("admin")).status_code == 200
    asked = "period=month&platform=shopify&limit=5"
    told = shop.client.get(f"/api/metrics/top_products?{asked}", headers=shop.bearer("viewer")).json()
    sheet, text, same = (get(shop, f"/top_products.{kind}?{asked}") for kind in ("xlsx", "csv", "json"))
    first, last = (told["params"][end] for end in ("from", "to"))
    assert sheet.headers["Content-Disposition"] == (
        f'attachment; filename="harbour-top-products-shopify-{first}-{last}.xlsx"'
    )
    assert sheet.headers["Content-Type"].endswith("spreadsheetml.sheet")
    assert (sheet.headers["X-Version"], sheet.headers["Cache-Control"]) == ("1", "private, no-store")
    with ZipFile(io.BytesIO(sheet.content)) as packed:
        texts = packed.read("xl/sharedStrings.xml").decode()
    assert [word for word in ("Kettle", "Cup", "Compared", first, "Harbour") if word in texts] == [
        "Kettle", first, "Harbour",
    ]  # fmt: skip
    assert text.headers["Content-Type"] == "text/csv; charset=utf-8; header=present"
    (row,) = csv.DictReader(io.StringIO(text.text))
    assert (row["name"], row["totalSold"], row["revenue"]) == ("Kettle", "3", "30.00")
    assert same.json()["data"] == told["data"]
    log = shop.client.get("/api/audit?action=export", headers=shop.bearer("admin")).json()["entries"]
    assert [(one["actor"], one["subject"], one["details"]["format"], one["details"]["platform"]) for one in log] == [
        ("viewer@example.com", "top_products", kind, "shopify") for kind in ("json", "csv", "xlsx")
    ]


def test_a_file_is_refused_as_its_figures_are_and_then_nothing_is_noted(
    shop: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    for path, role, status, code in (
        ("/net_revenue.xlsx", "nobody", 401, "not_signed_in"),
        ("/net_revenue.xlsx", "viewer", 409, "not_built"),
        ("/net_revenue.pdf", "viewer", 400, "question_invalid"),
        ("/nothing.csv", "viewer", 404, "unknown_metric"),
        ("/net_revenue.csv?colour=red", "viewer", 400, "question_invalid"),
        ("/net_revenue.csv?platform=etsy", "viewer", 400, "question_invalid"),
    ):
        answer = get(shop, path, role)
        assert (path, answer.status_code, answer.json()["code"]) == (path, status, code)
    metrics = shop.instance.catalog._metrics
    monkeypatch.setitem(metrics, "net_revenue", replace(metrics["net_revenue"], roles=("admin",)))
    assert get(shop, "/net_revenue.xlsx").json()["code"] == "not_allowed"
    assert shop.client.get("/api/audit?action=export", headers=shop.bearer("admin")).json()["entries"] == []
