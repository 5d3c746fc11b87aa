"""How the figures have moved: a snapshot per version that differs."""

from collections.abc import Iterable
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
    conn: Connection[Any], tenant: Tenant, answers: Iterable[tuple[Plan, Result]], *, version: int, now: datetime
) -> int:
    """Keep a snapshot of each answer that differs from the newest one; how many did.

    Only answers to a metric's own question, without parameters, have a history. The instant that figures are told for
    (a column of kind `instant`) is no difference.
    """
    candidates = {(plan.name, plan.platform): (plan, result) for plan, result in answers if plan.parameters == "{}"}
    metrics, platforms = [name for name, _ in candidates], [platform for _, platform in candidates]
    newest = conn.execute(
        SQL.newest_snapshots, {"tenant": tenant.tenant_id, "metrics": metrics, "platforms": platforms}
    ).fetchall()
    for metric, platform, data in newest:
        plan, result = candidates[metric, platform]
        if data == result.json or _figures(plan, exact_json.loads(data)) == _figures(plan, result.data):
            del candidates[metric, platform]
    common = {"tenant": tenant.tenant_id, "version": version, "day": now.astimezone(tenant.zone).date(), "now": now}
    rows = [
        common | {"metric": metric, "platform": platform, "data": result.json}
        for (metric, platform), (_, result) in candidates.items()
    ]
    with conn.cursor() as cursor:
        cursor.executemany(SQL.snapshot, rows)
    return len(rows)


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
