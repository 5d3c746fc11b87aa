"""The dashboard: the files that `make setup` builds from `web/`, read once and served from memory.

Names under `/assets` hold a hash of their content, so whoever has one never asks again. Every address of the dashboard
itself is answered with the same document, which is asked for anew each time and shows the page meant.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from importlib import resources
from importlib.resources.abc import Traversable
from mimetypes import guess_type
from typing import Annotated

from fastapi import APIRouter, Depends, Header, Response
from starlette.convertors import StringConvertor, register_url_convertor

from tallymark.api.rest.access import PUBLIC
from tallymark.errors import NotFound

DOCUMENT = "index.html"
ENCODINGS: Mapping[str, str] = {"br": ".br", "gzip": ".gz"}
"""How the build has compressed what gains by it, the smallest first."""
FOR_EVER = "public, max-age=31536000, immutable"
UNBUILT = b"""<!doctype html>
<html lang="en">
<title>Tallymark</title>
<h1>The dashboard has not been built</h1>
<p>Run <code>make setup</code> in the checkout and start the server again. Everything else that it serves is there.</p>
"""


class View(StringConvertor):
    """The address of a page: what is not under a name that the server keeps for itself."""

    regex = r"(?!(?:api|assets|graphql|openapi\.json|health|livez|readyz|metrics)(?:/|$))[\w-]+(?:/[^/]+)*"


register_url_convertor("view", View())
router = APIRouter(include_in_schema=False, dependencies=[Depends(PUBLIC)])
Accepted = Annotated[str, Header(alias="Accept-Encoding")]
Match = Annotated[str, Header(alias="If-None-Match")]


@dataclass(frozen=True, slots=True)
class File:
    """One file in every encoding there is of it; the plain one stands under the empty name."""

    encoded: Mapping[str, bytes]
    media_type: str
    etag: str

    def best(self, accepted: str) -> str:
        named = {part.strip() for part in accepted.lower().split(",")}
        return next((name for name in ENCODINGS if name in named and name in self.encoded), "")


@cache
def files() -> Mapping[str, File]:
    """What was built, by the path below the root; nothing where nothing was."""
    folder = resources.files("tallymark.api").joinpath("web")
    contents = dict(_below(folder)) if folder.is_dir() else {}
    compressed = tuple(ENCODINGS.values())
    return {path: _file(path, contents) for path in contents if not path.endswith(compressed)}


@router.get("/assets/{name}")
async def asset(name: str, accept_encoding: Accepted = "") -> Response:
    file = files().get(f"assets/{name}")
    if file is None:
        raise NotFound(f"There is no file {name}.")
    return _give(file, accept_encoding, {"Cache-Control": FOR_EVER})


@router.get("/{address:view}")
async def view(
    address: str, accept: Annotated[str, Header()] = "", accept_encoding: Accepted = "", if_none_match: Match = ""
) -> Response:
    """Any page of the dashboard: which one is meant is for the browser to read off the address. A program that asks for
    what is not there is told so. Raises NotFound."""
    if "text/html" not in accept:
        raise NotFound(f"There is nothing at /{address}.")
    return await home(accept_encoding, if_none_match)


@router.get("/")
async def home(accept_encoding: Accepted = "", if_none_match: Match = "") -> Response:
    file = files().get(DOCUMENT)
    if file is None:
        return Response(UNBUILT, 503, media_type="text/html")
    headers = {"ETag": file.etag, "Cache-Control": "no-cache"}
    if if_none_match == file.etag:
        return Response(status_code=304, headers=headers)
    return _give(file, accept_encoding, headers)


def _give(file: File, accepted: str, headers: Mapping[str, str]) -> Response:
    encoding = file.best(accepted)
    said = {**headers, "Vary": "Accept, Accept-Encoding"} | ({"Content-Encoding": encoding} if encoding else {})
    return Response(file.encoded[encoding], headers=said, media_type=file.media_type)


def _below(folder: Traversable, path: str = "") -> list[tuple[str, bytes]]:
    found = []
    for entry in folder.iterdir():
        here = f"{path}{entry.name}"
        found += _below(entry, f"{here}/") if entry.is_dir() else [(here, entry.read_bytes())]
    return found


def _file(path: str, contents: Mapping[str, bytes]) -> File:
    encoded = {name: contents[path + suffix] for name, suffix in ENCODINGS.items() if path + suffix in contents}
    media_type = guess_type(path)[0] or "application/octet-stream"
    return File({"": contents[path], **encoded}, media_type, f'W/"{sha256(contents[path]).hexdigest()[:32]}"')
