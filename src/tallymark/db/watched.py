"""A cursor that notes how long its statements take."""

from collections.abc import Iterable, Mapping
from time import perf_counter
from typing import Any, Self, TypeVar

from psycopg import Connection, Cursor
from psycopg.abc import Params, Query

from tallymark.db.queries import name_of
from tallymark.monitoring import STATEMENTS, subject, tracing

Row = TypeVar("Row")
SYSTEM = {"db.system.name": "postgresql"}


class Watched(Cursor[Row]):
    """Only the names of parameters are ever told, not their values."""

    def execute(
        self, query: Query, params: Params | None = None, *, prepare: bool | None = None, binary: bool | None = None
    ) -> Self:
        with _Watch(self.connection, query, params):
            return super().execute(query, params, prepare=prepare, binary=binary)  # type: ignore[arg-type, misc]

    def executemany(self, query: Query, params_seq: Iterable[Params], *, returning: bool = False) -> None:
        with _Watch(self.connection, query, None):
            super().executemany(query, params_seq, returning=returning)


class _Watch:
    """One statement. Costs next to nothing where it is quick and nobody traces."""

    __slots__ = ("_began", "_connection", "_params", "_query", "_span")

    def __init__(self, connection: Connection[Any], query: Query, params: Params | None) -> None:
        self._connection = connection
        self._query = query
        self._params = params

    def __enter__(self) -> None:
        self._span = None
        if tracing.on():
            summary = _summary(_text(self._query, self._connection))
            self._span = tracing.span(summary, {**SYSTEM, "db.query.summary": summary}, kind="client")
            self._span.__enter__()
        self._began = perf_counter()

    def __exit__(self, kind: Any, error: BaseException | None, trace: Any) -> None:
        took = perf_counter() - self._began
        if self._span is not None:
            self._span.__exit__(kind, error, trace)
        threshold = STATEMENTS.threshold_ms
        if threshold is not None and took * 1000 >= threshold:
            text = _text(self._query, self._connection)
            names = tuple(sorted(self._params)) if isinstance(self._params, Mapping) else ()
            STATEMENTS.ran(_summary(text), text, names, took, error is not None)


def _text(query: Query, connection: Connection[Any]) -> str:
    if isinstance(query, bytes):
        return query.decode("utf-8", "replace")
    return query if isinstance(query, str) else query.as_string(connection)  # type: ignore[union-attr]


def _summary(text: str) -> str:
    """What a statement is called: by its file and name, by its metric, or by its first word."""
    return name_of(text) or subject().metric or next(iter(text.split(None, 1)), "check").upper()
