"""What keeps an installation tidy: old records go, months to come have their place, statistics are current."""

from collections import Counter
from collections.abc import Iterable, Mapping

from tallymark.changes import purge
from tallymark.db import Database
from tallymark.db.queries import load
from tallymark.model import Tenant
from tallymark.settings import Settings
from tallymark.tasks import records
from tallymark.tasks.runs import SQL as RUNS
from tallymark.tasks.work import Work

SQL = load("tallymark.tasks", "housekeeping.sql")
AHEAD = 3
"""Months to come that have their partitions."""


def clean_up(database: Database, tenants: Iterable[Tenant], settings: Settings) -> dict[str, int]:
    """Removes what is older than it has to be kept, tenant by tenant; returns how much of each."""
    removed: Counter[str] = Counter()
    for tenant in tenants:
        of = {"tenant": tenant.tenant_id}
        history, runs, audit = (
            {**of, "months": months}
            for months in (settings.history_months, settings.runs_months, settings.audit_months)
        )
        with database.connect(tenant.tenant_id, statement_timeout=0) as conn:
            removed["snapshots of figures"] += conn.execute(SQL.forget_history, history).rowcount
            removed["runs"] += conn.execute(SQL.forget_runs, runs).rowcount
            removed["steps of runs"] += conn.execute(RUNS.forget_progress, of).rowcount
            removed["alerts"] += conn.execute(SQL.forget_alerts, history).rowcount
            removed["changes that are published"] += purge(conn, tenant.tenant_id)
            removed["entries of the audit log"] += _count(conn.execute(SQL.forget_audit, audit).fetchone())
    with database.connect(None, statement_timeout=0) as conn:
        audit = {"months": settings.audit_months}
        removed["attempts to sign in"] += _count(conn.execute(SQL.forget_sign_ins, audit).fetchone())
        removed["sessions"] += conn.execute(SQL.forget_sessions).rowcount
        removed["refresh tokens"] += conn.execute(SQL.forget_refresh_tokens).rowcount
    removed["records of jobs"] += records.forget(database)
    return dict(removed)


def upkeep(database: Database) -> list[str]:
    """Makes room for the months to come and renews statistics; returns the tables that needed it."""
    with database.connect(None) as conn:
        conn.execute(SQL.months_ahead, {"months": AHEAD})
    with database.connect(None, statement_timeout=0) as conn:
        row = conn.execute(SQL.analyze_parents).fetchone()
    return list(row[0]) if row else []


def do_clean_up(work: Work) -> Mapping[str, object]:
    """The weekly job."""
    return dict(clean_up(work.database, work.tenants(), work.settings))


def do_upkeep(work: Work) -> Mapping[str, object]:
    """The nightly job."""
    return {"analyzed": upkeep(work.database)}


def _count(row: tuple[object, ...] | None) -> int:
    return int(str(row[0])) if row else 0
