"""Merging: typed rows become rows of the base tables, in the order in which kinds depend on each other."""

from collections.abc import Sequence
from typing import Any

from psycopg import Connection, sql

from tallymark.db import queries
from tallymark.ingest.batch import Counts
from tallymark.ingest.kinds import Kind
from tallymark.ingest.stage import Incoming, columns_of, comma, same

SQL = queries.load("tallymark.ingest", "merge.sql")
STAGE = queries.load("tallymark.ingest", "stage.sql")


class Merge:
    """The merge of one batch into the rows of one tenant and platform; `lock` comes before anything else."""

    def __init__(self, conn: Connection[Any], tenant_id: int, platform: str) -> None:
        self._conn = conn
        self._whose: dict[str, object] = {"tenant": tenant_id, "platform": platform}
        self._known = self._moved = 0

    def ensure_months(self) -> None:
        self._run(SQL.ensure_months)

    def lock(self, kinds: Sequence[Kind]) -> None:
        platforms = ["" if kind.shared else self._whose["platform"] for kind in kinds]
        self._conn.execute(SQL.lock, self._whose | {"platforms": platforms, "kinds": [kind.name for kind in kinds]})

    def find_orders(self, small: bool) -> None:
        """Looks up what is stored of the orders that the batch names, and notes lines that have no order."""
        parts = {name: sql.Literal(value) for name, value in self._whose.items()}
        holds_orders = self._conn.execute(SQL.holds_orders, self._whose).fetchall()[0][0]
        self._conn.execute(sql.SQL(SQL.order_times if holds_orders else SQL.first_order_times).format(**parts))
        key = sql.Identifier("order_id")
        for step in (STAGE.index, STAGE.analyze) if small else (STAGE.analyze,):
            self._run(step, table=sql.Identifier("order_times"), key=key)
        self._known, self._moved = self._conn.execute(SQL.count_orders).fetchall()[0]
        self._conn.execute(SQL.note_orphans)

    def apply(self, incoming: Incoming) -> Counts:
        """Writes what is new or different of one kind."""
        steps = {"orders": self._orders, "order_items": self._items}
        new, changed = steps.get(incoming.kind.name, self._plain)(incoming)
        return Counts(new, changed, incoming.rows - new - changed)

    def _plain(self, incoming: Incoming) -> tuple[int, int]:
        kind = incoming.kind
        table, same_key, columns = sql.Identifier(kind.name), same(kind.key, "t", "i"), _columns(incoming.names)
        if not kind.shared:
            same_key = sql.SQL("t.platform = %(platform)s AND ") + same_key
            columns = {
                "columns": sql.SQL("platform, ") + columns["columns"],
                "given": sql.SQL("%(platform)s, ") + columns["given"],
            }
        newer = "i.{0} >= t.{0}" if kind.newest else "true"
        changed = new = 0
        if incoming.content:
            changed = self._run(
                SQL.change,
                table=table,
                incoming=incoming.table,
                same_key=same_key,
                not_older=sql.SQL(newer).format(sql.Identifier(kind.newest or "")),
                **_difference(incoming.content, "t"),
            )
        new = self._run(SQL["add"], table=table, incoming=incoming.table, same_key=same_key, **columns)
        return new, changed

    def _orders(self, incoming: Incoming) -> tuple[int, int]:
        content = [name for name in incoming.content if name != "placed_at"]
        changed = 0
        if self._known:
            changed = self._run(SQL.change_orders, **_difference(content, "o", leading=True))
        if self._moved:
            self._run(SQL.move_items)
        return self._run(SQL.add_orders, **_columns(incoming.names)), changed

    def _items(self, incoming: Incoming) -> tuple[int, int]:
        changed = 0
        if self._known:
            changed = self._run(SQL.change_items, **_difference(incoming.content, "l"))
        return self._run(SQL.add_items, **_columns(incoming.names)), changed

    def _run(self, query: str, **parts: sql.Composable) -> int:
        return self._conn.execute(sql.SQL(query).format(**parts), self._whose).rowcount


def _columns(names: Sequence[str]) -> dict[str, sql.Composed]:
    return {"columns": columns_of(names), "given": columns_of(names, "i")}


def _difference(names: Sequence[str], stored: str, leading: bool = False) -> dict[str, sql.Composable]:
    """What to set and what to compare; `leading` where it continues a list."""
    assignments = [sql.SQL("{} = {}").format(sql.Identifier(n), sql.Identifier("i", n)) for n in names]
    before = sql.SQL(", " if leading and names else "")
    return {
        "assignments": before + comma(assignments),
        "stored": before + columns_of(names, stored),
        "given": before + columns_of(names, "i"),
    }
