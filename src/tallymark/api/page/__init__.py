"""The page: plain HTML, CSS and ES modules, read once from the package and served from memory."""

from dataclasses import dataclass
from hashlib import sha256
from importlib import resources
from pathlib import PurePath
from typing import Annotated

from fastapi import APIRouter, Depends, Header, Response

from tallymark.api.rest.access import PUBLIC
from tallymark.errors import NotFound

TYPES = {".html": "text/html", ".css": "text/css", ".js": "text/javascript"}
router = APIRouter(include_in_schema=False, dependencies=[Depends(PUBLIC)])


@dataclass(frozen=True, slots=True)
class File:
    content: bytes
    media_type: str
    etag: str


def _read() -> dict[str, File]:
    files = {}
    for path in resources.files(__package__).iterdir():
        media_type = TYPES.get(PurePath(path.name).suffix)
        if media_type:
            content = path.read_bytes()
            files[path.name] = File(content, media_type, f'"{sha256(content).hexdigest()[:32]}"')
    return files


FILES = _read()


@router.get("/")
async def index(if_none_match: Annotated[str, Header()] = "") -> Response:
    return _give(FILES["index.html"], if_none_match)


@router.get("/assets/{name}")
async def asset(name: str, if_none_match: Annotated[str, Header()] = "") -> Response:
    if name not in FILES or name == "index.html":
        raise NotFound(f"There is no file {name}.")
    return _give(FILES[name], if_none_match)


def _give(file: File, known: str) -> Response:
    headers = {"ETag": file.etag, "Cache-Control": "no-cache"}
    if known == file.etag:
        return Response(status_code=304, headers=headers)
    return Response(file.content, headers=headers, media_type=file.media_type)
