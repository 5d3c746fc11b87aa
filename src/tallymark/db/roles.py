"""The guard at start-up: no tenant may see another's rows, whatever query we forgot a condition in."""

from typing import Any

from psycopg import Connection
from psycopg.rows import tuple_row

from tallymark.db.queries import load
from tallymark.errors import UnsafeRole

SQL = load("tallymark.db", "roles.sql")
# Read before a tenant is known: who there is, and who belongs to whom.
DIRECTORY = frozenset({"tenants", "memberships"})


def check(connection: Connection[Any]) -> None:
    """Raises UnsafeRole, naming the role or the tables, unless row security holds for the role in force."""
    cursor = connection.cursor(row_factory=tuple_row)
    role = cursor.execute(SQL.role).fetchone()
    assert role is not None
    name, superuser, bypasses = role
    if superuser or bypasses:
        raise UnsafeRole(
            f"The database role {name} {'is a superuser' if superuser else 'may bypass row security'}.",
            hint=f'ALTER ROLE "{name}" NOSUPERUSER NOBYPASSRLS;',
        )
    tables = [
        (table, owned, isolated)
        for table, owned, isolated in cursor.execute(SQL.tables)
        if table.rpartition(".")[2] not in DIRECTORY
    ]
    _refuse(
        [table for table, owned, _ in tables if owned],
        f"The database role {name} owns or may act as the owner of",
        "Let another role own them: REASSIGN OWNED BY …; and revoke membership of the owner.",
    )
    _refuse(
        [table for table, _, isolated in tables if not isolated],
        "Row security is not enabled and forced, with a policy, on",
        "SELECT tallymark.isolate_tenant(ARRAY[…]::regclass[]); or, for a partition, REVOKE ALL on it.",
    )
    _refuse(
        [view for (view,) in cursor.execute(SQL.views)],
        "Row security does not hold in what is read through",
        "ALTER VIEW … SET (security_invoker = true); a materialised view must not be granted at all.",
    )


def _refuse(tables: list[str], why: str, hint: str) -> None:
    if tables:
        raise UnsafeRole(f"{why} {', '.join(tables)}.", hint=hint, details={"tables": tables})
