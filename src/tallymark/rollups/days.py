"""Rollups that are made anew for whole local days that hold a change: expenses, activity, sign-ups.

Their rows are few for each day, or cannot be added up (distinct visitors); so nothing is kept of single rows.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from psycopg import Connection, sql

from tallymark.db.queries import load
from tallymark.model import Tenant

DAYS = load("tallymark.rollups", "days.sql")


@dataclass(frozen=True, slots=True)
class Tally:
    """One such rollup, defined in days.sql under its name."""

    name: str
    keys: tuple[str, ...]
    measures: tuple[str, ...]

    @property
    def parts(self) -> dict[str, sql.Composable]:
        return {
            "name": sql.SQL(self.name),
            "definition": sql.SQL(DAYS[self.name]),
            "keys": sql.SQL(", ".join(self.keys)),
            "columns": sql.SQL(", ".join(self.keys + self.measures)),
            "same": sql.SQL(" AND ".join(f"t.{key} = g.{key}" for key in self.keys)),
            "replaced": sql.SQL(", ".join(f"{measure} = EXCLUDED.{measure}" for measure in self.measures)),
        }


@dataclass(frozen=True, slots=True)
class Diary:
    """A base table whose rows belong to the local day of an instant, and what is kept of its days."""

    source: str
    instant: str
    tallies: tuple[Tally, ...]

    @property
    def parts(self) -> dict[str, sql.Composable]:
        return {"source": sql.SQL(self.source), "instant": sql.SQL(self.instant)}


EXPENSES = Diary(
    "expenses", "incurred_at", (Tally("expense_day", ("day", "platform", "category"), ("amount", "expenses")),)
)
ACTIVITY = Diary(
    "activity",
    "occurred_at",
    (
        Tally("activity_day", ("day", "platform", "kind"), ("events", "visitors", "users")),
        Tally("activity_hour", ("day", "hour", "platform"), ("events", "visits", "visitors")),
        Tally("item_day", ("day", "platform", "product_id"), ("views", "carts", "checkouts")),
    ),
)
CUSTOMERS = Diary("customers", "created_at", (Tally("signup_day", ("day", "platform"), ("customers",)),))

DIARIES = {diary.source: diary for diary in (EXPENSES, ACTIVITY, CUSTOMERS)}
TALLIES = {tally.name: diary for diary in DIARIES.values() for tally in diary.tallies}


def redo_days(conn: Connection[Any], tenant: Tenant, source: str, instants: Iterable[datetime]) -> int:
    """Redoes the local days that the instants fall on; returns how many rows of the source they hold."""
    arguments = {"tenant": tenant.tenant_id, "timezone": tenant.timezone, "instants": sorted(instants)}
    row = conn.execute(_redo(source), arguments, prepare=True).fetchone()
    assert row is not None
    return int(row[0])


def place_month(conn: Connection[Any], tenant: Tenant, first: datetime, last: datetime) -> None:
    """Makes all days of [first, last), a local month of which there is nothing yet."""
    arguments = {"tenant": tenant.tenant_id, "timezone": tenant.timezone, "first": first, "last": last}
    for source in DIARIES:
        conn.execute(_place(source), arguments, prepare=False)


def span_of_days() -> sql.Composed:
    """From the first row of any diary to the last."""
    spans = (sql.SQL(DAYS.span_of).format(**diary.parts) for diary in DIARIES.values())
    return sql.SQL(DAYS.span).format(spans=sql.SQL("\nUNION ALL ").join(spans))


def rows_of(diary: Diary) -> sql.Composed:
    """The SELECT that all tallies of a diary are made of."""
    return sql.SQL(DAYS.rows_of_a_month).format(**diary.parts)


@cache
def _redo(source: str) -> sql.Composed:
    diary = DIARIES[source]
    claimed = sql.SQL("claimed_day AS MATERIALIZED ({})").format(sql.SQL(DAYS.days_of_changes))
    happened = sql.SQL(DAYS.rows_of_days).format(**diary.parts)
    return _statement(claimed, happened, (sql.SQL(DAYS.redo).format(**tally.parts) for tally in diary.tallies))


@cache
def _place(source: str) -> sql.Composed:
    diary = DIARIES[source]
    return _statement(None, rows_of(diary), (sql.SQL(DAYS.place).format(**tally.parts) for tally in diary.tallies))


def _statement(
    claimed: sql.Composable | None, happened: sql.Composable, tallies: Iterable[sql.Composable]
) -> sql.Composed:
    parts = [*([claimed] if claimed else []), sql.SQL("happened AS MATERIALIZED ({})").format(happened), *tallies]
    return sql.SQL("WITH {}\nSELECT count(*) FROM happened").format(sql.SQL(",\n").join(parts))
