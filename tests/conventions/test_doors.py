"""Each package is entered by its door: nobody imports from inside another's."""

import ast
from collections.abc import Iterator
from pathlib import Path

SOURCE = Path(__file__).parents[2] / "src" / "tallymark"
# Modules that are doors themselves: named SQL, the directory of tenants, parts of the database that the operator's
# commands look at, exchange rates, and the sources of records.
DOORS = {
    "tallymark.db.queries",
    "tallymark.db.directory",
    "tallymark.db.embedded",
    "tallymark.db.migrations",
    "tallymark.db.roles",
    "tallymark.db.tuning",
    "tallymark.ingest.rates",
    "tallymark.connectors.demo",
    "tallymark.connectors.files",
    "tallymark.api.auth",
    "tallymark.api.problems",
    "tallymark.model.money",
    "tallymark.model.period",
}
# The composition root puts the parts together.
ROOT = SOURCE / "app.py"


def test_nobody_reaches_past_anothers_door() -> None:
    assert sorted(_past_doors()) == []


def _past_doors() -> Iterator[str]:
    for file in set(SOURCE.rglob("*.py")) - {ROOT}:
        package = file.relative_to(SOURCE).parts[0]
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("tallymark."):
                _, other, *inside = node.module.split(".")
                if inside and other != package and node.module not in DOORS:
                    yield f"{file.relative_to(SOURCE)}: {node.module}"
