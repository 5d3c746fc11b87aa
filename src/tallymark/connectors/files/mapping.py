"""Mappings: one SQL file of named queries, one per kind, that turn any shape into our columns."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path

from duckdb import DuckDBPyConnection

from tallymark.connectors.files import duck, places
from tallymark.connectors.files.source import Source
from tallymark.errors import BadQuestion, ImportRefused
from tallymark.ingest import KINDS, Table

_NAME = re.compile(r"^-- ([\w-]+) --[ \t]*$", re.MULTILINE)
_SHIPPED = resources.files("tallymark.connectors.files") / "presets"
PRESETS: tuple[str, ...] = tuple(
    sorted(file.name.removesuffix(".sql") for file in _SHIPPED.iterdir() if file.name.endswith(".sql"))
)


@dataclass(frozen=True, slots=True)
class Mapping:
    """The queries of a mapping by kind, and the name of its file."""

    origin: str
    queries: dict[str, str]

    @property
    def traced(self) -> bool:
        """Whether a query says where its rows come from."""
        return any(places.COLUMN in query for query in self.queries.values())

    def tables(self, engine: DuckDBPyConnection, sources: Sequence[Source]) -> list[Table]:
        """The result of each query, as records."""
        return [
            duck.table(engine, kind, f"{self.origin}, query {kind}", query, sources if places.COLUMN in query else ())
            for kind, query in self.queries.items()
        ]


def chosen(mapping: Path | None, preset: str | None) -> Mapping | None:
    """The user's own mapping, a shipped one, or none; raises BadQuestion or ImportRefused."""
    if mapping is not None and preset is not None:
        raise BadQuestion("A mapping and a preset exclude each other.")
    if preset is not None:
        if preset not in PRESETS:
            raise BadQuestion(f"There is no preset {preset!r}.", hint=f"The presets are {', '.join(PRESETS)}.")
        return shipped(preset)
    if mapping is not None:
        if not mapping.is_file():
            raise BadQuestion(f"{mapping}: there is no such mapping.")
        return _parsed(mapping)
    return None


def shipped(preset: str) -> Mapping:
    """The mapping of that name, which there is."""
    return _parsed(_SHIPPED / f"{preset}.sql")


def _parsed(file: Path | Traversable) -> Mapping:
    _, *parts = _NAME.split(file.read_text("utf-8"))
    names, queries = parts[::2], parts[1::2]
    unknown = [name for name in names if name not in KINDS]
    if unknown or not names or len(set(names)) < len(names):
        wrong = f"there is no kind {unknown[0]}" if unknown else "it needs one query for each kind that it gives"
        raise ImportRefused(
            [],
            message=f"{file.name}: {wrong}.",
            hint=f"A query begins with a line `-- KIND --`; the kinds are {', '.join(KINDS)}.",
        )
    found = dict(zip(names, queries, strict=True))
    return Mapping(file.name, {kind: found[kind].strip().rstrip(";") for kind in KINDS if kind in found})
