"""What a question's answer is made of, and how it is told at one moment: the figures stay, their age does not."""

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal, Self

from psycopg import Connection

from tallymark.db import Database
from tallymark.errors import NotBuilt
from tallymark.metrics import Plan, evaluate
from tallymark.model import Answer, Notice, Tenant, exact_json, instant
from tallymark.results import Publication, Stored, freshness, publication, read

Tier = Literal["memory", "shared", "stored", "rollup"]

SETTLING = Notice("settling", "a large change is being applied; figures may move until it is done")


@dataclass(frozen=True, slots=True)
class Own:
    """Of figures that are as old as they are, whatever was published since: a daily metric's, or those of one that
    failed since.
    """

    version: int
    data_through: datetime | None
    failed: bool


@dataclass(frozen=True, slots=True)
class Figures:
    """An answer without its age. `params` and `data` are JSON."""

    metric: str
    platform: str
    params: str
    data: str
    warnings: tuple[Notice, ...]
    computed_at: datetime
    own: Own | None = None

    def packed(self, found_at: datetime) -> bytes:
        """For another instance: only figures without an age of their own travel."""
        warnings = [[notice.code, notice.message] for notice in self.warnings]
        instants = [self.computed_at.isoformat(), found_at.isoformat()]
        return json.dumps([self.metric, self.platform, self.params, self.data, warnings, *instants]).encode()

    @classmethod
    def unpacked(cls, packed: bytes) -> tuple[Self, datetime]:
        """The figures, and when they were found."""
        metric, platform, params, data, warnings, computed_at, found_at = json.loads(packed)
        notices = tuple(Notice(code, message) for code, message in warnings)
        figures = cls(metric, platform, params, data, notices, datetime.fromisoformat(computed_at))
        return figures, datetime.fromisoformat(found_at)

    def told(
        self,
        published: Publication,
        now: datetime,
        stale_after: timedelta,
        *,
        unverified: bool = False,
        parsed: bool = True,
    ) -> Answer:
        """The answer at this moment. Unverified: nobody could look whether `published` is still the newest.

        `parsed` false leaves the data as text, for printing only.
        """
        checked_at, version, through = published.checked_at, published.version, published.through(self.platform)
        age, stale = freshness(published, now, stale_after)
        warnings = self.warnings
        if self.own:
            checked_at, version, through = self.computed_at, self.own.version, self.own.data_through
            age = max(timedelta(), now - self.computed_at).total_seconds()
            stale = self.own.failed or age > stale_after.total_seconds()
        if published.settling:
            warnings += (SETTLING,)
        if self.own and self.own.failed:
            at = f"{self.computed_at:%Y-%m-%d %H:%M} UTC"
            warnings += (Notice("last_good", f"a later computation failed; these figures are of {at}"),)
        if unverified:
            known = f"the database cannot be reached; nothing newer than {instant(checked_at)} is known here"
            warnings += (Notice("unverified", known),)
        return Answer(
            metric=self.metric,
            params=exact_json.loads(self.params),
            platform=self.platform,
            data=exact_json.loads(self.data) if parsed else exact_json.raw(self.data),
            computed_at=self.computed_at,
            checked_at=checked_at,
            data_through=through,
            version=version,
            age=age,
            stale=stale or published.settling or unverified,
            warnings=warnings,
        )


@dataclass(frozen=True, slots=True)
class Found:
    """Figures and the publication they belong to, of one snapshot, and where they came from."""

    figures: Figures
    published: Publication
    tier: Tier


def find(database: Database, tenant: Tenant, asked: Plan, now: datetime, at_least: int = 0) -> Found:
    """Stored figures where they are about the same days, else those of the rollups; read in one snapshot.

    A replica that is behind version `at_least` is not believed: the database itself answers. Raises NotBuilt.
    """
    found = database.read(
        tenant.tenant_id,
        lambda conn: _find(conn, tenant, asked, now),
        enough=lambda found: found is not None and found.published.version >= at_least,
    )
    if found is None:
        raise NotBuilt(hint=f"Refresh first: tallymark refresh --tenant {tenant.slug}")
    return found


def _find(conn: Connection[Any], tenant: Tenant, asked: Plan, now: datetime) -> Found | None:
    published = publication(conn, tenant.tenant_id)
    if published is None:
        return None
    stored = read(conn, tenant.tenant_id, asked.name, asked.platform, asked.parameters)
    if stored is not None and (_holds(stored, asked) or published.settling):
        return Found(_of_stored(asked, stored), published, "stored")
    result = evaluate(conn, asked)
    figures = Figures(asked.name, asked.platform, asked.resolved, result.json, result.warnings, now)
    return Found(figures, published, "rollup")


def _holds(stored: Stored, asked: Plan) -> bool:
    """Whether it is the answer; a failed metric's last good figures are, for it would fail again.

    A daily one of an earlier day is, and says its own age: it is too much work to be done while somebody waits.
    """
    if stored.failed_at is not None:
        return True
    same_day = stored.resolved == asked.resolved or asked.metric.ready == "daily"
    return same_day and stored.definition == asked.metric.definition and not stored.outdated


def _of_stored(asked: Plan, stored: Stored) -> Figures:
    failed = stored.failed_at is not None
    own = Own(stored.version, stored.data_through, failed) if failed or asked.metric.ready == "daily" else None
    return Figures(asked.name, asked.platform, stored.resolved, stored.json, stored.warnings, stored.computed_at, own)
