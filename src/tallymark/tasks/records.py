"""The tables of jobs, below what is in them: who may look, and what is thrown away."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from psycopg import Connection

from tallymark.db import Database
from tallymark.db.queries import load

SQL = load("tallymark.tasks", "ledger.sql")

EVERYBODY = 0
"""In the place of a tenant's number: all of them."""


@contextmanager
def engine(database: Database) -> Iterator[Connection[Any]]:
    """A transaction that sees the jobs of all tenants, and of nothing else anything."""
    with database.connect(None) as conn:
        conn.execute(SQL.engine)
        yield conn


def forget(database: Database) -> int:
    """Removes records of runs that nobody will ask for any more; returns how many."""
    with engine(database) as conn:
        return conn.execute(SQL.forget).rowcount
