"""`POST /graphql`: the same people, shops and gates as the other routes."""

from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Header, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from tallymark.api.cached import Cached
from tallymark.api.graphql import masking
from tallymark.api.graphql.engine import Engine, Given, Query
from tallymark.api.instance import Instance
from tallymark.api.lane import asked_by
from tallymark.api.rest.access import MEMBERS, Visitor
from tallymark.api.rest.shapes import refusals
from tallymark.errors import BadQuestion, TallymarkError

PLAIN, STRICT = "application/json", "application/graphql-response+json"
REFUSED = (401, 403, 404, 413, 422)
NOT_RUN = f"The document could not be run. Told as 200 to who does not accept `{STRICT}`."


class Asked(BaseModel):
    """A GraphQL request: `query` is the document, or `documentId` names one that is kept here."""

    model_config = ConfigDict(extra="forbid")

    query: str | None = None
    document_id: str | None = Field(None, alias="documentId", description="Its name, or sha256: and its hash.")
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


def routes(parts: Instance) -> APIRouter:
    engine = Engine(parts)
    router = APIRouter(tags=["graphql"])

    @router.post(
        "/graphql",
        response_model=Outcome,
        responses={
            **refusals(401, 403, 404, 413, 422),
            400: refusals(400)[400] | {"model": Outcome, "description": NOT_RUN},
        },
        summary="GraphQL",
    )
    async def graphql(
        request: Request,
        visitor: Annotated[Visitor, Depends(MEMBERS)],
        asked: Asked,
        accept: Annotated[str, Header(include_in_schema=False)] = "",
        accept_encoding: Annotated[str, Header(include_in_schema=False)] = "",
    ) -> Response:
        """Runs one query. Its schema is in `docs/schema.graphql`; whoever is signed in may ask for it too."""
        strict = STRICT in accept
        try:
            query = _query(engine, asked)
            given = await engine.run(visitor, query)
            if given.sound and (peek := engine.peek(visitor, query)):

                def again(at: datetime) -> Cached | None:
                    known = peek(at)
                    return _cached(known, strict) if known else None

                question = asked_by(dict(request.scope["headers"]), await request.body())
                parts.lane.learn(request.scope, visitor.membership, again, question)
        except TallymarkError as error:
            given = Given.refused(masking.problem(error))
        return _cached(given, strict).reply(accept_encoding, "").response()

    return router


def _cached(given: Given, strict: bool) -> Cached:
    """What came of a query, as it is sent; put together once a second for all who are told."""
    age = given.age
    made: tuple[int | None, Cached] | None = given.made.get(strict)
    if made is None or made[0] != age:
        cached = Cached(
            given.body,
            b"MISS" if age is None else b"HIT",
            None if age is None else b"memory",
            given.version,
            age,
            keep=b"no-store",
            vary=b"Accept, Accept-Encoding",
            kind=(STRICT if strict else PLAIN).encode(),
            status=400 if strict and not given.ran else 200,
        )
        made = given.made[strict] = (age, cached)
    return made[1]


def _query(engine: Engine, asked: Asked) -> Query:
    """Raises NotFound where no such document is kept, and BadQuestion."""
    if (asked.query is None) == (asked.document_id is None):
        raise BadQuestion("Give either query or documentId.")
    text = engine.documents.kept(asked.document_id) if asked.document_id is not None else asked.query or ""
    return Query(text, asked.operation_name, asked.variables or {}, datetime.now(UTC))
