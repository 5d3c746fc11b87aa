"""The figures of one metric as a file."""

from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response
from starlette.concurrency import run_in_threadpool

from tallymark.api import audit
from tallymark.api.instance import Instance
from tallymark.api.rest import shapes
from tallymark.api.rest.access import MEMBERS, Parts, Visitor
from tallymark.api.rest.metrics import FREE, parameters_of, require_role
from tallymark.api.rest.shapes import refusals
from tallymark.exports import FORMATS, Exported, Format, written
from tallymark.model import ALL_PLATFORMS, Question
from tallymark.results import platforms_of, require_platform

router = APIRouter(prefix="/api/exports", tags=["metrics"])
FILES = {
    kind.media_type.split(";")[0]: {"schema": {"type": "string", "format": "binary"}}
    for format, kind in FORMATS.items()
    if format != "json"
}


@router.get(
    "/{metric}.{format}",
    response_model=shapes.AnswerShape,
    responses={200: {"description": "The file.", "content": FILES}, **refusals(400, 401, 403, 404, 409)},
    openapi_extra={"parameters": [dict(FREE)]},
)
async def one(
    request: Request,
    visitor: Annotated[Visitor, Depends(MEMBERS)],
    parts: Parts,
    metric: str,
    format: Format,
    platform: str = ALL_PLATFORMS,
) -> Response:
    """What `/api/metrics/{metric}` answers to the same parameters, with every column, as CSV, JSON or Excel."""
    asked_for = parts.catalog[metric]
    require_role(asked_for, visitor)
    now = datetime.now(UTC)
    require_platform(platform, platforms_of(await parts.answers.published(visitor.tenant)))
    question = Question(metric, platform, parameters_of(request, {"platform"}), as_of=now)
    given = await parts.answers.ask(visitor.tenant, question)
    exported = Exported(given.answer(now), asked_for, visitor.tenant, now)
    content = await run_in_threadpool(_made, parts, visitor, exported, format)
    headers = {
        "Content-Disposition": f'attachment; filename="{exported.name}.{format}"',
        "Cache-Control": "private, no-store",
        "X-Version": str(exported.answer.version),
    }
    return Response(content, headers=headers, media_type=FORMATS[format].media_type)


def _made(parts: Instance, visitor: Visitor, exported: Exported, format: Format) -> bytes:
    """The file, once it is noted that it was asked for."""
    content = written(exported, format)
    answer, tenant_id = exported.answer, visitor.tenant.tenant_id
    with parts.database.connect(tenant_id) as conn:
        audit.record(
            conn,
            tenant_id,
            visitor.name,
            "export",
            answer.metric,
            address=visitor.address,
            format=format,
            platform=answer.platform,
            params=dict(answer.params),
            version=answer.version,
        )
    return content
