"""How the built dashboard is given."""

import gzip
import re
from typing import Any

import pytest
from fastapi.testclient import TestClient

from tallymark.api import pages
from tallymark.api.pages import File, files

FIRST_LOAD = 200_000
BROWSER = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}


def test_every_address_of_the_dashboard_is_the_same_document_asked_for_anew(client: TestClient) -> None:
    document = client.get("/")
    assert document.headers["Cache-Control"] == "no-cache"
    for address in ("/sales", "/products/s-1.5", "/some/thing%20else"):
        assert client.get(address, headers=BROWSER).content == document.content
    again = client.get("/sales", headers=BROWSER | {"If-None-Match": document.headers["ETag"]})
    assert again.status_code == 304
    assert again.headers.get("Content-Security-Policy") in {None, document.headers["Content-Security-Policy"]}


def test_a_program_is_told_that_there_is_nothing(client: TestClient) -> None:
    answer = client.get("/sales", headers={"Accept": "application/json"})
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


@pytest.mark.parametrize(
    "address", ["/api/nowhere", "/assets/none.js", "/assets", "/metrics/x", "/livez/x", "/../x.html"]
)
def test_what_is_not_a_page_is_not_found(client: TestClient, address: str) -> None:
    answer = client.get(address)
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


def test_other_methods_are_still_refused_as_such(client: TestClient) -> None:
    assert client.put("/graphql").status_code == 405
    assert client.get("/api/auth/login").status_code == 405


def test_assets_are_kept_for_ever_and_come_compressed_as_they_were_built(client: TestClient) -> None:
    name = re.findall(r'src="/(assets/[^"]+)"', client.get("/").text)[0]
    for accepted, encoding in (("gzip, br", "br"), ("gzip", "gzip"), ("identity", None)):
        answer = client.get(f"/{name}", headers={"Accept-Encoding": accepted})
        assert answer.headers.get("Content-Encoding") == encoding
        assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
        assert answer.headers["Content-Type"].startswith("text/javascript")
    file = files()[name]
    assert gzip.decompress(file.encoded["gzip"]) == file.encoded[""]


def test_the_first_load_is_light(client: TestClient) -> None:
    """The document, what it names, and the page of each morning with its imports, as browsers prefer them encoded."""
    named = re.findall(r'(?:src|href)="/(assets/[^"]+)"', client.get("/").text)
    waiting = [*named, *(path for path in files() if path.startswith("assets/overview"))]
    first = {"index.html"}
    while waiting:
        path = waiting.pop()
        if path not in first:
            first.add(path)
            imported = re.findall(r'(?:from|import)"\./([^"]+\.js)"', files()[path].encoded[""].decode())
            waiting += [f"assets/{name}" for name in imported]
    weight = sum(len(files()[path].encoded[files()[path].best("br")]) for path in first)
    assert len(first) >= 5
    assert weight < FIRST_LOAD


def test_where_nothing_was_built_the_page_says_what_to_run(client: TestClient, monkeypatch: Any) -> None:
    monkeypatch.setattr(pages, "files", lambda: dict[str, File]())
    answer = client.get("/")
    assert (answer.status_code, answer.headers["Content-Type"]) == (503, "text/html; charset=utf-8")
    assert "make setup" in answer.text
