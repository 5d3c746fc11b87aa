"""What people ask: counted in memory at next to no cost, written down now and then, so much of each shop."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from tallymark.db import Database
from tallymark.db.queries import load
from tallymark.model import Tenant

SQL = load("tallymark.cache", "asked.sql")
KEPT = 100
"""Questions of one shop that are remembered."""
COUNTED = 20_000
"""Questions that are counted between two notes; more than that are not."""

Question = tuple[str, str, str]
"""Metric, platform, and the parameters as asked: canonical JSON."""


@dataclass(frozen=True, slots=True)
class Asking:
    """A shop, and what is asked of it."""

    tenant: Tenant
    questions: tuple[Question, ...]


class Tally:
    """Counts of this process since the last note. Use from one event loop."""

    def __init__(self) -> None:
        self._counts: Counter[tuple[int, Question]] = Counter()

    def count(self, tenant_id: int, question: Question) -> None:
        key = (tenant_id, question)
        if key in self._counts or len(self._counts) < COUNTED:
            self._counts[key] += 1

    def take(self) -> dict[int, dict[Question, int]]:
        """The counts by tenant; counting begins anew."""
        counts, self._counts = self._counts, Counter()
        taken: dict[int, dict[Question, int]] = {}
        for (tenant_id, question), asked in counts.items():
            taken.setdefault(tenant_id, {})[question] = asked
        return taken


def write_down(database: Database, counts: Mapping[int, Mapping[Question, int]]) -> None:
    """Adds what was asked to what is known of each tenant."""
    for tenant_id, asked in counts.items():
        metrics, platforms, parameters = map(list, zip(*asked, strict=True))
        with database.connect(tenant_id) as conn:
            conn.execute("SET LOCAL synchronous_commit = off")
            row = {"tenant": tenant_id, "metrics": metrics, "platforms": platforms, "parameters": parameters}
            conn.execute(SQL.note, row | {"asked": [float(count) for count in asked.values()]})
            conn.execute(SQL.trim, {"tenant": tenant_id, "most": KEPT})


def known(database: Database, tenants: int, questions: int) -> list[Asking]:
    """What was asked more than once within a week: of so many shops, so much of each, the most asked first."""
    with database.connect(None) as conn:
        shops = [Tenant(*row) for row in conn.execute(SQL.asking, {"most": tenants})]
    found = []
    for tenant in shops:
        with database.connect(tenant.tenant_id) as conn:
            rows = conn.execute(SQL.asked, {"tenant": tenant.tenant_id, "most": questions}).fetchall()
        found.append(Asking(tenant, tuple((metric, platform, params) for metric, platform, params in rows)))
    return found
