"""Compares every stored fact and rollup row with a full recount of the base tables.

The recount is the build itself, run into temporary tables that hide the stored ones, in one snapshot, and rolled back.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from psycopg import Connection, Rollback, sql

from tallymark.db.queries import load
from tallymark.model import Tenant
from tallymark.rollups.advance import advance
from tallymark.rollups.build import build_at_once
from tallymark.rollups.rollup import KEPT, STORED

SQL = load("tallymark.rollups", "verify.sql")
SHOWN = 20

Row = Mapping[str, str | None]


@dataclass(frozen=True, slots=True)
class Difference:
    """A row that is stored but should not be (`side` = 'stored'), or should be and is not ('recounted')."""

    table: str
    side: str
    row: str


@dataclass(frozen=True, slots=True)
class Verification:
    """How many stored rows were compared, how many differ, the first of each table, and in what they do."""

    rows_compared: int
    differing: int
    differences: tuple[Difference, ...]
    deviations: tuple[str, ...]

    @property
    def ok(self) -> bool:
        return self.differing == 0


def verify(
    conn: Connection[Any],
    tenant: Tenant,
    *,
    on_table: Callable[[str], None] = lambda _: None,
    on_hidden: Callable[[Connection[Any]], None] = lambda _: None,
    on_recount: Callable[[Connection[Any]], None] = lambda _: None,
) -> Verification:
    """Recounts in the snapshot of the running transaction (REPEATABLE READ, with the tenant's lock) and compares.

    Changes that wait in the log are applied first. Nothing is kept: the whole comparison is rolled back.
    `on_hidden` is called before the recount, to put more in the place of what is stored. `on_recount` is called while
    unqualified names mean the recount, to compare what is computed from it.
    """
    found: Verification | None = None
    with conn.transaction():
        while not advance(conn, tenant).settled:
            pass
        _hide_stored(conn, tenant)
        on_hidden(conn)
        on_table("recounting")
        build_at_once(conn, tenant)
        on_recount(conn)
        compared = differing = 0
        differences: list[Difference] = []
        deviations: list[str] = []
        for table in (*STORED, *KEPT):
            on_table(table)
            rows, differ, shown, told = _compare(conn, table, tenant)
            compared, differing = compared + rows, differing + differ
            differences += shown
            deviations += told
        found = Verification(compared, differing, tuple(differences), tuple(deviations))
        raise Rollback
    assert found is not None
    return found


def _hide_stored(conn: Connection[Any], tenant: Tenant) -> None:
    """Empty tables in the place of those that a build makes; of those it only adds to, copies."""
    for table in (*STORED, *KEPT):
        conn.execute(
            sql.SQL("CREATE TEMPORARY TABLE {} (LIKE tallymark.{} INCLUDING ALL)").format(
                sql.Identifier(table), sql.Identifier(table)
            )
        )
    for table in KEPT:
        copy = sql.SQL("INSERT INTO pg_temp.{} SELECT * FROM tallymark.{} WHERE tenant_id = %s")
        conn.execute(copy.format(sql.Identifier(table), sql.Identifier(table)), (tenant.tenant_id,))


def _compare(conn: Connection[Any], table: str, tenant: Tenant) -> tuple[int, int, list[Difference], list[str]]:
    stored = sql.SQL("SELECT * FROM tallymark.{} WHERE tenant_id = %(tenant)s").format(sql.Identifier(table))
    recounted = sql.SQL("SELECT * FROM pg_temp.{}").format(sql.Identifier(table))
    rows = conn.execute(sql.SQL("SELECT count(*) FROM ({}) s").format(stored), {"tenant": tenant.tenant_id}).fetchone()
    assert rows is not None
    shown: list[Difference] = []
    sides: list[list[Row]] = []
    for side, one, other in (("stored", stored, recounted), ("recounted", recounted, stored)):
        found = conn.execute(
            sql.SQL(
                "SELECT d::text, (SELECT jsonb_object_agg(key, value) FROM jsonb_each_text(to_jsonb(d)))"
                " FROM (({}) EXCEPT ALL ({})) d ORDER BY 1 LIMIT {}"
            ).format(one, other, sql.Literal(SHOWN)),
            {"tenant": tenant.tenant_id},
        ).fetchall()
        shown += [Difference(table, side, row) for row, _ in found]
        sides.append([values for _, values in found])
    if not shown:
        return rows[0], 0, [], []
    key = [name for (name,) in conn.execute(SQL.primary_key, {"table": table})]
    both = sql.SQL("({0} EXCEPT ALL {1}) UNION ALL ({1} EXCEPT ALL {0})").format(stored, recounted)
    differing = conn.execute(
        sql.SQL("SELECT count(*) FROM (SELECT DISTINCT {} FROM ({}) d) place").format(
            sql.SQL(", ").join(map(sql.Identifier, key)), both
        ),
        {"tenant": tenant.tenant_id},
    ).fetchone()
    assert differing is not None
    return rows[0], differing[0], shown, list(_deviations(table, key, *sides))


def _deviations(table: str, key: Sequence[str], stored: Sequence[Row], recounted: Sequence[Row]) -> Iterator[str]:
    """In words: which values of which row are stored, and what a recount gives."""
    was, is_ = ({tuple(row[name] for name in key): row for row in rows} for rows in (stored, recounted))
    for place in {**was, **is_}:
        named = zip(key, place, strict=True)
        where = ", ".join([table, *(str(value) for name, value in named if name != "tenant_id")])
        if place not in is_:
            yield f"{where}: is not to be there"
        elif place not in was:
            yield f"{where}: is missing"
        else:
            now, before = is_[place], was[place]
            differ = [f"{name} {before[name]}, recounted {now[name]}" for name in before if now[name] != before[name]]
            yield f"{where}: {', '.join(differ)}"
