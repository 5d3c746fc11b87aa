"""`tallymark import`: a set of files becomes records of a tenant, all or nothing."""

from collections.abc import Sequence
from pathlib import Path

from tallymark import ingest
from tallymark.connectors.files.reading import read
from tallymark.db import Database
from tallymark.ingest import Loaded, Progress
from tallymark.model import Tenant


def import_files(
    database: Database,
    tenant: Tenant,
    paths: Sequence[Path],
    *,
    platform: str = "files",
    mapping: Path | None = None,
    preset: str | None = None,
    on_progress: Progress | None = None,
) -> Loaded:
    """Import these files in one transaction, and say what became of the records of each kind.

    Raises ImportRefused when anything in the files or the mapping cannot be taken, BadQuestion for a platform
    or preset that does not exist; nothing is stored then.
    """
    with (
        read(paths, tenant, platform=platform, mapping=mapping, preset=preset) as batch,
        database.connect(tenant.tenant_id, statement_timeout=0) as conn,
    ):
        return ingest.load(conn, batch, on_progress=on_progress)
