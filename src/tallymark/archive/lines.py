"""Lines of whole months out to files, and back."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from psycopg import Connection

from tallymark.archive import file
from tallymark.db import Session
from tallymark.db.queries import load
from tallymark.errors import ArchiveUnreadable
from tallymark.model import Tenant

SQL = load("tallymark.archive", "lines.sql")
COLUMNS = (
    "platform", "order_id", "line_id", "product_id", "quantity", "unit_price", "unit_cost", "discount", "tax",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Archive:
    """One archived month: where its lines are, below the folder of archives, how many, and their checksum."""

    month: datetime
    file: str
    lines: int
    sha256: str


def archives(conn: Connection[Any], tenant: Tenant) -> list[Archive]:
    """What of a tenant is archived, by month."""
    return [Archive(*row) for row in conn.execute(SQL.archives, {"tenant": tenant.tenant_id})]


def archive_months(
    session: Session, tenant: Tenant, before: datetime, folder: Path, *, proceed: Callable[[datetime], None]
) -> list[Archive]:
    """Moves the lines of whole months that ended before then to files below `folder`, a month a transaction.

    Hold the tenant's lock, with nothing in its log that waits. A file is on the disk before a line is removed, so an
    end at any moment loses nothing; what it leaves half done, the next call does again.
    """
    with session.transaction() as conn:
        of = {"tenant": tenant.tenant_id, "before": before}
        months = [month for (month,) in conn.execute(SQL.full_months, of)]
        known = {archive.month: archive for archive in archives(conn, tenant)}
    done = []
    for month in months:
        proceed(month)
        if month in known:  # Lines have come to it since: they go out together.
            restore(session, tenant, [known[month]], folder)
        with session.transaction("repeatable read") as conn:
            done.append(_archive(conn, tenant, month, folder))
    return done


def restore(session: Session, tenant: Tenant, months: Iterable[Archive], folder: Path) -> int:
    """Brings the lines of these months back, a month a transaction; returns how many. Raises ArchiveUnreadable."""
    lines = 0
    for archive in months:
        with session.transaction("repeatable read") as conn:
            _read_in(conn, tenant, [archive], folder)
            lines += conn.execute(SQL.put_back).rowcount
            conn.execute(SQL.unlog, {"tenant": tenant.tenant_id})
            conn.execute(SQL.forget, {"tenant": tenant.tenant_id, "month": archive.month})
        (folder / archive.file).unlink(missing_ok=True)
    return lines


def needed(conn: Connection[Any], tenant: Tenant, seen: str | None) -> list[Archive]:
    """The archives that must be back before what waits, given what is published, can be counted.

    Within the snapshot of the running transaction. Costs one look where nothing is archived.
    """
    of = {"tenant": tenant.tenant_id}
    row = conn.execute(SQL.has_archives, of).fetchone()
    if row is None or not row[0]:
        return []
    return [Archive(*found) for found in conn.execute(SQL.needed, of | {"seen": seen})]


def beside_stored(conn: Connection[Any], tenant: Tenant, folder: Path) -> None:
    """Makes the name `order_items` mean the archived lines too, until the transaction or savepoint is rolled back."""
    found = archives(conn, tenant)
    if found:
        _read_in(conn, tenant, found, folder)
        conn.execute(SQL.beside_stored)


def _archive(conn: Connection[Any], tenant: Tenant, month: datetime, folder: Path) -> Archive:
    of = {"tenant": tenant.tenant_id, "month": month}
    name = f"{tenant.slug}/{month:%Y-%m}.order_items.parquet"
    with conn.cursor(name="lines_of_a_month") as lines:
        lines.itersize = file.ROWS
        lines.execute(SQL.lines, of)
        digest = file.write(folder / name, COLUMNS, lines)
    archive = Archive(month, name, digest.rows, digest.told)
    conn.execute(SQL.remove, of)
    conn.execute(SQL.unlog, of)
    conn.execute(SQL.note, of | {"file": archive.file, "lines": archive.lines, "sha256": archive.sha256})
    return archive


def _read_in(conn: Connection[Any], tenant: Tenant, months: Iterable[Archive], folder: Path) -> None:
    """The lines of files into `archived_lines`, each with its order. Raises ArchiveUnreadable where they differ."""
    conn.execute(SQL.incoming)
    for archive in months:
        digest = file.Digest()
        with conn.cursor() as cursor, cursor.copy(SQL.copy_incoming) as copy:
            for row in file.read(folder / archive.file):
                digest.add(row)
                copy.write_row(row)
        if (digest.rows, digest.told) != (archive.lines, archive.sha256):
            raise ArchiveUnreadable(
                f"{folder / archive.file}: the archived order lines are not those that were written."
            )
    conn.execute(SQL.analyze_incoming)
    conn.execute(SQL.join_incoming, {"tenant": tenant.tenant_id})
