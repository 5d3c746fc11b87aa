"""The door to PostgreSQL: `open_database`, then `connect(tenant)`.

Every connection acts as the role `tallymark_app`, which row security binds, and belongs to one tenant for
exactly one transaction.
"""

from tallymark.db.arrays import text_array
from tallymark.db.database import (
    Database,
    Isolation,
    Session,
    Timeouts,
    check_version,
    database_of,
    open_database,
    timeouts_of,
)

__all__ = [
    "Database",
    "Isolation",
    "Session",
    "Timeouts",
    "check_version",
    "database_of",
    "open_database",
    "text_array",
    "timeouts_of",
]
