"""The two-hour cycle: fetch what is new for every active client, then refresh whose figures wait for it.

A client in whose sources and whose log nothing has changed costs no transaction of its own: who has is found in one
look at all of them, and the others are noted to be as good as new, all together.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, field
from functools import partial
from time import perf_counter
from typing import Any

import structlog
from psycopg import Connection as Transaction
from psycopg.rows import dict_row

from tallymark.connectors import Connection, Vault, nothing_new, sync
from tallymark.db import Database
from tallymark.db.queries import load
from tallymark.metrics import Catalog
from tallymark.model import ALL_PLATFORMS, Tenant
from tallymark.tasks.refresh import refresh
from tallymark.tasks.run import ms_since

SQL = load("tallymark.tasks", "clients.sql")
AT_ONCE = 1000
"""How many tenants are noted to be unchanged in one statement."""

log = structlog.get_logger("tallymark.cycle")


@dataclass(frozen=True, slots=True)
class Client:
    """An active tenant, the platforms that its figures are of, and what they wait for."""

    tenant: Tenant
    platforms: tuple[str, ...]
    changed: bool
    moved: bool

    @property
    def waits(self) -> bool:
        return self.changed or self.moved


@dataclass(frozen=True, slots=True)
class Job:
    """What the cycle did for one client and platform; the figures of all platforms are refreshed together.

    `sync`: fetched, nothing new, failed, stopped or not connected. `result`: refreshed, unchanged, failed or stopped.
    """

    client: str
    platform: str
    sync: str
    result: str
    skus: int | None = None
    error: str | None = None


@dataclass(slots=True)
class Cycle:
    """What a cycle did."""

    jobs: list[Job] = field(default_factory=list)
    duration_ms: float = 0.0
    stopped: bool = False

    @property
    def failed(self) -> list[Job]:
        return [job for job in self.jobs if job.error]

    def summary(self) -> dict[str, Any]:
        """Counts by result, and every job that failed."""
        return {
            "clients": len({job.client for job in self.jobs}),
            "jobs": len(self.jobs),
            "results": dict(Counter(job.result for job in self.jobs)),
            "syncs": dict(Counter(job.sync for job in self.jobs)),
            "failed": [asdict(job) for job in self.failed],
            "stopped": self.stopped,
            "durationMs": round(self.duration_ms, 3),
        }


@dataclass(frozen=True, slots=True)
class Fetched:
    """How the syncs of one client's platforms went, and what went wrong with them."""

    how: Mapping[str, str]
    errors: Mapping[str, str]


def clients(conn: Transaction[Any]) -> list[Client]:
    """Every active tenant, by slug."""
    return [
        Client(Tenant(*row[:5]), tuple(sorted(set(row[5]) - {ALL_PLATFORMS})), row[6], row[7])
        for row in conn.execute(SQL.clients)
    ]


def cycle(
    database: Database,
    catalog: Catalog,
    vault: Vault,
    *,
    only: str | None = None,
    stopping: Callable[[], bool] = lambda: False,
    on_progress: Callable[[int, int], None] = lambda *_: None,
    slow_ms: float = 30_000,
) -> Cycle:
    """One round for every active client, or `only` the one of this slug. What fails for one stops nobody else."""
    began, done = perf_counter(), Cycle()
    with database.connect(None) as conn:
        sources = _sources(conn, {client.tenant.tenant_id: client.tenant for client in _chosen(conn, only)})
    fetched = {
        tenant_id: _fetch(database, vault, found, stopping)
        for tenant_id, found in _with_news(database, sources).items()
        if not stopping()
    }
    with database.connect(None) as conn:
        found = _chosen(conn, only)
    waiting = [client for client in found if client.waits]
    outcomes: dict[int, tuple[str, str | None, Mapping[str, int]]] = {}
    for number, client in enumerate(waiting):
        if stopping():
            done.stopped = True
            break
        on_progress(number, len(waiting))
        outcomes[client.tenant.tenant_id] = _refresh(database, catalog, client, slow_ms)
    note_unchanged(database)
    for client in found:
        number = client.tenant.tenant_id
        outcome = outcomes.get(number, ("stopped" if client.waits else "unchanged", None, {}))
        done.jobs += _jobs(client, sources.get(number, []), fetched.get(number), *outcome)
    done.duration_ms = ms_since(began)
    _tell(done)
    return done


def note_unchanged(database: Database) -> None:
    """Figures of which nothing has changed are as good as new; those under refresh say so themselves."""
    after: int | None = 0
    while after is not None:
        with database.connect(None) as conn:
            row = conn.execute(SQL.note_unchanged, {"after": after, "most": AT_ONCE}).fetchone()
        after = row[0] if row else None


def _chosen(conn: Transaction[Any], only: str | None) -> list[Client]:
    return [client for client in clients(conn) if only in (None, client.tenant.slug)]


def _sources(conn: Transaction[Any], tenants: Mapping[int, Tenant]) -> dict[int, list[Connection]]:
    found: dict[int, list[Connection]] = defaultdict(list)
    with conn.cursor(row_factory=dict_row) as cursor:
        for row in cursor.execute(SQL.sources):
            if (tenant := tenants.get(row.pop("tenant_id"))) is not None:
                found[tenant.tenant_id].append(Connection(tenant, **row))
    return found


def _with_news(database: Database, sources: Mapping[int, list[Connection]]) -> dict[int, list[Connection]]:
    """Those that may have something new; that the others were looked at is noted for all of them together."""
    quiet = [one.connection_id for found in sources.values() for one in found if nothing_new(one)]
    if quiet:
        with database.connect(None) as conn:
            conn.execute(SQL.nothing_new, {"sources": quiet})
    still = set(quiet)
    left = {number: [one for one in found if one.connection_id not in still] for number, found in sources.items()}
    return {number: found for number, found in left.items() if found}


def _fetch(database: Database, vault: Vault, sources: Iterable[Connection], stopping: Callable[[], bool]) -> Fetched:
    how: dict[str, str] = {}
    errors: dict[str, str] = {}
    for one in sources:
        try:
            done = sync(database, one, vault, stopping=stopping)
            error, went = done.error, "fetched" if done.wrote else "nothing new"
            went = went if done.finished or error else "stopped"
        except Exception as failed:
            error, went = str(failed), "failed"
            log.error("sync failed", tenant=one.tenant.slug, platform=one.platform, error=error)
        how[one.platform] = "failed" if error else how.get(one.platform) or went
        if error:
            errors[one.platform] = "\n".join(filter(None, (errors.get(one.platform), error)))
    return Fetched(how, errors)


def _refresh(
    database: Database, catalog: Catalog, client: Client, slow_ms: float
) -> tuple[str, str | None, Mapping[str, int]]:
    tenant = client.tenant
    try:
        outcome = refresh(database, catalog, tenant, triggered_by="cycle", slow_ms=slow_ms)
        with database.connect(tenant.tenant_id) as conn:
            skus = dict(conn.execute(SQL.skus, {"tenant": tenant.tenant_id}).fetchall())
        return "refreshed", outcome.error, skus
    except Exception as failed:
        return "failed", str(failed), {}


def _jobs(
    client: Client,
    sources: list[Connection],
    fetched: Fetched | None,
    result: str,
    error: str | None,
    skus: Mapping[str, int],
) -> list[Job]:
    """One for each platform, and one for all of them together."""
    connected = {one.platform for one in sources}
    names = sorted(connected | set(client.platforms) | set(skus))
    job = partial(Job, client.tenant.slug, result=result)
    every = [
        job(
            platform=name,
            sync=_how(name, connected, fetched),
            skus=skus.get(name, 0) if result == "refreshed" else None,
            error=error or (fetched.errors.get(name) if fetched else None),
        )
        for name in names
    ]
    together = job(
        platform=ALL_PLATFORMS, sync="—", skus=sum(skus.values()) if result == "refreshed" else None, error=error
    )
    return [*every, together] if names else []


def _how(platform: str, connected: set[str], fetched: Fetched | None) -> str:
    if platform not in connected:
        return "not connected"
    return fetched.how.get(platform, "nothing new") if fetched else "nothing new"


def _tell(done: Cycle) -> None:
    """A line for each job in which something was done, and a summary."""
    for job in done.jobs:
        say = log.warning if job.error else log.info if job.result != "unchanged" else log.debug
        line = {name: value for name, value in asdict(job).items() if value is not None}
        say("cycle", **line)
    summary = done.summary()
    log.info("cycle ended", **{name: value for name, value in summary.items() if name != "failed"})
