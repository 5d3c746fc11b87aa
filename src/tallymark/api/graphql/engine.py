"""One GraphQL request, from its text to the body that is sent."""

import asyncio
import time
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from hashlib import blake2b
from typing import Any, Self

from anyio import to_thread

from tallymark.api.graphql import masking
from tallymark.api.graphql.context import Context
from tallymark.api.graphql.documents import Documents, Invalid, Operation
from tallymark.api.graphql.schema import build
from tallymark.api.instance import Instance
from tallymark.api.rest.access import Visitor
from tallymark.cache import Body, Memory
from tallymark.errors import BadQuestion, TallymarkError
from tallymark.model import Answer, exact_json
from tallymark.results import Publication

MEMORY_BYTES = 16 << 20
AGAIN = 2
"""How often a request is worked out where figures were published meanwhile, so that all are of one version."""
LONGEST = 3600
"""Seconds that an answer is kept which asks for no figures: the schema."""


@dataclass(frozen=True, slots=True)
class Query:
    """What is asked. `arrived`: when."""

    text: str
    operation_name: str | None
    variables: Mapping[str, Any]
    arrived: datetime


@dataclass(frozen=True, slots=True)
class Given:
    """What comes of it. `ran`: the document did, whatever came of its fields; `sound`: without any error.

    `version`: of the figures, None where there are none. `since`, `until`: what is kept, by the monotonic clock.
    `made`: what whoever sends it made of it.
    """

    body: Body
    ran: bool = True
    sound: bool = True
    hit: bool = False
    version: int | None = None
    since: float = 0.0
    until: float = 0.0
    made: dict[Hashable, Any] = field(default_factory=dict, compare=False)

    @classmethod
    def refused(cls, *errors: dict[str, Any]) -> Self:
        return cls(_body(errors=errors), ran=False, sound=False)

    @property
    def age(self) -> int | None:
        """Seconds for which it has been kept; None: it is new."""
        return int(time.monotonic() - self.since) if self.hit else None


class Engine:
    """Runs queries, and keeps what they gave for a moment.

    A key names the document, its variables, the shop, the role, the hour and the publication: so what is kept is never
    wrong, and is let go when the quickest of its metrics may not be kept any longer. Use from one event loop.
    """

    def __init__(self, parts: Instance) -> None:
        self._parts = parts
        self.schema, questions = build(parts.catalog)
        self.documents = Documents(self.schema.core, questions)
        self._memory: Memory[Given] = Memory(MEMORY_BYTES)
        parts.answers.also_clear.append(self._clear)

    async def run(self, visitor: Visitor, query: Query) -> Given:
        try:
            operation = self.documents.operation(query.text, query.operation_name, query.variables)
            if operation.introspects:
                return await self._introspected(operation, visitor, query)
            return await self._answered(operation, visitor, query)
        except Invalid as invalid:
            return Given.refused(*masking.told(invalid.errors))
        except TallymarkError as error:
            return Given.refused(masking.problem(error))

    def peek(self, visitor: Visitor, query: Query) -> Callable[[datetime], Given | None] | None:
        """How the same query would be answered from memory within the same hour; None where it is not kept at all."""
        operation = self.documents.operation(query.text, query.operation_name, query.variables)
        if operation.introspects:
            return None
        asked = _key(operation, visitor, query)

        def again(at: datetime) -> Given | None:
            held = self._parts.answers.publications.peek(visitor.tenant)
            return self._kept((*asked, _stamp(held.value))) if held else None

        return again

    async def _answered(self, operation: Operation, visitor: Visitor, query: Query) -> Given:
        for _ in range(AGAIN):
            published = await self._parts.answers.published(visitor.tenant)
            key = (*_key(operation, visitor, query), _stamp(published))
            if kept := self._kept(key):
                return kept
            context = Context(self._parts, visitor, operation.document.parsed, query.arrived, LONGEST)
            given = await self._executed(operation, context, query)
            if not _moved(context, published):
                given = replace(given, version=published.version if published else None)
                return self._keep(key, given, context.ttl)
        return replace(given, version=max(answer.version for answer in context.answers.values()))

    async def _introspected(self, operation: Operation, visitor: Visitor, query: Query) -> Given:
        """The schema is long, and the same for all: told in a thread, so that nobody waits for it, and kept."""
        key = (None, _asked(operation, query))
        if kept := self._kept(key):
            return kept
        context = Context(self._parts, visitor, operation.document.parsed, query.arrived, LONGEST)
        given = await to_thread.run_sync(asyncio.run, self._executed(operation, context, query))
        return self._keep(key, given, LONGEST)

    async def _executed(self, operation: Operation, context: Context, query: Query) -> Given:
        result = await self.schema.execute(
            operation.document.text,
            variable_values=dict(query.variables),
            context_value=context,
            operation_name=operation.name,
        )
        ages = {name: _age(answer) for name, answer in context.answers.items()}
        extensions = {"cost": operation.figures, **({"answers": ages} if ages else {})}
        errors = masking.told(result.errors or ())
        # Without any data, and with no field at fault, it did not come to run: the variables were wrong.
        ran = result.data is not None or any("path" in error for error in errors)
        data = {"data": result.data} if ran else {}
        return Given(_body(**data, errors=errors, extensions=extensions), ran, sound=not errors)

    def _clear(self, tenant_id: int) -> None:
        """Forgets what a shop was told; the schema is nobody's."""
        self._memory.drop_all(lambda key: isinstance(key, tuple) and key[0] == tenant_id)

    def _kept(self, key: Hashable) -> Given | None:
        given = self._memory.get(key)
        return given if given and time.monotonic() < given.until else None

    def _keep(self, key: Hashable, given: Given, seconds: int) -> Given:
        if given.sound:
            now = time.monotonic()
            kept = replace(given, hit=True, since=now, until=now + seconds, made={})
            self._memory.put(key, kept, given.body.size)
        return given


def _asked(operation: Operation, query: Query, *whose: str) -> str:
    """The document, and those variables that it takes."""
    taken = {name: value for name, value in query.variables.items() if name in operation.variables}
    asked = {"document": operation.document.key, "name": operation.name, "variables": taken, "whose": whose}
    try:
        return exact_json.canonical(asked)
    except RecursionError:
        raise BadQuestion("The variables are nested too deeply.") from None


def _key(operation: Operation, visitor: Visitor, query: Query) -> tuple[int, str]:
    """The shop, and what is asked with whose eyes. A running period grows with the hour of the shop."""
    tenant = visitor.tenant
    hour = query.arrived.astimezone(tenant.zone).isoformat(timespec="hours")
    return tenant.tenant_id, _asked(operation, query, tenant.timezone, tenant.currency, visitor.role, hour)


def _stamp(published: Publication | None) -> Hashable:
    """The same figures are found to be current again and again; the answer says when last."""
    return (published.mark, published.checked_at) if published else None


def _moved(context: Context, published: Publication | None) -> bool:
    """Whether figures were published while it was worked out: some may be of one version, some of the next."""
    return any(published is None or answer.version > published.version for answer in context.answers.values())


def _age(answer: Answer) -> dict[str, Any]:
    """The answer without its figures."""
    whole: dict[str, Any] = exact_json.loads(answer.to_json())
    return {name: value for name, value in whole.items() if name not in {"data", "age"}}


def _body(**members: Any) -> Body:
    told = {name: value for name, value in members.items() if name == "data" or value}
    plain = exact_json.dumps(told).encode()
    return Body(plain, f'"{blake2b(plain, digest_size=16).hexdigest()}"')
