"""The nightly check: some shops are recounted in full each night, whoever waited longest first.

A figure that is not what a full recount gives is an alert, however small the difference is.
"""

from collections.abc import Callable, Iterable, Mapping
from math import ceil

from tallymark.db import Database
from tallymark.errors import ArchiveUnreadable, Conflict, NotBuilt
from tallymark.metrics import Catalog
from tallymark.model import Tenant
from tallymark.tasks.alerts import raise_alert, resolve_alert
from tallymark.tasks.housekeeping import SQL
from tallymark.tasks.integrity import Integrity, check_integrity
from tallymark.tasks.work import Work

NIGHTS = 7
"""After so many nights every shop has had its turn."""
LEAST = 5
ARCHIVE = "archive"


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
    """Recounts these, those that can be; one whose archived lines cannot be read is an alert, and holds up nobody."""
    found = []
    for tenant in tenants:
        proceed(tenant)
        try:
            found.append(check_integrity(database, catalog, tenant))
        except (NotBuilt, Conflict):  # Their turn comes again.
            continue
        except ArchiveUnreadable as unreadable:
            with database.connect(tenant.tenant_id) as conn:
                raise_alert(conn, tenant, ARCHIVE, unreadable.message)
            continue
        with database.connect(tenant.tenant_id) as conn:
            resolve_alert(conn, tenant, ARCHIVE)
    return found


def do_check(work: Work) -> Mapping[str, object]:
    """The nightly job; with a tenant, that one is checked now."""

    def proceed(tenant: Tenant) -> None:
        work.check()
        work.progress(note=tenant.slug)

    tenants = [work.tenant] if work.tenant else tonight(work.database, len(work.tenants()))
    found = check(work.database, work.catalog, tenants, proceed=proceed)
    checked = [integrity.tenant for integrity in found]
    return {
        "checked": checked,
        "leftOut": [tenant.slug for tenant in tenants if tenant.slug not in checked],
        "rowsCompared": sum(integrity.rows_compared for integrity in found),
        "differing": {integrity.tenant: integrity.differing for integrity in found if not integrity.ok},
    }
