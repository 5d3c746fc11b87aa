"""How old the figures are. Only a committed publication moves this, never a lease or a run."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from psycopg import Connection


@dataclass(frozen=True, slots=True)
class Publication:
    """What of a tenant's changes is published. `settling`: a large change is half applied."""

    version: int
    published_at: datetime | None
    checked_at: datetime | None
    data_through: Mapping[str, datetime]
    settling: bool

    def through(self, platform: str) -> datetime | None:
        """The latest instant of the platform's data, of all platforms' for `all`."""
        raise NotImplementedError


def publication(conn: Connection[Any], tenant_id: int) -> Publication | None:
    """The tenant's publication, or None where nothing was ever published."""
    raise NotImplementedError


def freshness(publication: Publication, now: datetime, stale_after: timedelta) -> tuple[float, bool]:
    """Seconds since the figures were last found to be current, and whether that is too long ago."""
    raise NotImplementedError
