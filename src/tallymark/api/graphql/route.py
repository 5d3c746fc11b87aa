"""`/graphql`: the same people, shops and gates as the other routes."""

import json
from collections.abc import Hashable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response
from fastapi import Query as Parameter
from pydantic import BaseModel, ConfigDict, Field

from tallymark.api.cached import Cached
from tallymark.api.graphql import masking
from tallymark.api.graphql.engine import Engine, Given, Query
from tallymark.api.instance import Instance
from tallymark.api.lane import asked_by, read_as
from tallymark.api.rest.access import MEMBERS, Visitor
from tallymark.api.rest.shapes import refusals
from tallymark.errors import BadQuestion, TallymarkError

PLAIN, STRICT = "application/json", "application/graphql-response+json"
KEPT = "Its name, or sha256: and its hash."
NOT_RUN = f"The document could not be run. Told as 200 to who does not accept `{STRICT}`."


class Asked(BaseModel):
    """A GraphQL request: `query` is the document, or `documentId` names one that is kept here."""

    model_config = ConfigDict(extra="forbid")

    query: str | None = None
    document_id: str | None = Field(None, alias="documentId", description=KEPT)
    operation_name: str | None = Field(None, alias="operationName")
    variables: dict[str, Any] | None = None
    extensions: dict[str, Any] | None = Field(None, description="Taken and not looked at.")


class Fault(BaseModel):
    message: str
    locations: list[dict[str, int]] | None = None
    path: list[str | int] | None = None
    extensions: dict[str, Any] | None = None


class Outcome(BaseModel):
    data: dict[str, Any] | None = None
    errors: list[Fault] | None = None
    extensions: dict[str, Any] | None = Field(None, description="`cost` of the query, and the age of its `answers`.")


@dataclass(frozen=True, slots=True)
class Way:
    """How an answer is sent: `strict` in GraphQL's own media type, `again` to a request that may be repeated."""

    strict: bool
    again: bool


def routes(parts: Instance) -> APIRouter:
    engine = Engine(parts)
    router = APIRouter(tags=["graphql"])
    told: dict[str, Any] = {
        "path": "/graphql",
        "response_model": Outcome,
        "responses": {
            **refusals(401, 403, 404, 413, 422),
            400: refusals(400)[400] | {"model": Outcome, "description": NOT_RUN},
        },
    }

    async def answer(request: Request, visitor: Visitor, asked: Asked, question: Hashable) -> Response:
        headers = request.headers
        way = Way(strict=STRICT in headers.get("accept", ""), again=request.method == "GET")
        try:
            query = _query(engine, asked)
            given = await engine.run(visitor, query)
            if given.sound and (peek := engine.peek(visitor, query)):

                def again(at: datetime) -> Cached | None:
                    known = peek(at)
                    return _cached(known, way) if known else None

                parts.lane.learn(request.scope, visitor.membership, again, question)
        except TallymarkError as error:
            given = Given.refused(masking.problem(error))
        return (
            _cached(given, way).reply(headers.get("accept-encoding", ""), headers.get("if-none-match", "")).response()
        )

    @router.post(**told, summary="GraphQL")
    async def graphql(request: Request, visitor: Annotated[Visitor, Depends(MEMBERS)], asked: Asked) -> Response:
        """Runs one query. Its schema is in `docs/schema.graphql`; whoever is signed in may ask for it too."""
        return await answer(request, visitor, asked, asked_by(dict(request.scope["headers"]), await request.body()))

    told["responses"] |= {304: {"description": "What `If-None-Match` names is still the answer."}}

    @router.get(**told, summary="GraphQL, a kept document")
    async def kept(
        request: Request,
        visitor: Annotated[Visitor, Depends(MEMBERS)],
        document_id: Annotated[str, Parameter(alias="documentId", description=KEPT)],
        operation_name: Annotated[str | None, Parameter(alias="operationName")] = None,
        variables: Annotated[str, Parameter(description="A JSON object.")] = "{}",
    ) -> Response:
        """Runs a document that is kept in the program. It may be asked for again with `If-None-Match`."""
        asked = Asked(documentId=document_id, operationName=operation_name, variables=_object(variables))
        return await answer(request, visitor, asked, read_as(dict(request.scope["headers"])))

    return router


def _cached(given: Given, way: Way) -> Cached:
    """What came of a query, as it is sent; put together once a second for all who are told."""
    age = given.age
    made: tuple[int | None, Cached] | None = given.made.get(way)
    if made is None or made[0] != age:
        cached = Cached(
            given.body,
            b"MISS" if age is None else b"HIT",
            None if age is None else b"memory",
            given.version,
            age,
            keep=b"private, no-cache" if way.again else b"no-store",
            vary=b"Authorization, Cookie, X-Tenant, Accept, Accept-Encoding"
            if way.again
            else b"Accept, Accept-Encoding",
            kind=(STRICT if way.strict else PLAIN).encode(),
            status=400 if way.strict and not given.ran else 200,
            tagged=way.again,
        )
        made = given.made[way] = (age, cached)
    return made[1]


def _query(engine: Engine, asked: Asked) -> Query:
    """Raises NotFound where no such document is kept, and BadQuestion."""
    if (asked.query is None) == (asked.document_id is None):
        raise BadQuestion("Give either query or documentId.")
    text = engine.documents.kept(asked.document_id) if asked.document_id is not None else asked.query or ""
    return Query(text, asked.operation_name, asked.variables or {}, datetime.now(UTC))


def _object(variables: str) -> dict[str, Any]:
    """Variables as they stand in an address. Raises BadQuestion."""
    try:
        given = json.loads(variables)
    except (ValueError, RecursionError):
        given = None
    if not isinstance(given, dict):
        raise BadQuestion("variables must be a JSON object.", details={"parameter": "variables"})
    return given
