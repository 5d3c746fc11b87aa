"""The integrity check: every stored row and every stored answer against a full recount. Only its outcome is noted."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from time import perf_counter
from typing import Any

from psycopg import Connection

from tallymark import archive, results, rollups
from tallymark.changes import pending, progress
from tallymark.db import Database
from tallymark.errors import Conflict, NotBuilt
from tallymark.metrics import Catalog, evaluate, prewarmed
from tallymark.model import ALL_PLATFORMS, Tenant, exact_json
from tallymark.tasks.alerts import raise_alert, resolve_alert
from tallymark.tasks.housekeeping import SQL as KEPT
from tallymark.tasks.run import ms_since
from tallymark.tasks.runs import LOCK_CLASS, SQL

ALERT = "integrity"
SHOWN, LONGEST = 3, 300

_Wrong = tuple[rollups.Difference, str]
"""An answer that differs, and in words which value of it."""


@dataclass(frozen=True, slots=True)
class Integrity:
    """How many stored rows and answers were compared, how many differ, the first of those, and in what they do."""

    tenant: str
    rows_compared: int
    answers_compared: int
    differing: int
    differences: tuple[rollups.Difference, ...]
    deviations: tuple[str, ...]

    @property
    def ok(self) -> bool:
        return self.differing == 0


def check_integrity(
    database: Database, catalog: Catalog, tenant: Tenant, *, on_table: Callable[[str], None] = lambda _: None
) -> Integrity:
    """Recounts everything from the base tables in one snapshot and compares; raises or resolves the shop's alert.

    Waits for a refresh under way. Changes not yet published are no difference: they are applied first, and rolled
    back at the end. Archived lines count like stored ones. Answers are compared when no change waits. Raises NotBuilt
    before the first refresh, and Conflict where changes wait that concern archived lines.
    """
    began, compared = perf_counter(), list[_Wrong | None]()
    with database.session(tenant.tenant_id) as session:
        # A statement prepared earlier on this connection would go on reading the stored tables.
        threshold, session.connection.prepare_threshold = session.connection.prepare_threshold, None
        session.connection.execute(SQL.lock, {"class": LOCK_CLASS, "tenant": tenant.tenant_id})
        try:
            with session.transaction("repeatable read") as conn:
                state = progress(conn, tenant.tenant_id)
                if state is None or state.building is not None:
                    raise NotBuilt(hint=f"Run: tallymark refresh --tenant {tenant.slug}")
                current = not pending(conn, state, 1).sources
                if missing := archive.needed(conn, tenant, state.seen):
                    raise Conflict(
                        f"Changes wait that concern {len(missing)} archived months; a refresh brings their lines back.",
                        hint=f"Run: tallymark refresh --tenant {tenant.slug}",
                    )

                def compare(conn: Connection[Any]) -> None:
                    if current:
                        compared.extend(_answers(conn, catalog, tenant, state.version))

                found = rollups.verify(
                    conn,
                    tenant,
                    on_table=on_table,
                    on_hidden=lambda conn: archive.beside_stored(conn, tenant, database.archive_folder),
                    on_recount=compare,
                )
        finally:
            session.connection.prepare_threshold = threshold
    wrong = tuple(answer for answer in compared if answer)
    checked = Integrity(
        tenant=tenant.slug,
        rows_compared=found.rows_compared,
        answers_compared=len(compared),
        differing=found.differing + len(wrong),
        differences=found.differences + tuple(difference for difference, _ in wrong),
        deviations=found.deviations + tuple(deviation for _, deviation in wrong),
    )
    _note(database, tenant, checked, ms_since(began))
    return checked


def _note(database: Database, tenant: Tenant, checked: Integrity, ms: float) -> None:
    figures = {"rows": checked.rows_compared, "answers": checked.answers_compared, "differing": checked.differing}
    with database.connect(tenant.tenant_id) as conn:
        conn.execute(KEPT.note_check, {"tenant": tenant.tenant_id, "ms": ms, **figures})
        if checked.ok:
            resolve_alert(conn, tenant, ALERT)
            return
        first = [told[:LONGEST] for told in checked.deviations[:SHOWN]]
        compared = checked.rows_compared + checked.answers_compared
        message = (
            f"{checked.differing:,} of {compared:,} stored rows and answers are not what a full recount gives:"
            f" {'; '.join(first)}{'; …' if checked.differing > len(first) else ''}."
        )
        raise_alert(conn, tenant, ALERT, message, differing=checked.differing, first=first)


def _answers(conn: Connection[Any], catalog: Catalog, tenant: Tenant, version: int) -> list[_Wrong | None]:
    """Every stored answer of this version evaluated again, now that the names of rollups mean the recount.

    A daily answer may be of an earlier version, whose data is gone: it cannot be compared.
    """
    compared: list[_Wrong | None] = []
    for metric, platform, parameters in results.stored_windows(conn, tenant.tenant_id):
        stored = results.read(conn, tenant.tenant_id, metric, platform, parameters)
        if stored is None or metric not in catalog or stored.failed_at is not None or stored.outdated:
            continue
        if catalog[metric].ready == "daily" and stored.version != version:
            continue
        for plan in prewarmed(catalog, metric, platform or ALL_PLATFORMS, tenant, stored.computed_at):
            if plan.parameters == parameters:
                again = exact_json.dumps(evaluate(conn, plan).data)
                was = exact_json.dumps(stored.data)
                where = f"analytics_cache {metric} {platform} {parameters}"
                deviation = f"{where}: {_deviation(exact_json.loads(was), exact_json.loads(again))}"
                compared.append(None if again == was else (rollups.Difference(where, "recounted", again), deviation))
    return compared


def _deviation(was: Any, now: Any, path: str = "") -> str:
    """The first value that differs, and by which names it is reached."""
    steps: Iterable[Any] = ()
    if isinstance(was, dict) and isinstance(now, dict) and was.keys() == now.keys():
        steps = was
    elif isinstance(was, list) and isinstance(now, list) and len(was) == len(now):
        steps = range(len(was))
    for step in steps:
        if was[step] != now[step]:
            return _deviation(was[step], now[step], f"{path}.{step}" if path else str(step))
    return f"{path} {was}, recounted {now}"
