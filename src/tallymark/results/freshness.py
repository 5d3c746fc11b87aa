"""How old the figures are. Only a committed publication moves this, never a lease or a run."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

from psycopg import Connection

from tallymark.changes import progress
from tallymark.model import ALL_PLATFORMS


@dataclass(frozen=True)
class Publication:
    """What of a tenant's changes is published. `settling`: a build or a large change is half applied."""

    version: int
    published_at: datetime
    checked_at: datetime
    data_through: Mapping[str, datetime]
    settling: bool

    @cached_property
    def mark(self) -> tuple[int, float, bool]:
        """Names this state of the rollups and no other, also where a restored database counts versions once more."""
        return self.version, self.published_at.timestamp(), self.settling

    def through(self, platform: str) -> datetime | None:
        """The latest instant of the platform's data, of all platforms' for `all`."""
        if platform == ALL_PLATFORMS:
            return max(self.data_through.values(), default=None)
        return self.data_through.get(platform)


def publication(conn: Connection[Any], tenant_id: int) -> Publication | None:
    """The tenant's publication, or None where nothing was ever published."""
    state = progress(conn, tenant_id)
    if state is None or state.published_at is None:
        return None
    return Publication(
        version=state.version,
        published_at=state.published_at,
        checked_at=state.checked_at or state.published_at,
        data_through={name: datetime.fromisoformat(at) for name, at in state.data_through.items()},
        settling=not state.settled,
    )


def freshness(publication: Publication, now: datetime, stale_after: timedelta) -> tuple[float, bool]:
    """Seconds since the figures were last found to be current, and whether that is too long ago."""
    age = max(timedelta(), now - publication.checked_at)
    return age.total_seconds(), age > stale_after
