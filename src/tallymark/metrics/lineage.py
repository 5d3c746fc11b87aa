"""What a metric's SQL reads, and whether it keeps to the rules.

A metric is one SELECT over rollups, facts and dimensions. It reads no clock (what day it is comes with the
question), and names its tenant on every table it reads, so that it runs unchanged on one machine or on many.

What the built-in metrics read is written down in `lineage.json`, by `python -m tallymark.metrics.lineage` and the path
of that file; a test holds it current. `traced` looks there first.
"""

import json
import re
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError
from sqlglot.optimizer.scope import traverse_scope

from tallymark import rollups
from tallymark.errors import SettingsError
from tallymark.metrics.traced import Lineage, SourcesOf, digest

# The base tables by what a metric may do with them: join them as they stand, or read only their rollups.
DIMENSIONS = frozenset({"products", "customers", "categories", "sales_reps", "inventory_levels", "activity"})
ROLLED_UP = frozenset({"orders", "order_items", "refunds", "expenses", "segments", "exchange_rates"})

LONGEST_NAME = 63  # PostgreSQL cuts longer ones off without a word.

_PLACEHOLDER = re.compile(r"%%|%\(\w+\)s")
_CLOCKS = (
    exp.CurrentDate,
    exp.CurrentDatetime,
    exp.CurrentTime,
    exp.CurrentTimestamp,
    exp.Localtime,
    exp.Localtimestamp,
)
_CLOCK_FUNCTIONS = frozenset({"now", "clock_timestamp", "statement_timestamp", "transaction_timestamp", "timeofday"})
_CLOCK_WORDS = frozenset({"now", "today", "yesterday", "tomorrow"})
_UNSTEADY = (exp.Rand, exp.Uuid)
_WRITES = (exp.DML, exp.DDL, exp.Into, exp.Lock, exp.Command)


@cache
def trace(file: str, sql: str, sources_of: SourcesOf) -> Lineage:
    """Parse the SQL and hold it to the rules. Raises SettingsError that names the file and the rule."""
    try:
        return _trace(sql, sources_of)
    except (_Refused, SqlglotError) as refused:
        raise SettingsError(f"{file}: {refused}") from None


class _Refused(Exception):
    pass


def _trace(sql: str, sources_of: SourcesOf) -> Lineage:
    if "%" in _PLACEHOLDER.sub("", sql):
        raise _Refused("a percent sign that begins no %(placeholder)s is written %%")
    statements = [statement for statement in sqlglot.parse(sql, dialect="postgres") if statement is not None]
    if len(statements) != 1 or not isinstance(statements[0], exp.Select):
        raise _Refused("a metric is exactly one SELECT")
    select = statements[0]
    _refuse_writes_and_clocks(select)
    sources: set[str] = set()
    tables: set[str] = set()
    for table, scope, beside in _tables(select):
        sources |= _sources(table, sources_of)
        tables.add(table.name)
        _require_tenant(table, scope, alone=beside == 1)
    placeholders = frozenset(placeholder.name for placeholder in select.find_all(exp.Placeholder))
    return Lineage(frozenset(tables), frozenset(sources), placeholders, _columns(select))


def _refuse_writes_and_clocks(select: exp.Select) -> None:
    for node in select.walk():
        if isinstance(node, _WRITES) and not isinstance(node, exp.Query):
            raise _Refused("a metric is exactly one SELECT that locks and writes nothing")
        word = isinstance(node, exp.Cast) and node.this.is_string and node.name.strip().lower() in _CLOCK_WORDS
        function = isinstance(node, exp.Anonymous) and node.name.lower() in _CLOCK_FUNCTIONS
        if isinstance(node, _CLOCKS) or word or function:
            raise _Refused(f"{node.sql('postgres')} reads the clock: use %(as_of)s, which the question brings")
        if isinstance(node, _UNSTEADY):
            raise _Refused(f"{node.sql('postgres')} gives another answer each time")


def _tables(select: exp.Select) -> Iterator[tuple[exp.Table, exp.Expr, int]]:
    """Each table that is read, the SELECT that reads it, and how many tables that SELECT reads."""
    found: set[int] = set()
    for scope in traverse_scope(select):
        names = [(node, source) for node, source in scope.selected_sources.values()]
        found |= {id(node) for node, _ in names}
        tables = [source for _, source in names if isinstance(source, exp.Table)]
        for table in tables:
            if isinstance(table.this, exp.Identifier):
                yield table, scope.expression, len(tables)
            elif not isinstance(table.this, exp.ExplodingGenerateSeries):
                raise _Refused(f"it reads {table.this.sql('postgres')}, which is no table")
    for table in select.find_all(exp.Table):
        if id(table) not in found:
            raise _Refused(f"it reads {table.sql('postgres')} in a way that cannot be followed")


def _sources(table: exp.Table, sources_of: SourcesOf) -> frozenset[str]:
    if table.db:
        raise _Refused(f"it reads {table.sql('postgres')}: tables are named without a schema")
    sources = sources_of(table.name)
    if table.name in ROLLED_UP or not sources <= DIMENSIONS | ROLLED_UP:
        raise _Refused(f"it reads {table.name}, which is neither a rollup nor a dimension")
    return sources


def _require_tenant(table: exp.Table, select: exp.Expr, *, alone: bool) -> None:
    names = {table.alias_or_name} | ({""} if alone else set())
    if not any(_is_tenant(condition, names) for condition in _conditions(select)):
        raise _Refused(f"{table.alias_or_name} must be held to tenant_id = %(tenant)s where it is read")


def _conditions(select: exp.Expr) -> Iterator[exp.Expr]:
    where = select.args.get("where")
    joined = [join.args.get("on") for join in select.args.get("joins") or []]
    for condition in (where.this if where else None, *joined):
        if condition is not None:
            yield from condition.flatten() if isinstance(condition, exp.And) else (condition,)


def _is_tenant(condition: exp.Expr, names: set[str]) -> bool:
    if not isinstance(condition, exp.EQ):
        return False
    sides = (condition.this, condition.expression), (condition.expression, condition.this)
    return any(
        isinstance(column, exp.Column)
        and (column.name, value.name) == ("tenant_id", "tenant")
        and column.table in names
        for column, value in sides
        if isinstance(value, exp.Placeholder)
    )


def _columns(select: exp.Select) -> tuple[str, ...]:
    names = tuple(column.alias_or_name for column in select.expressions)
    for name in names:
        if name in ("", "*"):
            raise _Refused("it must name each of its columns")
        if len(name.replace("%%", "%").encode()) > LONGEST_NAME:
            raise _Refused(f"the name {name!r} is longer than {LONGEST_NAME} bytes")
        if names.count(name) > 1:
            raise _Refused(f"there are two columns named {name!r}")
    return names


def written(sql_of: dict[str, str]) -> str:
    """`lineage.json` for the built-in metrics: their SQL by name."""
    found = {}
    for name, sql in sorted(sql_of.items()):
        traced = trace(f"{name}.sql", sql, rollups.sources_of)
        found[digest(sql)] = {
            "metric": name,
            "tables": sorted(traced.tables),
            "sources": sorted(traced.sources),
            "placeholders": sorted(traced.placeholders),
            "columns": traced.columns,
        }
    return json.dumps(found, indent=1) + "\n"


if __name__ == "__main__":
    from tallymark.metrics import Catalog

    Path(sys.argv[1]).write_text(written({name: metric.sql for name, metric in Catalog.load().items()}), "utf-8")
