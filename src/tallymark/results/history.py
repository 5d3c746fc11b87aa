"""How the figures have moved: a snapshot per version that differs."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from psycopg import Connection

from tallymark.metrics import Plan, Result
from tallymark.model import Tenant


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One metric as it stood at one version; `day` is the tenant's local day."""

    metric: str
    platform: str
    version: int
    day: date
    data: object
    created_at: datetime


def snapshot_history(
    conn: Connection[Any], tenant: Tenant, plan: Plan, result: Result, *, version: int, now: datetime
) -> bool:
    """Keep a snapshot when the figures differ from the newest one; False where they do not."""
    raise NotImplementedError


def history(
    conn: Connection[Any], tenant_id: int, metric: str, first: date | None, last: date | None, platform: str
) -> list[Snapshot]:
    """The snapshots taken on the local days from first to last, oldest first."""
    raise NotImplementedError
