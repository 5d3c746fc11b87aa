"""What a metric's SQL reads, without parsing it where that has been done before.

To parse the SQL of all built-in metrics takes the better part of a second, of every command and of every process of a
worker. What came of it is kept in `lineage.json`; any other SQL is parsed.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from importlib import resources

from tallymark import rollups

SourcesOf = Callable[[str], frozenset[str]]


@dataclass(frozen=True, slots=True)
class Lineage:
    """What one SELECT reads (`tables`, `sources`), needs (`placeholders`) and gives (`columns`, in order)."""

    tables: frozenset[str]
    sources: frozenset[str]
    placeholders: frozenset[str]
    columns: tuple[str, ...]


def trace(file: str, sql: str, sources_of: SourcesOf) -> Lineage:
    """What the SQL reads. Raises SettingsError that names the file and the rule that it does not keep to."""
    kept = _kept().get(digest(sql)) if sources_of is rollups.sources_of else None
    if kept is not None:
        return kept
    from tallymark.metrics import lineage  # It takes half a second to load what parses.

    return lineage.trace(file, sql, sources_of)


def digest(sql: str) -> str:
    return sha256(sql.encode()).hexdigest()


@cache
def _kept() -> Mapping[str, Lineage]:
    text = resources.files("tallymark.metrics").joinpath("lineage.json").read_text("utf-8")
    return {
        key: Lineage(
            frozenset(one["tables"]), frozenset(one["sources"]), frozenset(one["placeholders"]), tuple(one["columns"])
        )
        for key, one in json.loads(text).items()
    }
