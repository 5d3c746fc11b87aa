"""The door of ingest: a batch goes in whole, or not at all."""

from typing import Any

from psycopg import Connection

from tallymark.db import queries
from tallymark.errors import ImportRefused, UnknownTenant
from tallymark.ingest.batch import Batch, Checked, Loaded, Progress
from tallymark.ingest.kinds import KINDS
from tallymark.ingest.merge import Merge
from tallymark.ingest.session import settings_for
from tallymark.ingest.stage import Staging
from tallymark.model import PLATFORM_NAMES, is_platform

SQL = queries.load("tallymark.ingest", "stage.sql")


def load(conn: Connection[Any], batch: Batch, *, on_progress: Progress | None = None) -> Loaded:
    """Merge a batch into the base tables of the transaction's tenant, and say what became of each kind.

    Only rows that are new or really different are written, so loading the same batch again writes nothing.
    Loads of the same kinds into one tenant and platform wait for each other. Runs inside the caller's transaction,
    which must be READ COMMITTED and should have no statement timeout; nothing is committed here. Raises
    ImportRefused, with every bad row counted and the first of them named; then nothing has been written, and the
    caller's transaction can go on.
    """
    progress = on_progress or _silent
    _check_names(batch)
    with conn.transaction():
        tenant = conn.execute(SQL.tenant).fetchone()
        if tenant is None:
            raise UnknownTenant()
        tenant_id, timezone = tenant
        staging = Staging(conn, batch, progress)
        with settings_for(conn, timezone):
            staging.fill()
        with settings_for(conn, "UTC", probing=staging.small):
            return _merge(staging, Merge(conn, tenant_id, batch.platform), progress)


def check(conn: Connection[Any], batch: Batch, *, on_progress: Progress | None = None) -> Checked:
    """What `load` would take of a batch now, or why it would refuse it; nothing is locked, and nothing written."""
    progress = on_progress or _silent
    try:
        _check_names(batch)
        with conn.transaction():
            tenant = conn.execute(SQL.tenant).fetchone()
            if tenant is None:
                raise UnknownTenant()
            tenant_id, timezone = tenant
            staging = Staging(conn, batch, progress)
            with settings_for(conn, timezone):
                staging.fill()
            if staging.with_orders:
                with settings_for(conn, "UTC", probing=staging.small):
                    Merge(conn, tenant_id, batch.platform).find_orders(small=staging.small)
            rows = {incoming.kind.name: incoming.rows for incoming in staging.came}
            refusal = staging.refusal()
            staging.drop()
            return Checked(rows, refusal)
    except ImportRefused as refused:
        return Checked({}, refused)


def _merge(staging: Staging, merge: Merge, progress: Progress) -> Loaded:
    refusal = staging.refusal()
    if refusal is None:
        # New months come before anything that reads orders, and the lock before anything that must stay true.
        if staging.with_orders:
            merge.ensure_months()
        merge.lock([incoming.kind for incoming in staging.incoming.values()])
    if staging.with_orders:
        merge.find_orders(small=staging.small)
        refusal = staging.refusal()
    if refusal is not None:
        raise refusal
    counts = {}
    for incoming in staging.came:
        progress(f"Writing {incoming.kind.name}", 0)
        counts[incoming.kind.name] = merge.apply(incoming)
        progress(f"Writing {incoming.kind.name}", incoming.rows)
    staging.drop()
    return Loaded(counts)


def _check_names(batch: Batch) -> None:
    if not is_platform(batch.platform):
        raise ImportRefused(
            [],
            message=f"{batch.platform!r} is not the name of one platform.",
            hint=f"A name has {PLATFORM_NAMES}.",
        )
    for table in batch.tables:
        if table.kind not in KINDS:
            raise ImportRefused(
                [],
                message=f"{table.origin}: there is no kind of record called {table.kind}.",
                hint=f"The kinds are {', '.join(KINDS)}.",
            )


def _silent(_what: str, _rows: int) -> None:
    pass
