"""The settings of the caller's session that a load changes while it works."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from psycopg import Connection
from psycopg.rows import dict_row

from tallymark.db import queries

SQL = queries.load("tallymark.ingest", "session.sql")


@contextmanager
def settings_for(conn: Connection[Any], timezone: str, probing: bool | None = None) -> Iterator[None]:
    """Local times follow `timezone`, and joins look keys up one by one (`probing`) or read whole tables.

    The first costs the same whatever the history, the second the same however many keys. Left alone, the planner
    picks either for both while new partitions have no statistics.
    """
    with conn.cursor(row_factory=dict_row) as cursor:
        before = cursor.execute(SQL.read).fetchone() or {}
    # Row counts and a rough idea of the keys are all that the joins need of a temporary table.
    during = before | {"timezone": timezone, "statistics": "10"}
    if probing is not None:
        probe, read = ("on", "off") if probing else ("off", "on")
        during |= {"nestloop": probe, "hashjoin": read, "mergejoin": read, "material": read}
    conn.execute(SQL.write, during)
    yield
    conn.execute(SQL.write, before)
