"""How the figures of every shop stand: looked at by one short transaction each, a few hundred at a time.

One look takes at most `BUDGET` seconds; with more shops than fit the next goes on where this one stopped. In between
the ages go on by the clock.
"""

import threading
import time
from collections import deque
from contextlib import suppress
from dataclasses import dataclass

from tallymark.changes import pending_keys, progress
from tallymark.db import Database, directory
from tallymark.db.queries import load
from tallymark.errors import DatabaseUnavailable
from tallymark.model import Tenant
from tallymark.monitoring import Readings

SQL = load("tallymark.api", "standing.sql")
BUDGET = 1.0
FRESH = 10.0
"""Seconds for which a look serves all who ask."""
WORST = 20


@dataclass(frozen=True, slots=True)
class State:
    """`checked`: by our monotonic clock, when the figures were last found current; None: there are none."""

    slug: str
    checked: float | None
    pending: int
    differing: int


class Standing:
    """The shops as they were found. From any thread."""

    def __init__(self, database: Database, stale_after: float) -> None:
        self._database = database
        self._stale_after = stale_after
        self._states: dict[int, State] = {}
        self._waiting: deque[Tenant] = deque()
        self._looked = -FRESH
        self._lock = threading.Lock()

    def readings(self) -> Readings:
        """Ages, stale shops, pending changes; what was known before where the database is away."""
        with self._lock:
            if time.monotonic() - self._looked >= FRESH:
                with suppress(DatabaseUnavailable):
                    self._look()
                self._looked = time.monotonic()
            return self._told(list(self._states.values()))

    def _look(self) -> None:
        until = time.monotonic() + BUDGET
        if not self._waiting:
            with self._database.connect(None) as conn:
                every = directory.all_tenants(conn)
            known = {tenant.tenant_id for tenant in every}
            self._states = {number: state for number, state in self._states.items() if number in known}
            self._waiting.extend(every)
        while self._waiting and time.monotonic() < until:
            tenant = self._waiting[0]
            self._states[tenant.tenant_id] = self._state(tenant)
            self._waiting.popleft()

    def _state(self, tenant: Tenant) -> State:
        with self._database.connect(tenant.tenant_id, statement_timeout=BUDGET) as conn:
            state = progress(conn, tenant.tenant_id)
            row = conn.execute(SQL.standing, {"tenant": tenant.tenant_id}).fetchone()
            pending = pending_keys(conn, state) if state else 0
        age, differing = row or (None, 0)
        checked = None if age is None else time.monotonic() - float(age)
        return State(tenant.slug, checked, pending, int(differing))

    def _told(self, states: list[State]) -> Readings:
        now = time.monotonic()
        ages = {state.slug: now - state.checked for state in states if state.checked is not None}
        stale = sum(age > self._stale_after for age in ages.values())
        worst = sorted(ages.items(), key=lambda aged: -aged[1])[:WORST]
        return {
            "changes_pending": {(): sum(state.pending for state in states)},
            "tenants": {
                ("fresh",): len(ages) - stale,
                ("stale",): stale,
                ("never",): len(states) - len(ages),
            },
            "figures_age_seconds": {(): worst[0][1]} if worst else {},
            "tenant_figures_age_seconds": {(slug,): age for slug, age in worst},
            "verify_differences": {(): sum(state.differing for state in states)},
        }
