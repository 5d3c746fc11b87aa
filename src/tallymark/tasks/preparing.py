"""The answers that follow a publication: worked out from the rollups as they were published, beside whatever comes.

Nobody waits for them: whoever asks for one that is not there yet is answered from the rollups. So they hold up no other
refresh: they are worked out without the tenant's lock, in a snapshot that shows the published version, and stored under
it, where that version is still the newest. What a newer one has overtaken is due in the run that published it.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import datetime
from itertools import takewhile
from time import monotonic, perf_counter
from typing import Any

import psycopg
import structlog
from psycopg import Connection

from tallymark.changes import LOG
from tallymark.changes import progress as publication_of
from tallymark.lifetime import fit_lifetime
from tallymark.metrics import Plan
from tallymark.monitoring import VALUES
from tallymark.tasks import runs
from tallymark.tasks.figures import Evaluated, evaluate_alone, store
from tallymark.tasks.run import Run, ms_since
from tallymark.tasks.runs import DAILY_LOCK_CLASS, LOCK_CLASS, SQL, Outcome

PREPARING = "Preparing Answers"
"""The phase after the publication."""
LOOKS = 0.05
"""Seconds between two looks for another refresh."""

log = structlog.get_logger("tallymark.refresh")


class _Overtaken(Exception):
    """A newer version is published, or being built, or its run waits for this one: that run prepares what is left."""


def prepare(run: Run, outcome: Outcome, plans: Sequence[Plan], through: Mapping[str, datetime]) -> Outcome:
    """Works the answers out, those of once a day last, and adds them to the record of the run.

    What fails here takes nothing back.
    """
    began = perf_counter()
    daily = [plan for plan in plans if plan.metric.ready == "daily"]
    # Those of once a day would never have their turn where changes never end.
    followed = (lambda: False) if daily else run.followed
    error = None
    try:
        with suppress(_Overtaken):
            _answer(run, [plan for plan in plans if plan.metric.ready != "daily"], through, followed)
            if daily and _fit_lifetime(run):
                _answer(run, daily, through, followed)
        run.phases[PREPARING] = ms_since(began)
        outcome = replace(outcome, metrics=run.metrics, phases=run.rounded_phases, error=run.error)
        with run.session.transaction() as conn:
            runs.add(conn, run.tenant, outcome)
        if run.error:
            _unfinished(run)
    except Exception as failed:
        error = f"The figures are published; preparing further answers failed: {failed}"
        log.error("preparing answers failed", tenant=run.tenant.slug, run=str(run.run_id), error=str(failed))
        with suppress(psycopg.Error):
            _unfinished(run)
    VALUES.observe("refresh_phase_duration_seconds", ms_since(began) / 1000, PREPARING)
    return replace(outcome, error=error) if error else outcome


def _answer(run: Run, plans: Sequence[Plan], through: Mapping[str, datetime], followed: Callable[[], bool]) -> None:
    """Raises _Overtaken where the rest would be old at once."""
    while plans:
        answered = _evaluate(run, plans, followed)
        with _as_published(run) as conn:
            store(run, conn, answered, through)
        plans = plans[len(answered) :]
        if plans and followed():
            raise _Overtaken


def _evaluate(run: Run, plans: Sequence[Plan], followed: Callable[[], bool]) -> list[Evaluated]:
    """The first of these, at least one: until somebody refreshes the tenant, in whatever process, or waits to."""
    with run.session.transaction("repeatable read", read_only=True) as conn:
        _expect_published(run, conn)
        others = _Others(run, conn, followed)
        return [(plan, evaluate_alone(run, conn, plan)) for plan in takewhile(lambda _: not others.refresh(), plans)]


@contextmanager
def _as_published(run: Run) -> Iterator[Connection[Any]]:
    """A transaction in which the version is the newest; it waits for a refresh under way, which may publish nothing.

    Raises _Overtaken.
    """
    with run.session.transaction() as conn:
        conn.execute(SQL.lock_for_now, {"class": LOCK_CLASS, "tenant": run.tenant.tenant_id})
        _expect_published(run, conn)
        yield conn


def _expect_published(run: Run, conn: Connection[Any]) -> None:
    state = publication_of(conn, run.tenant.tenant_id)
    if state is None or not state.settled or state.version != run.version:
        raise _Overtaken


def _unfinished(run: Run) -> None:
    """What failed is tried again soon; a newer version has had its own try."""
    with suppress(_Overtaken), _as_published(run) as conn:
        conn.execute(LOG.unfinished, {"tenant": run.tenant.tenant_id})


class _Others:
    """Whether somebody else wants to refresh; it looks now and then."""

    def __init__(self, run: Run, conn: Connection[Any], followed: Callable[[], bool]) -> None:
        self._tenant, self._conn, self._followed, self._looked = run.tenant, conn, followed, monotonic()

    def refresh(self) -> bool:
        if monotonic() - self._looked < LOOKS:
            return False
        row = self._conn.execute(SQL.locked, {"class": LOCK_CLASS, "tenant": self._tenant.tenant_id}).fetchone()
        self._looked = monotonic()
        return bool(row and row[0]) or self._followed()


def _fit_lifetime(run: Run) -> bool:
    """Models that cannot be fitted leave those of the day before, which say of which day they are.

    False where another run does this: the daily answers are left to it, and those it does not get to are due again.
    """
    lock = {"class": DAILY_LOCK_CLASS, "tenant": run.tenant.tenant_id}
    row = run.session.connection.execute(SQL.daily_alone, lock).fetchone()
    if row == (False,):
        return False
    try:
        with run.session.transaction("repeatable read") as conn:
            _expect_published(run, conn)
            fit_lifetime(conn, run.tenant, run.now)
    except (ArithmeticError, ValueError, MemoryError, psycopg.DataError) as failed:
        log.warning("lifetime value was not fitted", tenant=run.tenant.slug, error=str(failed))
    return True
