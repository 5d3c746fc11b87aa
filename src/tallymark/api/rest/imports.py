"""Importing files that are sent over HTTP: send, look, import.

It is the import of the command line, with three differences: files are sent first, and wait in a folder of their
shop; how they are read is chosen among presets and columns, so that nobody's SQL runs here; and there is a most of
everything.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.concurrency import run_in_threadpool

from tallymark import ingest
from tallymark.api import audit
from tallymark.api.instance import Instance
from tallymark.api.rest.access import ADMINS, MANAGERS, Parts, Visitor
from tallymark.api.rest.import_shapes import (
    FilledGiven,
    ImportableAnswer,
    ImportedAnswer,
    ImportGiven,
    PreviewAnswer,
    UploadAnswer,
)
from tallymark.api.rest.previews import opened, previewed
from tallymark.api.rest.shapes import refusals
from tallymark.api.rest.told import EVENT_STREAM, Note, told
from tallymark.api.uploads import Upload
from tallymark.api.waiting import Places
from tallymark.connectors.files import FORMATS, PRESETS, Choice, Filled, Reading
from tallymark.errors import BadQuestion, TooManyRequests
from tallymark.ingest import KINDS, Loaded
from tallymark.model import exact_json

router = APIRouter(prefix="/api/imports", tags=["imports"])
Manager = Annotated[Visitor, Depends(MANAGERS)]
AGAIN = 5.0
FILE = {"requestBody": {"required": True, "content": {"application/octet-stream": {"schema": {"type": "string"}}}}}
STREAM: dict[str, Any] = {
    "description": "Done; with `Accept: text/event-stream` `progress` events, then `completed`, or `failed` and why.",
    "content": {EVENT_STREAM: {"schema": {"type": "string"}}},
}


@router.get("", response_model=ImportableAnswer, responses=refusals(401, 403, 404))
def importable(visitor: Annotated[Visitor, Depends(ADMINS)], parts: Parts) -> Response:
    """What can be imported: the kinds of record with their columns, the presets, the files."""
    kinds = [
        {
            "name": kind.name,
            "columns": [
                {
                    "name": column.name,
                    "type": column.type.value,
                    "required": column.required,
                    "choices": column.choices,
                    "about": column.about,
                }
                for column in kind
            ],
        }
        for kind in KINDS.values()
    ]
    return _answer(
        {
            "kinds": kinds,
            "presets": PRESETS,
            "endings": [f".{ending}" for ending in FORMATS],
            "largestBytes": parts.uploads.most_bytes,
        }
    )


@router.post(
    "/files",
    status_code=201,
    response_model=UploadAnswer,
    responses=refusals(400, 401, 403, 404, 409, 413, 422, 429),
    openapi_extra=FILE,
)
async def send(
    visitor: Manager,
    parts: Parts,
    request: Request,
    name: Annotated[str, Query(min_length=1, max_length=200, description="Its file name, with its ending.")],
) -> Response:
    """Takes a file, whose bytes are the body. It waits some hours to be imported."""
    with _place(parts.senders):
        upload = await parts.uploads.receive(visitor.tenant.tenant_id, name, request.stream())
    return _answer({"id": str(upload.upload_id), "name": upload.name, "size": upload.size}, 201)


@router.delete("/files/{file}", status_code=204, response_class=Response, responses=refusals(400, 401, 403, 404))
def take_back(visitor: Manager, parts: Parts, file: UUID) -> Response:
    """Forgets a file that waits."""
    parts.uploads.remove(parts.uploads.find(visitor.tenant.tenant_id, file))
    return Response(status_code=204)


@router.post(
    "/preview",
    response_model=PreviewAnswer,
    responses={200: STREAM, **refusals(400, 401, 403, 404, 413, 422, 429)},
)
async def preview(visitor: Manager, parts: Parts, given: ImportGiven, request: Request) -> Response:
    """What the files hold, how they are read, and what would come of it: every row is looked at, and nothing stored."""
    uploads = _uploads(parts, visitor, given)
    reading = _reading(given, uploads)

    async def work(note: Note) -> Mapping[str, Any]:
        with _place(parts.imports):
            return await run_in_threadpool(previewed, parts, visitor.tenant, uploads, given.platform, reading, note)

    return await told(request, work)


@router.post(
    "",
    response_model=ImportedAnswer,
    responses={200: STREAM, **refusals(400, 401, 403, 404, 413, 422, 429)},
)
async def import_(visitor: Manager, parts: Parts, given: ImportGiven, request: Request) -> Response:
    """Imports files in whole or not at all, and begins a refresh that counts what has come."""
    uploads = _uploads(parts, visitor, given)
    reading = _reading(given, uploads)
    if reading is None:
        raise BadQuestion("An import needs a preset, or tables.", hint="A preview says which fit.")

    async def work(note: Note) -> Mapping[str, Any]:
        with _place(parts.imports):
            loaded = await run_in_threadpool(_load, parts, visitor, uploads, given.platform, reading, note)
        run_id = None
        if any(counts.new or counts.changed for counts in loaded.counts.values()):
            run_id = str(parts.flights.start(visitor.tenant, triggered_by=f"import by {visitor.name}").run_id)
            parts.asked.add(run_id, visitor.tenant, datetime.now(UTC))
        return {"records": _counts(loaded), "runId": run_id}

    return await told(request, work, ends_alone=True)


def _load(
    parts: Instance, visitor: Visitor, uploads: Mapping[UUID, Upload], platform: str, reading: Reading, note: Note
) -> Loaded:
    """The files are gone once what is in them is stored; of what is refused they wait, to be read in another way."""
    tenant = visitor.tenant
    with (
        opened(parts, tenant, uploads, platform, reading) as batch,
        parts.database.connect(tenant.tenant_id, statement_timeout=0) as conn,
    ):
        loaded = ingest.load(conn, batch, on_progress=note)
        audit.record(
            conn,
            tenant.tenant_id,
            visitor.name,
            "import",
            ", ".join(upload.name for upload in uploads.values())[:500],
            address=visitor.address,
            platform=platform,
            preset=reading.preset,
            records=_counts(loaded),
        )
    for upload in uploads.values():
        parts.uploads.remove(upload)
    return loaded


@contextmanager
def _place(places: Places) -> Iterator[None]:
    """Raises TooManyRequests where as many are at it as may be at once."""
    if places.full:
        raise TooManyRequests("Others are importing at this moment; try again in a few seconds.", retry_after=AGAIN)
    with places.one():
        yield


def _uploads(parts: Instance, visitor: Visitor, given: ImportGiven) -> dict[UUID, Upload]:
    return {one: parts.uploads.find(visitor.tenant.tenant_id, one) for one in given.files}


def _reading(given: ImportGiven, uploads: Mapping[UUID, Upload]) -> Reading | None:
    """As it was said how to read them; None where it was not."""
    if given.preset is not None and given.tables:
        raise BadQuestion("A preset and tables exclude each other.")
    if any(table.file not in uploads for table in given.tables):
        raise BadQuestion("A table names a file that is not among files.")
    if given.preset is not None:
        return Reading("As chosen.", given.preset)
    if not given.tables:
        return None
    choices = tuple(
        Choice(
            uploads[table.file].path,
            table.kind,
            {name: _filled(one) for name, one in table.columns.items()},
            table.dates,
            table.numbers,
        )
        for table in given.tables
    )
    return Reading("As chosen.", choices=choices)


def _filled(given: FilledGiven) -> Filled:
    return Filled(given.column, given.constant)


def _counts(loaded: Loaded) -> dict[str, dict[str, int]]:
    return {
        kind: {"new": counts.new, "changed": counts.changed, "unchanged": counts.unchanged}
        for kind, counts in loaded.counts.items()
    }


def _answer(data: object, status: int = 200) -> Response:
    return Response(exact_json.dumps({"success": True, "data": data}), status, media_type="application/json")
