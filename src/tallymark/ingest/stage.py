"""Staging: a batch's text becomes typed rows in temporary tables, and every row that cannot is noted."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from psycopg import Connection, errors, sql

from tallymark.db import queries
from tallymark.errors import SHOWN_PROBLEMS, ImportRefused, Problem
from tallymark.ingest.batch import Batch, Progress, Table
from tallymark.ingest.columns import given_columns
from tallymark.ingest.kinds import KINDS, Column, Kind, Type

SQL = queries.load("tallymark.ingest", "stage.sql")
VALUES = queries.load("tallymark.ingest", "values.sql")

# Up to so many rows it is cheaper to look for each of them in what is stored than to read what is stored.
SMALL = 5_000

REASONS = {
    Type.ID: " is longer than 500 bytes",
    Type.TEXT: "",
    Type.CURRENCY: " is not a currency code of three capital letters",
    Type.FOREIGN_CURRENCY: " is not the code of another currency than the shop's own",
    Type.MONEY: " is not a decimal number",
    Type.RATE: " is not a decimal number above 0",
    Type.COUNT: " is not a whole number",
    Type.INSTANT: " is not a date and time such as 2024-05-31T18:30:00+02:00",
    Type.DAY: " is not a day of the years 1970 to 2199 such as 2024-05-31",
    Type.BOOLEAN: " is neither true nor false",
}


@dataclass(frozen=True, slots=True)
class Incoming:
    """The records of one kind that came in: `rows` of them, with these columns, in the table `incoming_KIND`."""

    kind: Kind
    columns: tuple[Column, ...]
    rows: int = 0

    @property
    def staged(self) -> sql.Identifier:
        return sql.Identifier(f"staged_{self.kind.name}")

    @property
    def table(self) -> sql.Identifier:
        return sql.Identifier(f"incoming_{self.kind.name}")

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(column.name for column in self.columns)

    @property
    def content(self) -> tuple[str, ...]:
        """The columns that say something about a record, rather than which record it is."""
        return tuple(name for name in self.names if name not in self.kind.key)


def comma(parts: Sequence[sql.Composable]) -> sql.Composed:
    return sql.SQL(", ").join(parts)


def columns_of(names: Sequence[str], alias: str | None = None) -> sql.Composed:
    return comma([sql.Identifier(alias, name) if alias else sql.Identifier(name) for name in names])


def same(names: Sequence[str], one: str, other: str) -> sql.Composed:
    return sql.SQL(" AND ").join(
        sql.SQL("{} = {}").format(sql.Identifier(one, name), sql.Identifier(other, name)) for name in names
    )


class Staging:
    """The temporary tables of one batch."""

    def __init__(self, conn: Connection[Any], batch: Batch, progress: Progress) -> None:
        self._conn = conn
        self._progress = progress
        self._tables = list(batch.tables)
        self._staged_rows: Counter[str] = Counter()
        came = {table.kind for table in self._tables}
        # An order and its lines lean on each other: both are staged if either comes.
        both = {"orders", "order_items"}
        wanted = came | both if came & both else came
        self.incoming = {name: self._expected(kind) for name, kind in KINDS.items() if name in wanted}

    @property
    def came(self) -> list[Incoming]:
        """The kinds that the batch has tables of."""
        return [self.incoming[name] for name in KINDS if any(table.kind == name for table in self._tables)]

    @property
    def with_orders(self) -> bool:
        return "orders" in self.incoming

    @property
    def rows(self) -> int:
        return self._staged_rows.total()

    @property
    def small(self) -> bool:
        return self.rows <= SMALL

    def fill(self) -> None:
        """Stage every table; all that can be told from the batch alone is noted in `bad_rows`."""
        self._conn.execute(SQL.bad_rows)
        for incoming in self.incoming.values():
            self._run(SQL.staged, staged=incoming.staged, columns=_text_columns(incoming.names))
        for number, table in enumerate(self._tables, start=1):
            self._copy(number, table)
        for name, incoming in self.incoming.items():
            self._progress(f"Checking {name}", 0)
            self.incoming[name] = self._take(incoming)

    def refusal(self) -> ImportRefused | None:
        """Why the batch is refused: every bad row counted, the first of them named."""
        found = self._conn.execute(SQL.first_bad_rows, {"shown": SHOWN_PROBLEMS}).fetchall()
        problems = [(file, line, self._problem(file, line, *what)) for file, line, *what in found]
        total = self._conn.execute(SQL.count_bad_rows).fetchall()[0][0]
        for number, table in enumerate(self._tables, start=1):
            problems += [(number, problem.line, problem) for problem in table.unreadable.first]
            total += table.unreadable.total
        problems.sort(key=lambda found: found[:2])
        return ImportRefused([problem for _, _, problem in problems], total) if total else None

    def drop(self) -> None:
        """Make room for another batch in the same transaction."""
        names = [identifier for i in self.incoming.values() for identifier in (i.staged, i.table)]
        names += [sql.Identifier("bad_rows"), sql.Identifier("order_times")]
        self._run(SQL["drop"], tables=comma(names))

    def _expected(self, kind: Kind) -> Incoming:
        tables = [table for table in self._tables if table.kind == kind.name]
        return Incoming(kind, given_columns(kind, tables) or kind.columns)

    def _problem(
        self, file: int, line: int, column: str, reason: str, other_file: int | None, other_line: int | None
    ) -> Problem:
        origin, stands = self._tables[file - 1].stands(line)
        if other_file is not None and other_line is not None:
            there, at = self._tables[other_file - 1].stands(other_line)
            told = f"line {at}" if there == origin else f"{there}, line {at}"
            reason = f"{reason} is already at {told}, with other values"
        return Problem(origin, stands, column, reason)

    def _run(self, query: str, parameters: Mapping[str, object] | None = None, **parts: sql.Composable) -> int:
        return self._conn.execute(sql.SQL(query).format(**parts), parameters).rowcount

    def _copy(self, number: int, table: Table) -> None:
        staged = self.incoming[table.kind].staged
        self._run(SQL.set_file, staged=staged, file=sql.Literal(number))
        rows = 0
        statement = sql.SQL(SQL["copy"]).format(staged=staged, columns=columns_of(table.columns))
        try:
            with self._conn.cursor() as cursor:
                with cursor.copy(statement) as copy:
                    for chunk in table.chunks:
                        copy.write(chunk)
                        rows += chunk.count(b"\n")
                        self._progress(f"Reading {table.origin}", rows)
                self._staged_rows[table.kind] += cursor.rowcount
        except errors.DataError as unreadable:
            raise ImportRefused([Problem(table.origin, rows, None, str(unreadable))]) from unreadable

    def _take(self, incoming: Incoming) -> Incoming:
        good = sql.SQL(" AND ").join(_accepts(column) for column in incoming.columns)
        values = comma(
            [sql.SQL("{} AS {}").format(_typed(column), sql.Identifier(column.name)) for column in incoming.columns]
        )
        taken = self._run(SQL.incoming, incoming=incoming.table, staged=incoming.staged, values=values, good=good)
        if taken < self._staged_rows[incoming.kind.name]:
            verdicts = comma([_verdict(incoming.kind, column) for column in incoming.columns])
            self._run(SQL.note_bad_values, staged=incoming.staged, good=good, verdicts=verdicts)
        for column in incoming.columns:
            if column.type is Type.INSTANT:
                place = _place(incoming.kind, column)
                self._conn.execute(sql.SQL(SQL.note_bad_instants).format(incoming=incoming.table, **place))
        rows = taken - self._drop_repeats(incoming)
        if self.small:
            self._run(SQL.index, table=incoming.table, key=columns_of(incoming.kind.key))
        self._run(SQL.analyze, table=incoming.table, key=columns_of(incoming.kind.key))
        return Incoming(incoming.kind, incoming.columns, rows)

    def _drop_repeats(self, incoming: Incoming) -> int:
        """Leaves one row of each key, and says how many others there were."""
        kind, dropped = incoming.kind, 0
        key, newest = columns_of(kind.key), kind.newest
        order: list[sql.Composable] = [sql.Identifier(name) for name in kind.key]
        if newest:
            order.append(sql.SQL("{} DESC").format(sql.Identifier(newest)))
        order += [sql.Identifier("file"), sql.Identifier("line")]
        if self._run(SQL.repeated, incoming=incoming.table, key=key, order=comma(order)):
            self._run(
                SQL.note_contradictions,
                incoming=incoming.table,
                key=key,
                key_names=sql.Literal(", ".join(kind.key)),
                key_values=columns_of(kind.key, "i"),
                rival=same([newest], "i", "r") if newest else sql.SQL("true"),
                given=columns_of(incoming.names, "i"),
                kept=columns_of(incoming.names, "r"),
            )
            dropped = self._run(SQL.drop_repeats, incoming=incoming.table, same_key=same(kind.key, "i", "r"))
        self._run(SQL["drop"], tables=sql.Identifier("repeated"))
        return dropped


def _text_columns(names: Sequence[str]) -> sql.Composed:
    return comma([sql.SQL('{} text COLLATE "C"').format(sql.Identifier(name)) for name in names])


def _ok(column: Column) -> sql.Composed:
    return sql.SQL(VALUES[f"{column.type.name.lower()}_ok"]).format(
        value=sql.Identifier(column.name), choices=comma([sql.Literal(choice) for choice in column.choices])
    )


def _accepts(column: Column) -> sql.Composed:
    missing = sql.SQL("false" if column.required else "true")
    return sql.SQL("(CASE WHEN {} IS NULL THEN {} ELSE {}\nEND)").format(
        sql.Identifier(column.name), missing, _ok(column)
    )


def _typed(column: Column) -> sql.Composed:
    value = sql.SQL(VALUES[f"{column.type.name.lower()}_value"]).format(value=sql.Identifier(column.name))
    if column.default is None:
        return value
    return sql.SQL("coalesce({}, {})").format(value, sql.Literal(column.default))


def _place(kind: Kind, column: Column) -> dict[str, sql.Composable]:
    return {
        "position": sql.Literal(kind.columns.index(column) + 1),
        "name": sql.Literal(column.name),
        "value": sql.Identifier(column.name),
    }


def _verdict(kind: Kind, column: Column) -> sql.Composed:
    reason = REASONS.get(column.type) or f" is not one of {', '.join(column.choices)}"
    missing = sql.Literal("is missing") if column.required else sql.NULL
    return sql.SQL(SQL.verdict).format(
        **_place(kind, column), missing=missing, ok=_ok(column), reason=sql.Literal(reason)
    )
