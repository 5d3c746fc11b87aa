"""The nightly check: some shops are recounted in full each night, whoever waited longest first.

A figure that is not what a full recount gives is an alert, however small the difference is.
"""

from collections.abc import Callable, Iterable, Mapping
from math import ceil
from time import perf_counter
from typing import Any

from psycopg import Connection

from tallymark.db import Database
from tallymark.errors import Conflict, NotBuilt
from tallymark.metrics import Catalog
from tallymark.model import Tenant
from tallymark.tasks.alerts import raise_alert, resolve_alert
from tallymark.tasks.housekeeping import SQL
from tallymark.tasks.integrity import Integrity, check_integrity
from tallymark.tasks.run import ms_since
from tallymark.tasks.work import Work

NIGHTS = 7
"""After so many nights every shop has had its turn."""
LEAST = 5
KIND = "integrity"
SHOWN, LONGEST = 3, 300


def tonight(database: Database, tenants: int) -> list[Tenant]:
    """The shops whose turn it is, of so many."""
    with database.connect(None) as conn:
        most = max(LEAST, ceil(tenants / NIGHTS))
        return [Tenant(*row) for row in conn.execute(SQL.least_checked, {"most": most})]


def check(
    database: Database,
    catalog: Catalog,
    tenants: Iterable[Tenant],
    *,
    proceed: Callable[[Tenant], None] = lambda _: None,
) -> list[Integrity]:
    """Recounts these, notes what is found, and raises or resolves their alerts."""
    found = []
    for tenant in tenants:
        proceed(tenant)
        began = perf_counter()
        try:
            integrity = check_integrity(database, catalog, tenant)
        except (NotBuilt, Conflict):  # Their turn comes again.
            continue
        found.append(integrity)
        with database.connect(tenant.tenant_id) as conn:
            _tell(conn, tenant, integrity)
            conn.execute(
                SQL.note_check,
                {
                    "tenant": tenant.tenant_id,
                    "rows": integrity.rows_compared,
                    "answers": integrity.answers_compared,
                    "differing": integrity.differing,
                    "ms": ms_since(began),
                },
            )
    return found


def do_check(work: Work) -> Mapping[str, object]:
    """The nightly job; with a tenant, that one is checked now."""

    def proceed(tenant: Tenant) -> None:
        work.check()
        work.progress(note=tenant.slug)

    tenants = [work.tenant] if work.tenant else tonight(work.database, len(work.tenants()))
    found = check(work.database, work.catalog, tenants, proceed=proceed)
    return {
        "checked": [integrity.tenant for integrity in found],
        "rowsCompared": sum(integrity.rows_compared for integrity in found),
        "differing": {integrity.tenant: integrity.differing for integrity in found if not integrity.ok},
    }


def _tell(conn: Connection[Any], tenant: Tenant, integrity: Integrity) -> None:
    if integrity.ok:
        resolve_alert(conn, tenant, KIND)
        return
    first = [told[:LONGEST] for told in integrity.deviations[:SHOWN]]
    compared = integrity.rows_compared + integrity.answers_compared
    message = (
        f"{integrity.differing} of {compared} stored rows and answers are not what a full recount gives:"
        f" {'; '.join(first)}{'; …' if len(integrity.deviations) > SHOWN else ''}."
    )
    raise_alert(conn, tenant, KIND, message, differing=integrity.differing, first=first)
