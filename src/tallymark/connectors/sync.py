"""A sync: what is new at a source goes in, page by page, each with the note that it is in."""

import threading
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

import psycopg
import structlog
from psycopg.types.json import Jsonb

from tallymark import ingest
from tallymark.connectors.connections import SQL, Connection, seal
from tallymark.connectors.connector import Connector, Page, Pause, Trouble
from tallymark.connectors.folder import Folder
from tallymark.connectors.push import Push
from tallymark.connectors.vault import Vault
from tallymark.db import Database, Session
from tallymark.errors import BadQuestion, Conflict, ImportRefused, Problem, SettingsError, SourceFailed, TallymarkError
from tallymark.ingest import Progress

LOCK_CLASS = 0x7A13
LONGEST_PAUSE = 60.0
"""Seconds that a sync waits for a source; one that wants more ends it, and the next one goes on."""
LONGEST_ERROR = 2000
SHOWN = 3

KINDS: Mapping[str, Connector] = {connector.kind: connector for connector in (Folder(), Push())}
"""The kinds of source there are."""

log = structlog.get_logger("tallymark.sync")


@dataclass(slots=True)
class Synced:
    """What a sync did. `finished`: it came to the end of the source; `problems`: what of it could not be taken."""

    tenant: str
    platform: str
    connection: str
    pages: int = 0
    new: int = 0
    changed: int = 0
    unchanged: int = 0
    finished: bool = False
    problems: list[str] = field(default_factory=list)
    total_problems: int = 0

    @property
    def ok(self) -> bool:
        return not self.total_problems

    @property
    def wrote(self) -> bool:
        return bool(self.new or self.changed)

    @property
    def error(self) -> str | None:
        """What went wrong, in few lines."""
        if self.ok:
            return None
        more = self.total_problems - len(self.problems[:SHOWN])
        return "\n".join([*self.problems[:SHOWN], *([f"… and {more} more"] if more else [])])[:LONGEST_ERROR]

    def trouble(self, what: str, why: str) -> None:
        self.total_problems += 1
        if len(self.problems) < 20:
            # Names of files and columns may hold what the database cannot.
            told = f"{what}: {why}".replace("\0", "")
            self.problems.append(told.encode(errors="replace").decode())

    def as_json(self) -> dict[str, Any]:
        return {**asdict(self), "ok": self.ok}


def sync(
    database: Database,
    connection: Connection,
    vault: Vault,
    *,
    on_progress: Progress = lambda *_: None,
    stopping: Callable[[], bool] = lambda: False,
    connector: Connector | None = None,
) -> Synced:
    """Fetches what is new. What cannot be taken is told of and tried again next time; nothing else waits for it.

    A source that fails ends the sync and is a problem of it, never an exception; what was fetched stays. Raises
    Conflict while another sync of this source runs.
    """
    done = Synced(connection.tenant.slug, connection.platform, connection.name)
    with database.session(connection.tenant.tenant_id) as session:
        lock = {"class": LOCK_CLASS, "connection": connection.connection_id}
        row = session.connection.execute(SQL.try_lock, lock).fetchone()
        if row is None or not row[0]:
            raise Conflict(f"{connection.platform} ({connection.name}) is being synced already.")
        mark = None
        try:
            how = connector or connector_of(connection.kind)
            with session.transaction() as conn:
                source = _opened(conn, connection, vault)
                state = dict(conn.execute(SQL.done, _place(connection)).fetchall())
            mark = how.mark(source)
            done.finished = True
            for found in how.pages(source, state):
                if stopping() or not _take(session, connection, found, done, on_progress, stopping):
                    done.finished = False
                    break
        except (SourceFailed, BadQuestion, SettingsError) as failed:
            done.finished = False
            done.trouble(connection.name, failed.message)
        with session.transaction() as conn:
            ended = {"error": done.error, "mark": mark if done.ok and done.finished else None}
            conn.execute(SQL.ended, _place(connection) | ended)
    told = log.info if done.ok else log.warning
    told("synced", tenant=done.tenant, platform=done.platform, connection=done.connection, new=done.new,
         changed=done.changed, problems=done.total_problems)  # fmt: skip
    return done


def connector_of(kind: str) -> Connector:
    """Raises BadQuestion for a kind that there is not."""
    if kind not in KINDS:
        raise BadQuestion(f"There is no kind of connection {kind!r}.", hint=f"The kinds are {', '.join(KINDS)}.")
    return KINDS[kind]


def nothing_new(connection: Connection) -> bool:
    """Whether the source looks as it did when all of it was in; asked without the database, at hardly any cost."""
    if connection.mark is None:
        return False
    try:
        return connector_of(connection.kind).mark(connection.bare_source) == connection.mark
    except (OSError, TallymarkError):
        return False


def _take(
    session: Session,
    connection: Connection,
    found: Page | Pause | Trouble,
    done: Synced,
    on_progress: Progress,
    stopping: Callable[[], bool],
) -> bool:
    """Whether the sync goes on."""
    if isinstance(found, Pause):
        return found.seconds <= LONGEST_PAUSE and _waited(found.seconds, stopping)
    if isinstance(found, Trouble):
        done.trouble(found.what, found.why)
        return True
    try:
        with session.transaction() as conn, found.open() as batch:
            loaded = ingest.load(conn, batch, on_progress=on_progress) if batch.tables else ingest.Loaded({})
            conn.execute(SQL.put_done, _place(connection) | {"done": Jsonb(dict(found.done))})
    except ImportRefused as refused:
        done.trouble(found.what, _why(refused))
    except (OSError, psycopg.DataError) as failed:
        done.trouble(found.what, f"could not be taken: {failed}")
    else:
        done.pages += 1
        sums: Counter[str] = Counter()
        for counts in loaded.counts.values():
            sums.update(asdict(counts))
        done.new, done.changed = done.new + sums["new"], done.changed + sums["changed"]
        done.unchanged += sums["unchanged"]
    return True


def _why(refused: ImportRefused) -> str:
    if not refused.problems:
        return refused.message
    first: Problem = refused.problems[0]
    rest = f" ({refused.total} rows in all)" if refused.total > 1 else ""
    return f"{first}{rest}"


def _waited(seconds: float, stopping: Callable[[], bool]) -> bool:
    """Sleeps, and wakes at once to stop."""
    moment, left = threading.Event(), seconds
    while left > 0 and not stopping():
        moment.wait(min(0.2, left))
        left -= 0.2
    return not stopping()


def _opened(conn: psycopg.Connection[Any], connection: Connection, vault: Vault) -> Any:
    source = connection.source(vault)
    if connection.sealed and vault.outdated(connection.sealed):
        seal(conn, connection, source.secrets, vault)
    return source


def _place(connection: Connection) -> dict[str, object]:
    return {"tenant": connection.tenant.tenant_id, "connection": connection.connection_id}
