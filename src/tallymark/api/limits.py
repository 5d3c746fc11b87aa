"""How often one person may start a refresh of one shop (MISSION A9): a pause after each, and so many in a window.

What counts is in the run records, so the limit holds over every process and survives a restart: runs that this person
started and that did not fail. Joining a run that is going on is free.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil
from typing import Any

from psycopg import Connection

from tallymark.db.queries import load
from tallymark.errors import TooManyRequests
from tallymark.model import Tenant
from tallymark.settings import Settings

SQL = load("tallymark.api", "limits.sql")


@dataclass(frozen=True, slots=True)
class Allowance:
    """What is left to one person at one moment. `reset` and `wait` are in seconds."""

    quota: int
    window: int
    remaining: int
    reset: int
    wait: int

    def headers(self) -> dict[str, str]:
        """RateLimit fields after draft-ietf-httpapi-ratelimit-headers-11."""
        return {
            "RateLimit-Policy": f'"refresh";q={self.quota};w={self.window}',
            "RateLimit": f'"refresh";r={self.remaining};t={self.reset}',
        }

    def require(self) -> None:
        """Raises TooManyRequests until the wait is over."""
        if self.wait > 0:
            raise TooManyRequests(
                f"You refreshed a moment ago; the next refresh can start in {_spoken(self.wait)}.",
                retry_after=self.wait,
            )

    def spent(self) -> "Allowance":
        """The same after one more refresh."""
        return Allowance(self.quota, self.window, max(0, self.remaining - 1), self.reset, self.wait)


def allowance(conn: Connection[Any], settings: Settings, tenant: Tenant, person: str, now: datetime) -> Allowance:
    """What this person may still do in this shop."""
    cooldown = timedelta(minutes=settings.refresh_cooldown_minutes)
    window = timedelta(minutes=settings.rate_limit_window_minutes)
    values = {"tenant_id": tenant.tenant_id, "triggered_by": person, "since": now - max(cooldown, window)}
    started = [row[0] for row in conn.execute(SQL.asked_for, values).fetchall()]
    return count(started, now, settings.rate_limit_requests, window, cooldown)


def count(started: Sequence[datetime], now: datetime, quota: int, window: timedelta, cooldown: timedelta) -> Allowance:
    """The allowance that these starts leave, oldest first; the window slides."""
    within = [at for at in started if now - at < window]
    remaining = max(0, quota - len(within))
    waits = [cooldown - (now - at) for at in started[-1:]]
    if not remaining:
        waits.append(window - (now - within[-quota]))
    reset = window - (now - within[0]) if within else window
    return Allowance(
        quota,
        int(window.total_seconds()),
        remaining,
        ceil(reset.total_seconds()),
        max(0, *(ceil(wait.total_seconds()) for wait in waits), 0),
    )


def _spoken(seconds: int) -> str:
    minutes, rest = divmod(seconds, 60)
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"
