"""The settings of the caller's session that a load changes while it works."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from psycopg import Connection
from psycopg.rows import dict_row

from tallymark.db import queries

SQL = queries.load("tallymark.ingest", "session.sql")
SMALL = 5_000


@contextmanager
def settings_for(conn: Connection[Any], timezone: str, rows: int | None = None) -> Iterator[None]:
    """Local times follow `timezone`, and joins are made as suits a batch of so many rows.

    A small batch probes what is stored key by key and costs the same whatever the history; a large one reads
    the history once. Left alone, the planner picks either for both while new partitions have no statistics.
    """
    with conn.cursor(row_factory=dict_row) as cursor:
        before = cursor.execute(SQL.read).fetchone() or {}
    during = before | {"timezone": timezone}
    if rows is not None:
        probing, reading = ("on", "off") if rows <= SMALL else ("off", "on")
        during |= {"nestloop": probing, "hashjoin": reading, "mergejoin": reading, "material": reading}
    conn.execute(SQL.write, during)
    yield
    conn.execute(SQL.write, before)
