"""How our code reads, as far as a program can tell."""

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[2]
SOURCE = REPOSITORY / "src/tallymark"
MODULES = sorted(SOURCE.rglob("*.py"))

LONGEST_FILE, LONGEST_FUNCTION = 500, 60

# The entry points: the edge of the process, where a clock and the environment may be read.
EDGES = ("settings.py", "cli/", "app.py", "api/")
CLOCKS = {
    "datetime.now", "datetime.utcnow", "datetime.today", "date.today", "datetime.datetime.now", "datetime.date.today",
    "time.time", "time.time_ns", "time.localtime", "time.gmtime", "time.strftime",
}  # fmt: skip
ENVIRONMENT = {"os.environ", "os.getenv", "os.environb", "os.putenv"}

STATEMENT = re.compile(
    r"\s*(SELECT\b.*\b(FROM|current_setting|set_config|pg_\w+\()|INSERT\s+INTO\b|UPDATE\s+\S+\s+SET\b|DELETE\s+FROM\b"
    r"|WITH\s+\w+\s+(\([^)]*\)\s+)?AS\b|(CREATE|ALTER|DROP)\s+(TEMP|TABLE|VIEW|FUNCTION|INDEX|ROLE|SCHEMA)\w*\b)",
    re.DOTALL,
)
# Statements made in Python, each with the reason.
COMPOSED = {
    "connectors/files/duck.py": "names of views in DuckDB come from the files that are imported",
    "db/roles.py": "advice for the operator, not run",
    "db/embedded.py": "CREATE DATABASE before there is a database to keep a query for",
    "rollups/apply.py": "one statement over all rollups is composed from their definitions",
    "rollups/build.py": "clears whichever table of the catalogue it is told to",
    "rollups/rollup.py": "a rollup is a definition; its statements are made from it",
    "rollups/advance.py": "how the transaction that follows plans its statements",
    "rollups/lineage.py": "SQL is its subject",
    "rollups/verify.py": "hides and compares whichever table of the catalogue it is told to",
    "metrics/evaluate.py": "wraps the SELECT of any metric",
    "metrics/lineage.py": "SQL is its subject",
}


def _named(path: Path) -> str:
    return path.relative_to(SOURCE).as_posix()


@cache
def _tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text("utf-8"))


def _dotted(node: ast.expr) -> str:
    if isinstance(node, ast.Attribute):
        return f"{_dotted(node.value)}.{node.attr}"
    return node.id if isinstance(node, ast.Name) else ""


def test_the_import_order_holds() -> None:
    program = Path(sys.executable).with_name("lint-imports")
    checked = subprocess.run([program, "--no-cache"], cwd=REPOSITORY, capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stdout


@pytest.mark.parametrize("path", [path for path in MODULES if not _named(path).startswith(EDGES)], ids=_named)
def test_nothing_below_the_entry_points_reads_a_clock_or_the_environment(path: Path) -> None:
    names = {_dotted(node) for node in ast.walk(_tree(path)) if isinstance(node, ast.Attribute)}
    assert names & (CLOCKS | ENVIRONMENT) == set()


@pytest.mark.parametrize("path", [path for path in MODULES if path.name == "__init__.py"], ids=_named)
def test_every_package_has_a_door(path: Path) -> None:
    if path.parent == SOURCE or len(_tree(path).body) <= 1:
        return
    assigned = {target.id for target in _assigned(_tree(path)) if isinstance(target, ast.Name)}
    assert "__all__" in assigned


def _assigned(tree: ast.Module) -> Iterator[ast.expr]:
    for node in tree.body:
        if isinstance(node, ast.Assign):
            yield from node.targets


@pytest.mark.parametrize("path", MODULES, ids=_named)
def test_sql_lives_in_sql_files(path: Path) -> None:
    tree = _tree(path)
    prose = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    found = [
        node.value[:70]
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and id(node) not in prose
        and STATEMENT.match(node.value)
    ]
    if _named(path) in COMPOSED:
        return
    assert found == []


def test_the_list_of_exceptions_is_short_and_true() -> None:
    assert {name for name in COMPOSED if not (SOURCE / name).exists()} == set()
    assert len(COMPOSED) <= 12


@pytest.mark.parametrize(
    "path",
    [*MODULES, *sorted((REPOSITORY / "tests").rglob("*.py")), *sorted(SOURCE.rglob("*.sql"))],
    ids=lambda path: path.relative_to(REPOSITORY).as_posix(),
)
def test_a_file_holds_one_thing(path: Path) -> None:
    assert len(path.read_text("utf-8").splitlines()) <= LONGEST_FILE


@pytest.mark.parametrize("path", MODULES, ids=_named)
def test_a_function_is_taken_in_at_a_glance(path: Path) -> None:
    functions = [node for node in ast.walk(_tree(path)) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    long = {node.name: _lines(node) for node in functions if _lines(node) > LONGEST_FUNCTION}
    assert long == {}


def _lines(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    assert node.end_lineno is not None
    return node.end_lineno - node.lineno + 1


@pytest.mark.parametrize("path", MODULES, ids=_named)
def test_no_folder_or_module_is_a_pattern(path: Path) -> None:
    patterns = {"utils", "util", "helpers", "helper", "common", "service", "services", "manager", "base", "misc"}
    assert patterns.isdisjoint(path.relative_to(SOURCE).with_suffix("").parts)
