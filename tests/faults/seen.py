"""What the ledger of runs tells from outside, and whether anything was lost."""

import time
from collections.abc import Callable
from typing import Any

from tests.properties.world import assert_exact

from tallymark.db import Database
from tallymark.model import Tenant
from tallymark.tasks import ledger, records

PATIENCE = 200
"""Seconds after which something will not happen any more, on the busiest machine."""


def ask(database: Database, job: str, tenant: int = 0, **how: Any) -> str:
    with records.engine(database) as conn:
        return ledger.enqueue(conn, job, tenant, trigger="command", triggered_by="test", **how).run_id


def one(database: Database, query: str, *values: object) -> Any:
    with records.engine(database) as conn:
        row = conn.execute(query, values).fetchone()
    return row and row[0]


def status(database: Database, run: str) -> str:
    return str(one(database, "SELECT status FROM job_runs WHERE run_id = %s", run))


def wait(until: Callable[[], object], what: str) -> float:
    """How long it took until it was so."""
    began = time.monotonic()
    while not until():
        assert time.monotonic() < began + PATIENCE, f"never: {what}"
        time.sleep(0.02)
    return time.monotonic() - began


def over(database: Database, *runs: str) -> None:
    wait(lambda: all(status(database, run) in ("completed", "failed", "cancelled") for run in runs), f"{runs} are over")


def drained(database: Database) -> None:
    """Nothing waits, nothing is under way, and the queue is empty."""
    left = "SELECT count(*) FROM job_runs WHERE status IN ('scheduled', 'running') OR queue_job IS NOT NULL"
    wait(lambda: one(database, left) == 0, "all are over")
    wait(lambda: one(database, "SELECT count(*) FROM tallymark_jobs.procrastinate_jobs") == 0, "the queue is empty")


def nothing_lost(database: Database, tenant: Tenant) -> None:
    """Nothing waits, what is stored equals a recount, and publications follow each other."""
    drained(database)
    assert_exact(database, tenant)
    at_once = """SELECT count(*) FROM analytics_metadata a JOIN analytics_metadata b
        ON a.snapshot_at < b.snapshot_at AND b.snapshot_at < a.last_refresh_at
        AND a.status = 'completed' AND b.status = 'completed'"""
    with database.connect(tenant.tenant_id) as conn:
        assert conn.execute(at_once).fetchone() == (0,), "two refreshes have published across each other"


def given_up(database: Database) -> None:
    """Workers that were killed count as silent for long enough, and another one notices."""
    with database.owner() as owner:
        owner.execute("UPDATE tallymark_jobs.procrastinate_workers SET last_heartbeat = '-infinity'")
    with records.engine(database) as conn:
        ledger.reap(conn, PATIENCE)
