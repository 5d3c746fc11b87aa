"""The stored answers: one row per question that a refresh keeps ready."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from psycopg import Connection
from psycopg.rows import dict_row, tuple_row

from tallymark.db.queries import load
from tallymark.metrics import Catalog, Plan, Result
from tallymark.model import Notice, Tenant, exact_json

SQL = load("tallymark.results", "results.sql")

LONGEST_FAILURE = 2000


@dataclass(frozen=True, slots=True)
class Stored:
    """A stored answer. `outdated`: a later version is published of which it is not yet told; `failed_at`: a later
    evaluation has failed, and this is the last good one.
    """

    metric: str
    platform: str
    parameters: str
    resolved: str
    definition: str
    json: str
    warnings: tuple[Notice, ...]
    computation_ms: float
    period_start: date | None
    period_end: date | None
    data_through: datetime | None
    version: int
    computed_at: datetime
    outdated: bool
    failed_at: datetime | None
    failure: str | None

    @property
    def data(self) -> object:
        return exact_json.loads(self.json)


def publish(
    conn: Connection[Any],
    tenant: Tenant,
    answers: Iterable[tuple[Plan, Result, datetime | None]],
    *,
    version: int,
    now: datetime,
) -> None:
    """Store the results as the current answers to their plans' questions, each with how far its data reaches."""
    rows = [
        _question(tenant, plan)
        | {
            "resolved": plan.resolved,
            "definition": plan.metric.definition,
            "data": result.json,
            "warnings": exact_json.dumps([[notice.code, notice.message] for notice in result.warnings]),
            "computation_ms": result.computation_ms,
            "period_start": result.period_start,
            "period_end": result.period_end,
            "data_through": data_through,
            "version": version,
            "now": now,
        }
        for plan, result, data_through in answers
    ]
    with conn.cursor() as cursor:
        cursor.executemany(SQL.publish, rows)


def keep_last_good(conn: Connection[Any], tenant: Tenant, plan: Plan, error: Exception, now: datetime) -> bool:
    """Note on the stored answer that its evaluation failed; its figures stay. False: none is stored."""
    failure = str(error).replace("\0", "")[:LONGEST_FAILURE]
    return conn.execute(SQL.keep_last_good, _question(tenant, plan) | {"failure": failure, "now": now}).rowcount == 1


def read(conn: Connection[Any], tenant_id: int, metric: str, platform: str, parameters: str) -> Stored | None:
    """The stored answer to one question, or None."""
    return read_many(conn, tenant_id, platform, [(metric, parameters)]).get((metric, parameters))


def read_many(
    conn: Connection[Any], tenant_id: int, platform: str, questions: Iterable[tuple[str, str]]
) -> dict[tuple[str, str], Stored]:
    """The stored answers of one platform by (metric, parameters), those missing left out: one round trip."""
    asked = list(questions)
    arguments = {
        "tenant": tenant_id,
        "platform": platform,
        "metrics": [metric for metric, _ in asked],
        "parameters": [parameters for _, parameters in asked],
    }
    with conn.cursor(row_factory=dict_row) as cursor:
        rows = cursor.execute(SQL.read_many, arguments).fetchall()
    return {(row["metric"], row["parameters"]): _stored(row) for row in rows}


def retire(conn: Connection[Any], tenant_id: int, questions: Collection[tuple[str, str, str]]) -> None:
    """Forget the answers to these questions, (metric, platform, parameters): no refresh keeps them ready any more."""
    if questions:
        conn.execute(SQL.retire, _questions(tenant_id, questions))


def outdate(conn: Connection[Any], tenant_id: int, plans: Iterable[Plan]) -> None:
    """Say of the stored answers to these plans that they are of an earlier version than the one being published."""
    questions = [(plan.name, plan.platform, plan.parameters) for plan in plans]
    if questions:
        conn.execute(SQL.outdate, _questions(tenant_id, questions))


def stored_windows(
    conn: Connection[Any], tenant_id: int, catalog: Catalog | None = None
) -> Mapping[tuple[str, str, str], str | None]:
    """What is stored: (metric, platform, parameters) to its resolved days, None where it failed or is outdated.

    With a catalogue also None where the metric's file has changed since.

    A plan whose `resolved` is not what stands here has a window that moved, or is missing.
    """
    with conn.cursor(row_factory=tuple_row) as cursor:
        rows = cursor.execute(SQL.stored_windows, {"tenant": tenant_id}).fetchall()
    return {
        (metric, platform, parameters): resolved if catalog is None or _defined(catalog, metric) == definition else None
        for metric, platform, parameters, definition, resolved in rows
    }


def _defined(catalog: Catalog, metric: str) -> str | None:
    return catalog[metric].definition if metric in catalog else None


def _question(tenant: Tenant, plan: Plan) -> dict[str, object]:
    return {
        "tenant": tenant.tenant_id,
        "metric": plan.name,
        "platform": plan.platform,
        "parameters": plan.parameters,
    }


def _questions(tenant_id: int, questions: Collection[tuple[str, str, str]]) -> dict[str, object]:
    metrics, platforms, parameters = map(list, zip(*questions, strict=True))
    return {"tenant": tenant_id, "metrics": metrics, "platforms": platforms, "parameters": parameters}


def _stored(row: dict[str, Any]) -> Stored:
    return Stored(
        **row
        | {
            "warnings": tuple(Notice(code, message) for code, message in exact_json.loads(row["warnings"])),
        }
    )
