"""What of an error leaves the house: ours as HTTP would tell it, everything else under a number."""

import json
from collections.abc import Iterable
from typing import Any

from graphql import GraphQLError

from tallymark.api import problems
from tallymark.errors import BadQuestion, TallymarkError

ENVELOPE = {"type", "title", "status", "success", "message", "detail", "requestId"}


def told(errors: Iterable[GraphQLError]) -> list[dict[str, Any]]:
    return [_told(error) for error in errors]


def _told(error: GraphQLError) -> dict[str, Any]:
    """The document's own mistakes stay as they are; what a resolver raised is told as the problem it is."""
    cause = error.original_error
    if cause is None or isinstance(cause, GraphQLError):
        found: dict[str, Any] = {"message": error.message, "extensions": {"code": BadQuestion.code}}
    else:
        found = problem(cause)
    if error.locations:
        found["locations"] = [{"line": at.line, "column": at.column} for at in error.locations]
    if error.path:
        found["path"] = error.path
    return found


def problem(error: BaseException) -> dict[str, Any]:
    """As the `detail` and the members of the document that HTTP would give."""
    response = problems.of(error) if isinstance(error, TallymarkError) else problems.unexpected(error)
    document = json.loads(bytes(response.body))
    extensions = {name: value for name, value in document.items() if name not in ENVELOPE}
    return {"message": document["detail"], "extensions": extensions}
