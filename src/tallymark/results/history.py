"""How the figures have moved: a snapshot per version that differs."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from psycopg import Connection
from psycopg.rows import dict_row

from tallymark.db.queries import load
from tallymark.metrics import Plan, Result, printed_name
from tallymark.model import Tenant, exact_json

SQL = load("tallymark.results", "results.sql")


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One metric as it stood at one version; `day` is the tenant's local day."""

    metric: str
    platform: str
    version: int
    day: date
    data: object
    created_at: datetime


def snapshot_history(
    conn: Connection[Any], tenant: Tenant, plan: Plan, result: Result, *, version: int, now: datetime
) -> bool:
    """Keep a snapshot when the figures differ from the newest one; False where they do not.

    The instant the figures are told for (a column of kind `instant`) is no difference.
    """
    question = {"tenant": tenant.tenant_id, "metric": plan.name, "platform": plan.platform}
    newest = conn.execute(SQL.newest_snapshot, question).fetchone()
    data = exact_json.dumps(result.data)
    if newest is not None and _figures(plan, exact_json.loads(newest[0])) == _figures(plan, result.data):
        return False
    day = now.astimezone(tenant.zone).date()
    conn.execute(SQL.snapshot, question | {"version": version, "data": data, "day": day, "now": now})
    return True


def history(
    conn: Connection[Any], tenant_id: int, metric: str, first: date | None, last: date | None, platform: str
) -> list[Snapshot]:
    """The snapshots taken on the local days from first to last, oldest first."""
    scope = {"tenant": tenant_id, "metric": metric, "platform": platform, "first": first, "last": last}
    with conn.cursor(row_factory=dict_row) as cursor:
        rows = cursor.execute(SQL.history, scope).fetchall()
    return [Snapshot(**row | {"data": exact_json.loads(row["data"])}) for row in rows]


def _figures(plan: Plan, data: object) -> object:
    """The data without the instants in it."""
    if not isinstance(data, dict):
        return data
    instants = {printed_name(name) for name, column in plan.metric.columns.items() if column.kind == "instant"}
    return {name: value for name, value in data.items() if name not in instants}
