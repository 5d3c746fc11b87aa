"""Which columns of a kind a batch gives, and what to say about those that it should not or should have given."""

from collections.abc import Sequence
from difflib import get_close_matches

from tallymark.errors import ImportRefused, Problem
from tallymark.ingest.batch import Table
from tallymark.ingest.kinds import Column, Kind


def given_columns(kind: Kind, tables: Sequence[Table]) -> tuple[Column, ...]:
    """The columns that these tables give, and the key, in the kind's order; none when there are no tables.

    Raises ImportRefused for a column that is unknown, given twice or missing, and for tables that differ:
    an empty value clears what is stored and an absent column leaves it, so one merge cannot do both.
    """
    problems = [problem for table in tables for problem in _problems(kind, table, tables[0])]
    if problems:
        raise ImportRefused(problems, message=f"The import was refused: {problems[0]}. Nothing was stored.")
    named = {*kind.key, *tables[0].columns} if tables else set()
    return tuple(column for column in kind if column.name in named)


def _problems(kind: Kind, table: Table, first: Table) -> list[Problem]:
    def problem(column: str | None, reason: str) -> Problem:
        return Problem(table.origin, 1, column, reason)

    found = [
        problem(name, f"is not a column of {kind.name}; {_nearest(name, kind)}")
        for name in table.columns
        if name not in kind.column_names
    ]
    found += [problem(name, "is missing") for name in kind.required if name not in table.columns]
    found += [problem(name, "is there twice") for name in set(table.columns) if table.columns.count(name) > 1]
    if not found and set(table.columns) != set(first.columns):
        different = ", ".join(sorted(set(table.columns) ^ set(first.columns)))
        found.append(problem(None, f"has other columns than {first.origin} ({different}); import them one by one"))
    return found


def _nearest(name: str, kind: Kind) -> str:
    near = get_close_matches(name.lower(), kind.column_names, n=1, cutoff=0.5)
    known = ", ".join(kind.column_names)
    return f"did you mean {near[0]}?" if near else f"there are {known}"
