"""The answers that follow a publication: worked out under the same lock, from the rollups as they were published.

Nobody waits for them: whoever asks for one that is not there yet is answered from the rollups. So they give way to the
next refresh of the tenant, whose changes would make the rest of them old at once.
"""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from itertools import takewhile
from time import monotonic, perf_counter
from typing import Any

import psycopg
import structlog
from psycopg import Connection

from tallymark.changes import LOG
from tallymark.lifetime import fit_lifetime
from tallymark.metrics import Plan
from tallymark.monitoring import VALUES
from tallymark.tasks import runs
from tallymark.tasks.figures import evaluate_alone, store
from tallymark.tasks.run import Run, ms_since
from tallymark.tasks.runs import LOCK_CLASS, SQL, Outcome

PREPARING = "Preparing Answers"
"""The phase after the publication."""
LOOKS = 0.1
"""Seconds between two looks for refreshes of other processes that wait."""

log = structlog.get_logger("tallymark.refresh")


def prepare(run: Run, outcome: Outcome, plans: Sequence[Plan], through: Mapping[str, datetime]) -> Outcome:
    """Works the answers out, those of once a day last, and adds them to the record of the run.

    What fails here takes nothing back. What is left out when another refresh waits is due in that one.
    """
    began = perf_counter()
    daily = [plan for plan in plans if plan.metric.ready == "daily"]
    error = None
    try:
        whole = _answer(run, [plan for plan in plans if plan.metric.ready != "daily"], through)
        if whole and daily:
            _fit_lifetime(run)
            whole = _answer(run, daily, through)
        run.phases[PREPARING] = ms_since(began)
        outcome = replace(outcome, metrics=run.metrics, phases=run.rounded_phases, error=run.error)
        with run.session.transaction() as conn:
            runs.add(conn, run.tenant, outcome)
            if run.error or not whole:
                conn.execute(LOG.unfinished, {"tenant": run.tenant.tenant_id})
    except Exception as failed:
        error = f"The figures are published; preparing further answers failed: {failed}"
        log.error("preparing answers failed", tenant=run.tenant.slug, run=str(run.run_id), error=str(failed))
        with suppress(psycopg.Error), run.session.transaction() as conn:
            conn.execute(LOG.unfinished, {"tenant": run.tenant.tenant_id})
    VALUES.observe("refresh_phase_duration_seconds", ms_since(began) / 1000, PREPARING)
    return replace(outcome, error=error) if error else outcome


def _answer(run: Run, plans: Sequence[Plan], through: Mapping[str, datetime]) -> bool:
    """Whether all of them were; False when it gave way."""
    with run.session.transaction("repeatable read") as conn:
        wanted = _Wanted(run, conn)
        until_then = takewhile(lambda _: not wanted(), plans)
        answered = [(plan, evaluate_alone(run, conn, plan)) for plan in until_then]
        store(run, conn, answered, through)
    return len(answered) == len(plans)


class _Wanted:
    """Whether another refresh of the tenant waits, in this process or another; for those it looks now and then."""

    def __init__(self, run: Run, conn: Connection[Any]) -> None:
        self._run, self._conn, self._looked = run, conn, monotonic()

    def __call__(self) -> bool:
        if self._run.give_way():
            return True
        if monotonic() - self._looked < LOOKS:
            return False
        row = self._conn.execute(SQL.waited_for, {"class": LOCK_CLASS, "tenant": self._run.tenant.tenant_id}).fetchone()
        self._looked = monotonic()
        return bool(row and row[0])


def _fit_lifetime(run: Run) -> None:
    """Models that cannot be fitted leave those of the day before, which say of which day they are."""
    try:
        with run.session.transaction("repeatable read") as conn:
            fit_lifetime(conn, run.tenant, run.now)
    except (ArithmeticError, ValueError, MemoryError, psycopg.DataError) as failed:
        log.warning("lifetime value was not fitted", tenant=run.tenant.slug, error=str(failed))
