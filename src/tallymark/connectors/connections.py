"""The sources that a shop is connected to."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from psycopg import Connection as Transaction
from psycopg.rows import dict_row
from psycopg.types.json import Jsonb

from tallymark.connectors.connector import Source
from tallymark.connectors.vault import Vault
from tallymark.db.queries import load
from tallymark.errors import BadQuestion, Conflict, NotFound
from tallymark.model import ALL_PLATFORMS, PLATFORM_NAMES, Tenant, is_platform

SQL = load("tallymark.connectors", "connections.sql")
LONGEST_NAME = 80


@dataclass(frozen=True, slots=True)
class Connection:
    """One source of one platform, and how its last sync went."""

    tenant: Tenant
    connection_id: int
    platform: str
    kind: str
    name: str
    settings: Mapping[str, Any]
    sealed: str | None = field(repr=False)
    status: str
    created_by: str
    created_at: datetime
    last_sync_at: datetime | None
    last_good_at: datetime | None
    last_error: str | None
    mark: str | None

    def source(self, vault: Vault) -> Source:
        """The source with its secrets. Raises SettingsError where they cannot be opened."""
        secrets = vault.open(self.sealed, self._place) if self.sealed else {}
        return Source(self.tenant, self.platform, self.settings, secrets)

    @property
    def bare_source(self) -> Source:
        """The source without its secrets."""
        return Source(self.tenant, self.platform, self.settings)

    @property
    def _place(self) -> str:
        return f"connections/{self.tenant.tenant_id}/{self.connection_id}"


def connect(
    conn: Transaction[Any],
    tenant: Tenant,
    platform: str,
    kind: str,
    settings: Mapping[str, Any],
    *,
    by: str,
    vault: Vault,
    name: str | None = None,
    secrets: Mapping[str, str] | None = None,
) -> Connection:
    """A new source, called by its kind unless it is given a name. Raises BadQuestion, and Conflict for a taken name."""
    name = kind if name is None else name.strip()
    if not is_platform(platform):
        raise BadQuestion(f"{platform!r} is not the name of one platform.", hint=f"A name has {PLATFORM_NAMES}.")
    if not 0 < len(name) <= LONGEST_NAME or not name.isprintable():
        raise BadQuestion(f"The name of a connection has 1 to {LONGEST_NAME} printable characters.")
    row = conn.execute(
        SQL["add"],
        {
            "tenant": tenant.tenant_id,
            "platform": platform,
            "kind": kind,
            "name": name,
            "settings": Jsonb(dict(settings)),
            "by": by,
        },
    ).fetchone()
    if row is None:
        raise Conflict(
            f"{platform} has a connection called {name} already.", hint="Give this one another name: --name NAME"
        )
    made = find_connection(conn, tenant, row[0])
    if secrets:
        seal(conn, made, secrets, vault)
    return find_connection(conn, tenant, row[0])


def connections(conn: Transaction[Any], tenant: Tenant, platform: str = ALL_PLATFORMS) -> list[Connection]:
    """Those of one platform, or all, by platform and name."""
    with conn.cursor(row_factory=dict_row) as cursor:
        rows = cursor.execute(SQL.list, {"tenant": tenant.tenant_id, "platform": platform}).fetchall()
    return [Connection(tenant, **row) for row in rows]


def find_connection(conn: Transaction[Any], tenant: Tenant, connection_id: int) -> Connection:
    """The connection of this number. Raises NotFound."""
    for found in connections(conn, tenant):
        if found.connection_id == connection_id:
            return found
    raise NotFound(f"There is no connection {connection_id}.", hint="Run: tallymark connect list")


def disconnect(conn: Transaction[Any], connection: Connection) -> None:
    """Forgets the source and how far it was read; its records stay."""
    conn.execute(SQL.remove, {"tenant": connection.tenant.tenant_id, "connection": connection.connection_id})


def seal(conn: Transaction[Any], connection: Connection, secrets: Mapping[str, str], vault: Vault) -> None:
    """Keeps the secrets of a source, sealed."""
    sealed = vault.seal(secrets, connection._place)
    place = {"tenant": connection.tenant.tenant_id, "connection": connection.connection_id}
    conn.execute(SQL.seal, place | {"sealed": sealed})
