"""The examples of docs/http.md, run one after the other as they stand there."""

import json
import re
from pathlib import Path
from typing import Any

from tallymark.settings import Settings

DOCS = Path(__file__).parents[2] / "docs" / "http.md"
EXAMPLE = re.compile(r"```http\n(.*?)\n```", re.DOTALL)
ANYTHING = "<anything>"


def headers_in(lines: list[str]) -> dict[str, str]:
    return dict(line.split(": ", 1) for line in lines if re.match(r"[A-Z][\w-]*: ", line))


def expected_body(text: str) -> Any:
    """`…` stands for any value, `{…}` and `[…]` for any object and list."""
    return json.loads(re.sub(r'"…"|\{…\}|\[…\]|…', f'"{ANYTHING}"', text))


def agrees(expected: Any, found: Any) -> bool:
    """What the example shows is there and the same; an answer may hold more than an example shows."""
    if expected == ANYTHING:
        return True
    if isinstance(expected, dict):
        return isinstance(found, dict) and all(
            name in found and agrees(value, found[name]) for name, value in expected.items()
        )
    return bool(expected == found)


def test_the_examples_are_true(make_shop: Any) -> None:
    shop = make_shop(Settings(requests_per_address=100))
    examples = EXAMPLE.findall(DOCS.read_text())
    assert len(examples) >= 9
    for example in examples:
        request, answer = re.split(r"\n\n(?=\d{3}\n)", example)
        head, _, body = request.partition("\n\n")
        first, *lines = head.split("\n")
        method, path = first.split(" ", 1)
        headers = headers_in(lines)
        role = headers.pop("Authorization", "Bearer nobody").removeprefix("Bearer ").lower()
        headers |= shop.bearer(role)
        found = shop.client.request(method, path, headers=headers, content=body.encode() or None)
        shop.client.cookies.clear()
        status, *rest = answer.split("\n")
        assert found.status_code == int(status), f"{first}: {found.text}"
        for name, value in headers_in(rest).items():
            assert value == "…" or found.headers[name] == value, f"{first}: {name}"
        assert agrees(expected_body(rest[-1]), found.json()), f"{first}: {found.text}"


def test_every_route_of_the_page_is_one_there_is(shop: Any) -> None:
    known = shop.client.get("/openapi.json").json()["paths"]
    for route in re.findall(r"^(?:GET|POST) (/\S+?)(?:\?\S*)?$", DOCS.read_text(), re.MULTILINE):
        assert any(re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", path), route) for path in known), route
