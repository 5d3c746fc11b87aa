"""Connections: one tenant, one transaction, one role."""

import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Literal, Self, TypeVar

import psycopg
from psycopg import Connection, IsolationLevel, errors, sql
from psycopg.rows import TupleRow
from psycopg_pool import ConnectionPool, PoolClosed, PoolTimeout

from tallymark.db import embedded, migrations, roles
from tallymark.db.follower import Follower
from tallymark.db.queries import load
from tallymark.db.watched import Watched
from tallymark.errors import DatabaseUnavailable, TallymarkError
from tallymark.monitoring import VALUES, about
from tallymark.settings import Settings

SQL = load("tallymark.db", "database.sql")
CLOSED = "This process is ending and has let go of the database."
OLDEST_SERVER = 15
REPLICA_PATIENCE = 1.0
"""Seconds for a connection to the replica, before the database itself is asked."""
LOOK = 2.0
"""Seconds that a look at how far the servers are may take."""
LISTENING = 0.25
"""Seconds within which whoever listens notices that they shall stop."""

Isolation = Literal["read committed", "repeatable read"]
Found = TypeVar("Found")
_LEVELS = {
    "read committed": IsolationLevel.READ_COMMITTED,
    "repeatable read": IsolationLevel.REPEATABLE_READ,
}


@dataclass(frozen=True, slots=True)
class Timeouts:
    """Seconds: for a statement somebody waits for, for a lock that it needs, for a transaction whose program is silent.

    The last is an accident, and holds back every clean-up.
    """

    statement: float = 60.0
    lock: float = 10.0
    idle: float = 600.0

    def of(self, statement: float | None) -> tuple[float, float]:
        """For a statement and for its locks, where a limit of its own was asked for; 0 is without end."""
        if statement is None:
            return self.statement, self.lock
        return statement, min(self.lock, statement)


TIMEOUTS = Timeouts()


@dataclass(frozen=True, slots=True)
class Usage:
    """Connections of one pool, who waits for one, and how long has been waited since the start."""

    used: int
    idle: int
    most: int
    waiting: int
    waited_seconds: float
    timeouts: int


class Database:
    """One PostgreSQL and, for reading, perhaps a replica of it.

    Nothing is connected before the first use. Every method raises DatabaseUnavailable when PostgreSQL cannot
    be reached within `patience` seconds or goes away; other errors are psycopg's own. `revive` starts our own
    server again, should it have died. `archive_folder` is where files that belong to it lie: what it says of them is
    told from there.
    """

    def __init__(
        self,
        conninfo: str,
        *,
        replica: str | None = None,
        min_size: int = 1,
        max_size: int = 10,
        replica_size: int = 10,
        replica_lag: float = 5.0,
        patience: float = 10.0,
        timeouts: Timeouts = TIMEOUTS,
        revive: Callable[[], object] | None = None,
        archive_folder: Path = Path("archive"),
    ) -> None:
        self.conninfo = conninfo
        self.archive_folder = archive_folder
        self.timeouts = timeouts
        self._patience = patience
        self._revive = revive
        # Sessions are kept for long, and what runs in one connects beside it. They have connections of their own also
        # because each plans a refresh but once, and that costs more than the refresh.
        sessions = max(1, max_size // 2)
        self._primary = _Pool(conninfo, min_size, max(1, max_size - sessions), patience, timeouts.idle)
        self._sessions = _Pool(conninfo, min_size, sessions, patience, timeouts.idle)
        self._free_sessions = threading.BoundedSemaphore(sessions)
        self._replica = _Pool(replica, min_size, replica_size, REPLICA_PATIENCE, timeouts.idle) if replica else None
        self._follower = Follower(self._written, self._replayed, replica_lag) if replica else None
        self._opening = threading.Lock()
        self._closed = False

    @contextmanager
    def connect(
        self,
        tenant_id: int | None,
        *,
        read_only: bool = False,
        isolation: Isolation = "read committed",
        statement_timeout: float | None = None,
    ) -> Iterator[Connection[TupleRow]]:
        """A connection inside one transaction of one tenant: committed at the end, rolled back on an error.

        Without a tenant only the directory (tenants, users, memberships) shows rows. `statement_timeout` is in
        seconds, 0 for no limit, for locks neither; None for what is set for all.
        """
        statement, lock = self.timeouts.of(statement_timeout)
        with (
            self._borrow(self._primary) as connection,
            _transaction(connection, tenant_id, isolation, read_only, statement, lock),
        ):
            yield connection

    def read(
        self,
        tenant_id: int,
        work: Callable[[Connection[TupleRow]], Found],
        *,
        isolation: Isolation = "repeatable read",
        enough: Callable[[Found], bool] = lambda _: True,
    ) -> Found:
        """What `work` gives in a read-only transaction: on the replica, where there is one that keeps up.

        What it gives there counts only where it is `enough`; else, and where the replica fails, the database itself
        is asked. So `work` may run twice.
        """
        if self._replica is not None and self._follower is not None:
            reason = self._follower.unfit()
            if reason is None:
                try:
                    found = self._read(self._replica, tenant_id, work, isolation)
                    if enough(found):
                        return found
                    reason = "behind"
                except (psycopg.Error, TallymarkError):
                    reason = "failed"
            VALUES.count("replica_fallbacks_total", reason)
        return self._read(self._primary, tenant_id, work, isolation)

    def _read(
        self, pool: "_Pool", tenant_id: int, work: Callable[[Connection[TupleRow]], Found], isolation: Isolation
    ) -> Found:
        with (
            self._borrow(pool) as connection,
            _transaction(connection, tenant_id, isolation, True, *self.timeouts.of(None)),
        ):
            return work(connection)

    @property
    def follower(self) -> Follower | None:
        """How the replica keeps up; None where there is none."""
        return self._follower

    def _written(self) -> str:
        with self.connect(None, statement_timeout=LOOK) as connection:
            row = connection.execute(SQL.written).fetchone()
        assert row is not None
        return str(row[0])

    def _replayed(self, written: str) -> tuple[bool, bool]:
        assert self._replica is not None
        with (
            self._borrow(self._replica) as connection,
            _transaction(connection, None, "read committed", True, *self.timeouts.of(LOOK)),
        ):
            row = connection.execute(SQL.replayed, {"written": written}).fetchone()
        assert row is not None
        return bool(row[0]), bool(row[1])

    @contextmanager
    def session(self, tenant_id: int) -> Iterator["Session"]:
        """A connection for a run of several transactions, which can hold locks across them.

        Waits while all that there may be are in use. Every advisory lock is let go at the end.
        """
        with self._free_sessions, self._session(tenant_id) as session:
            yield session

    @contextmanager
    def spare_sessions(self, tenant_id: int, most: int) -> Iterator[list["Session"]]:
        """As many sessions as may be had without waiting, up to `most`; whoever has one already may ask for these."""
        with ExitStack() as held:
            spare: list[Session] = []
            while len(spare) < most and self._free_sessions.acquire(blocking=False):
                held.callback(self._free_sessions.release)
                spare.append(held.enter_context(self._session(tenant_id)))
            yield spare

    @contextmanager
    def owner(self) -> Iterator[Connection[TupleRow]]:
        """A connection in autocommit mode as the owner of the tables, whom only FORCE holds to a policy.

        For migrations and tests; nothing that serves a tenant may use it.
        """
        with _connected(self.conninfo) as connection:
            connection.execute("SET search_path = tallymark, public")
            yield connection

    def notices(self, channel: str, stopping: threading.Event) -> Iterator[str]:
        """What is said on a channel, on a connection of its own, until `stopping` is set."""
        with _connected(self.conninfo) as connection:
            _configure(connection, self.timeouts.idle)
            connection.execute(sql.SQL("LISTEN {}").format(sql.Identifier(channel)))
            while not stopping.is_set():
                for notice in connection.notifies(timeout=LISTENING):
                    yield notice.payload

    def usage(self) -> dict[str, Usage]:
        """How busy each pool is."""
        pools = {"primary": self._primary, "sessions": self._sessions}
        pools |= {"replica": self._replica} if self._replica else {}
        return {name: pool.usage() for name, pool in pools.items()}

    def close(self) -> None:
        """Gives every connection back to PostgreSQL. Whoever asks for one after that is told so."""
        self._closed = True
        if self._follower is not None:
            self._follower.stop()
        for pool in filter(None, (self._primary, self._sessions, self._replica)):
            pool.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @contextmanager
    def _session(self, tenant_id: int) -> Iterator["Session"]:
        with self._borrow(self._sessions) as connection:
            try:
                yield Session(connection, tenant_id)
            finally:
                if not connection.closed:
                    connection.execute(SQL.unlock)

    @contextmanager
    def _borrow(self, pool: "_Pool") -> Iterator[Connection[TupleRow]]:
        if self._closed:
            raise DatabaseUnavailable(CLOSED)
        with self._opening:
            pool.open_once()
        connection = self._take(pool)
        try:
            with _lost(connection):
                yield connection
        finally:
            pool.putconn(connection)

    def _take(self, pool: "_Pool") -> Connection[TupleRow]:
        try:
            with suppress(PoolTimeout):
                return pool.getconn()
        except PoolClosed:
            raise DatabaseUnavailable(CLOSED) from None
        if pool is self._replica:
            raise DatabaseUnavailable("No connection to the replica is to be had.")
        if self._revive is not None and not _reachable(pool.address):
            self._revive()
            with suppress(PoolTimeout):
                return pool.getconn()
        with _connected(pool.address):  # Raises, where the database is to blame.
            raise DatabaseUnavailable(
                f"All {pool.max_size} database connections have been busy for {self._patience:g} s."
            )


class Session:
    """A dedicated connection in autocommit mode; `transaction` opens one for its tenant, again and again."""

    def __init__(self, connection: Connection[TupleRow], tenant_id: int) -> None:
        self.connection = connection
        self.tenant_id = tenant_id

    @contextmanager
    def transaction(
        self,
        isolation: Isolation = "read committed",
        *,
        read_only: bool = False,
        statement_timeout: float = 0.0,
    ) -> Iterator[Connection[TupleRow]]:
        """The session's connection inside one transaction of its tenant; see `Database.connect`."""
        with _transaction(self.connection, self.tenant_id, isolation, read_only, statement_timeout, 0.0):
            yield self.connection


def open_database(settings: Settings) -> Database:
    """The database of these settings, started if it is our own, brought up to date and checked.

    Raises DatabaseUnavailable, MigrationError or UnsafeRole.
    """
    if settings.database_url:
        database = database_of(settings, settings.database_url)
    else:
        ensure = partial(embedded.ensure, settings.home)
        database = database_of(settings, ensure(), revive=ensure)
    try:
        with database.owner() as connection:
            check_version(connection)
            migrations.apply(connection)
        with database.connect(None) as connection:
            roles.check(connection)
    except BaseException:
        database.close()
        raise
    return database


def database_of(settings: Settings, conninfo: str, revive: Callable[[], object] | None = None) -> Database:
    """The database at this address, with the pools and the time-outs of these settings; nothing is connected."""
    return Database(
        conninfo,
        replica=settings.database_replica_url,
        max_size=settings.database_pool,
        replica_size=settings.replica_pool,
        replica_lag=settings.replica_lag,
        timeouts=timeouts_of(settings),
        revive=revive,
        archive_folder=settings.archive_folder,
    )


def timeouts_of(settings: Settings) -> Timeouts:
    """Those of these settings."""
    return Timeouts(settings.statement_timeout, settings.lock_timeout, settings.idle_timeout)


def check_version(connection: Connection[Any]) -> None:
    """Raises DatabaseUnavailable when the server is older than we support."""
    version = connection.info.server_version // 10_000
    if version < OLDEST_SERVER:
        raise DatabaseUnavailable(
            f"The database is PostgreSQL {version}; Tallymark needs {OLDEST_SERVER} or newer.",
            hint="Upgrade it, or leave DATABASE_URL out to use the embedded one.",
        )


class _Pool(ConnectionPool[Connection[TupleRow]]):
    """Connections that act as our role; opened by the first who needs one."""

    def __init__(self, address: str, min_size: int, max_size: int, patience: float, idle: float) -> None:
        self.address = address
        self._idle = idle
        super().__init__(
            address,
            min_size=min_size,
            max_size=max_size,
            timeout=patience,
            # Its pauses grow; giving up in time lets the next borrower try afresh, at once.
            reconnect_timeout=patience / 2,
            open=False,
            kwargs={"autocommit": True, "application_name": "tallymark", "cursor_factory": Watched},
            configure=partial(_configure, idle=idle),
            check=ConnectionPool.check_connection,  # PostgreSQL may have been restarted meanwhile.
            name="tallymark",
        )

    def usage(self) -> Usage:
        found = self.get_stats()
        open_, idle = found.get("pool_size", 0), found.get("pool_available", 0)
        return Usage(
            used=max(0, open_ - idle),
            idle=idle,
            most=self.max_size,
            waiting=found.get("requests_waiting", 0),
            waited_seconds=found.get("requests_wait_ms", 0) / 1000,
            timeouts=found.get("requests_errors", 0),
        )

    def open_once(self) -> None:
        """Says at once what is wrong, where the pool would try until it is out of patience."""
        if self.closed:
            with _connected(self.address) as connection:
                _configure(connection, self._idle)
            self.open()


def _configure(connection: Connection[Any], idle: float) -> None:
    try:
        connection.execute(SQL.configure, {"idle": _ms(idle)})
    except (errors.InvalidParameterValue, errors.InsufficientPrivilege) as refused:
        raise DatabaseUnavailable(
            f"The database is not set up for Tallymark: {refused}", hint="Run: tallymark migrate"
        ) from refused


@contextmanager
def _transaction(
    connection: Connection[TupleRow],
    tenant_id: int | None,
    isolation: Isolation,
    read_only: bool,
    statement_timeout: float,
    lock_timeout: float,
) -> Iterator[None]:
    connection.isolation_level = _LEVELS[isolation]
    connection.read_only = read_only
    tenant = "" if tenant_id is None else str(int(tenant_id))
    with about(tenant_id=tenant_id), connection.transaction():
        limits = {"statement_timeout": _ms(statement_timeout), "lock_timeout": _ms(lock_timeout)}
        connection.execute(SQL.begin, {"tenant": tenant, **limits})
        yield


def _ms(seconds: float) -> str:
    return str(round(seconds * 1000))


@contextmanager
def _connected(conninfo: str) -> Iterator[Connection[TupleRow]]:
    try:
        connection = psycopg.connect(conninfo, autocommit=True, connect_timeout=10)
    except psycopg.OperationalError as refused:
        raise DatabaseUnavailable(
            f"The database cannot be reached: {str(refused).strip()}",
            hint="Check DATABASE_URL, and that PostgreSQL is running and takes connections from here.",
        ) from refused
    with connection, _lost(connection):
        yield connection


def _reachable(conninfo: str) -> bool:
    try:
        with _connected(conninfo):
            return True
    except DatabaseUnavailable:
        return False


@contextmanager
def _lost(connection: Connection[Any]) -> Iterator[None]:
    """Tells a connection that went away from a statement that failed."""
    try:
        yield
    except psycopg.OperationalError as failed:
        if connection.closed:
            raise DatabaseUnavailable(f"The connection to the database was lost: {failed}") from failed
        raise
