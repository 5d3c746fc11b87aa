"""What a command works on: the settings, the database, and the tenants that are meant."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from tallymark.db import Database, database_of, directory, embedded, open_database
from tallymark.errors import BadQuestion
from tallymark.model import Tenant
from tallymark.monitoring import log_to_standard_error
from tallymark.settings import Settings


@dataclass(frozen=True)
class Installation:
    """An open database, up to date, and the settings it was opened with."""

    settings: Settings
    database: Database

    def all_tenants(self) -> list[Tenant]:
        with self.database.connect(None, read_only=True) as conn:
            return directory.all_tenants(conn)

    def tenant(self, slug: str | None) -> Tenant:
        """The tenant of this slug, or the only one there is. Raises UnknownTenant or BadQuestion."""
        if slug is not None:
            with self.database.connect(None, read_only=True) as conn:
                return directory.find_tenant(conn, slug)
        tenants = self.all_tenants()
        if not tenants:
            raise BadQuestion("There is no tenant yet.", hint="Run: tallymark tenant create SLUG --name NAME …")
        if len(tenants) > 1:
            slugs = ", ".join(tenant.slug for tenant in tenants)
            raise BadQuestion(
                f"There are {len(tenants)} tenants: which one is meant?", hint=f"--tenant, one of {slugs}"
            )
        return tenants[0]


@contextmanager
def installation() -> Iterator[Installation]:
    """The installation that the environment describes. Raises SettingsError and what `open_database` raises."""
    settings = Settings.from_environment()
    log_to_standard_error(form=settings.log_format)
    with open_database(settings) as database:
        yield Installation(settings, database)


def bare_database(settings: Settings) -> Database:
    """The database as it is found: running, but neither brought up to date nor checked."""
    return database_of(settings, settings.database_url or embedded.ensure(settings.home))
