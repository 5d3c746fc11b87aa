"""What an error looks like over HTTP: the one place where codes become RFC 9457 problem details.

Every body also carries `success: false` and `message`, which the pages of older back offices read.
"""

import json
import math
import uuid
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response
from starlette.exceptions import HTTPException

from tallymark import errors
from tallymark.api import request_ids

MEDIA_TYPE = "application/problem+json"
RETRY_DATABASE = 2

STATUS: Mapping[type[errors.TallymarkError], int] = {
    errors.TallymarkError: 500,
    errors.SettingsError: 500,
    errors.DatabaseUnavailable: 503,
    errors.Draining: 503,
    errors.UnsafeRole: 500,
    errors.MigrationError: 503,
    errors.BadQuestion: 400,
    errors.QueryTooLarge: 400,
    errors.ImportRefused: 422,
    errors.MetricFailed: 500,
    errors.InvalidResult: 500,
    errors.SourceFailed: 502,
    errors.ArchiveUnreadable: 500,
    errors.RefreshFailed: 500,
    errors.NotBuilt: 409,
    errors.NotSignedIn: 401,
    errors.NotAllowed: 403,
    errors.TooManyRequests: 429,
    errors.NotFound: 404,
    errors.UnknownTenant: 404,
    errors.UnknownMetric: 404,
    errors.UnknownJob: 404,
    errors.Conflict: 409,
}

# Their messages name settings, roles and tables: for the operator's log, not for whoever is asking.
SHELTERED = (errors.SettingsError, errors.UnsafeRole, errors.MigrationError)

log = structlog.get_logger("tallymark.api")


def install(app: FastAPI) -> None:
    app.add_exception_handler(errors.TallymarkError, _ours)
    app.add_exception_handler(RequestValidationError, _malformed)
    app.add_exception_handler(HTTPException, _unroutable)


def problem(
    status: int, code: str, detail: str, *, headers: Mapping[str, str] | None = None, **members: object
) -> Response:
    """One problem; `members` are left out where they are None or empty."""
    content = {
        "type": f"urn:problem-type:tallymark:{code}",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
        "code": code,
        "success": False,
        "message": detail,
        **{name: value for name, value in {**members, "requestId": request_ids.current()}.items() if value},
    }
    return Response(json.dumps(content, default=str), status, headers, MEDIA_TYPE)


def of(error: errors.TallymarkError, parts: Mapping[str, str] | None = None) -> Response:
    """The problem that an error of ours is shown as. `parts`: how each part of the server is."""
    status = next(STATUS[kind] for kind in type(error).__mro__ if kind in STATUS)
    if isinstance(error, SHELTERED):
        return unexpected(error, status, parts)
    if isinstance(error, errors.DatabaseUnavailable):
        # Its message says where the database is; whoever is asking need not know.
        log.error("database unavailable", error=error.message)
        error = errors.DatabaseUnavailable()
    details = {**error.details, **({"parts": parts} if parts else {})}
    return problem(status, error.code, error.message, headers=_headers(error, status), hint=error.hint, details=details)


def unexpected(error: BaseException, status: int = 500, parts: Mapping[str, str] | None = None) -> Response:
    """An error nobody foresaw: logged once under an id, of which the answer tells and of nothing else."""
    error_id = str(uuid.uuid4())
    log.error("unexpected error", error_id=error_id, exc_info=error)
    told = f"Something went wrong on our side. Its number is {error_id}."
    return problem(status, "unexpected", told, id=error_id, details={"parts": parts} if parts else None)


def _headers(error: errors.TallymarkError, status: int) -> dict[str, str]:
    if isinstance(error, errors.TooManyRequests):
        return {"Retry-After": str(max(1, math.ceil(error.retry_after)))}
    if status == HTTPStatus.SERVICE_UNAVAILABLE:
        return {"Retry-After": str(RETRY_DATABASE)}
    if status == HTTPStatus.UNAUTHORIZED:
        return {"WWW-Authenticate": "Bearer"}
    return {}


async def _ours(_: Request, error: Exception) -> Response:
    assert isinstance(error, errors.TallymarkError)
    return of(error)


async def _malformed(_: Request, error: Exception) -> Response:
    """Names each parameter at fault; 422 for the body, 400 for what stands in the address or the headers."""
    assert isinstance(error, RequestValidationError)
    faults = [_fault(e) for e in error.errors()]
    status = 422 if any(fault["in"] == "body" for fault in faults) else 400
    detail = "; ".join(f"{fault['name']}: {fault['reason']}" for fault in faults)
    return problem(status, errors.BadQuestion.code, detail, details={"parameters": faults})


def _fault(error: Mapping[str, Any]) -> dict[str, str]:
    where = error["loc"][-1]
    if error.get("type") == "json_invalid" and isinstance(
        where, int
    ):  # A character of the body, not the name of a field.
        reason = f"is no JSON that can be read, from character {where} on"
        return {"in": "body", "name": "body", "reason": reason}
    return {"in": str(error["loc"][0]), "name": _name(error["loc"]), "reason": error["msg"]}


def _name(location: tuple[int | str, ...]) -> str:
    return ".".join(str(part) for part in location[1:]) or str(location[0])


async def _unroutable(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    if error.status_code == HTTPStatus.BAD_REQUEST:
        # The framework's own word for a body that it cannot read at all.
        fault = {"loc": ("body",), "msg": "is no JSON that can be read"}
        return await _malformed(request, RequestValidationError([fault]))
    code = HTTPStatus(error.status_code).name.lower()
    return problem(error.status_code, code, str(error.detail), headers=error.headers)
