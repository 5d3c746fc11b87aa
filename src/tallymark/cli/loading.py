"""What follows a load of many records."""

from tallymark.db import Database
from tallymark.db.queries import load
from tallymark.ingest import Loaded

SQL = load("tallymark.cli", "loading.sql")
MANY = 5_000


def settle(database: Database, loaded: Loaded) -> None:
    """Lets PostgreSQL take notice of a large load, so that the refresh after it is planned well."""
    if sum(counts.new + counts.changed for counts in loaded.counts.values()) < MANY:
        return
    # Only the owner of a table may; for anybody else PostgreSQL leaves it out with a notice.
    with database.owner() as connection:
        connection.execute(SQL.analyze)
