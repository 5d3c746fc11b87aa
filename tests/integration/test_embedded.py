import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import psutil
import psycopg
import pytest

from tallymark.db import Database, embedded
from tallymark.db.cluster import Cluster
from tallymark.errors import DatabaseUnavailable

HOLD = """
import sys, time
from pathlib import Path
from tallymark.db import embedded
embedded.ensure(Path(sys.argv[1]), programs=Path(sys.argv[2]))
print("ready", flush=True)
sys.stdin.read()
"""

Holder = Callable[[], "subprocess.Popen[str]"]


@pytest.fixture
def home() -> Iterator[Path]:
    with TemporaryDirectory(prefix="tallymark-home-") as folder:
        path = Path(folder) / "home"
        yield path
        embedded.leave(path)


@pytest.fixture
def cluster(home: Path, programs: Path) -> Iterator[Cluster]:
    """For looking at the server, and for stopping what a test left running."""
    cluster = Cluster(home, programs)
    yield cluster
    cluster.stop()


@pytest.fixture
def hold(home: Path, programs: Path, cluster: Cluster) -> Iterator[Holder]:
    """Starts another process that uses the server until its input ends."""
    holders: list[subprocess.Popen[str]] = []

    def start() -> "subprocess.Popen[str]":
        command = [sys.executable, "-c", HOLD, str(home), str(programs)]
        holder = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        holders.append(holder)
        assert holder.stdout is not None
        assert holder.stdout.readline() == "ready\n"
        return holder

    yield start
    for holder in holders:
        holder.communicate()


def number_of(cluster: Cluster) -> int:
    postmaster = cluster.postmaster()
    assert postmaster is not None
    return postmaster.pid


def settings_of(conninfo: str, *names: str) -> list[str]:
    with psycopg.connect(conninfo) as connection:
        rows = [connection.execute("SELECT current_setting(%s)", (name,)).fetchone() for name in names]
        return [row[0] for row in rows if row]


def test_the_first_start_makes_a_private_server(home: Path, programs: Path, cluster: Cluster) -> None:
    conninfo = embedded.ensure(home, programs=programs)
    assert settings_of(
        conninfo,
        "listen_addresses",
        "unix_socket_permissions",
        "jit",
        "synchronous_commit",
        "server_encoding",
    ) == ["", "0700", "off", "on", "UTF8"]
    assert cluster.data.stat().st_mode & 0o077 == 0
    assert embedded.leave(home)
    assert cluster.postmaster() is None


def test_starting_is_quick(home: Path, programs: Path) -> None:
    """By the processor's clock, our own and that of the programs we have waited for: how busy it is does not count."""

    def spent() -> float:
        return sum(os.times()[:4])

    took = []
    for _ in range(2):
        before = spent()
        embedded.ensure(home, programs=programs)
        embedded.leave(home)
        took.append(spent() - before)
    assert took[0] < 10
    assert took[1] < took[0], "it is not made anew"


def test_a_second_process_finds_the_server_and_the_last_one_stops_it(
    home: Path, programs: Path, cluster: Cluster, hold: Holder
) -> None:
    holder = hold()
    first = number_of(cluster)
    embedded.ensure(home, programs=programs)
    holder.communicate()
    assert number_of(cluster) == first
    assert embedded.leave(home)
    assert cluster.postmaster() is None


def test_who_leaves_first_does_not_stop_it(home: Path, programs: Path, cluster: Cluster, hold: Holder) -> None:
    embedded.ensure(home, programs=programs)
    holder = hold()
    assert not embedded.leave(home)
    assert cluster.postmaster() is not None
    holder.communicate()
    assert cluster.postmaster() is None


def test_a_killed_holder_leaves_a_usable_server(home: Path, programs: Path, cluster: Cluster, hold: Holder) -> None:
    holder = hold()
    first = number_of(cluster)
    holder.kill()
    holder.wait()
    conninfo = embedded.ensure(home, programs=programs)
    assert number_of(cluster) == first
    assert settings_of(conninfo, "port") == ["5432"]
    assert embedded.leave(home)


def test_a_killed_server_recovers_what_was_committed(home: Path, programs: Path, cluster: Cluster) -> None:
    conninfo = embedded.ensure(home, programs=programs)
    with psycopg.connect(conninfo) as connection:
        connection.execute("CREATE TABLE kept AS SELECT generate_series(1, 1000) AS n")
    first = number_of(cluster)
    os.kill(first, signal.SIGKILL)
    conninfo = embedded.ensure(home, programs=programs)
    assert number_of(cluster) != first
    with psycopg.connect(conninfo) as connection:
        assert connection.execute("SELECT sum(n) FROM kept").fetchone() == (500500,)


def test_an_open_database_revives_a_killed_server(home: Path, programs: Path, cluster: Cluster) -> None:
    def ensure() -> str:
        return embedded.ensure(home, programs=programs)

    conninfo = ensure()
    with psycopg.connect(conninfo) as connection:
        connection.execute("CREATE ROLE tallymark_app")
    with Database(conninfo, revive=ensure, patience=4.0) as database:
        with database.connect(None):
            pass
        postmaster = cluster.postmaster()
        assert postmaster is not None
        backends = postmaster.children()
        postmaster.kill()
        psutil.wait_procs(backends, timeout=10)
        with database.connect(None) as borrowed:
            assert borrowed.execute("SELECT current_user").fetchone() == ("tallymark_app",)


def test_a_left_over_file_that_names_another_process_is_no_obstacle(
    home: Path, programs: Path, cluster: Cluster
) -> None:
    embedded.ensure(home, programs=programs)
    embedded.leave(home)
    with subprocess.Popen(["sleep", "60"]) as other:
        lines = [str(other.pid), str(cluster.data), "0", "5432", str(cluster.data), "", "", "ready"]
        (cluster.data / "postmaster.pid").write_text("\n".join(lines) + "\n")
        embedded.ensure(home, programs=programs)
        other.kill()
    assert number_of(cluster) != other.pid


def test_starting_at_once_starts_one(home: Path, programs: Path, cluster: Cluster) -> None:
    command = [sys.executable, "-c", HOLD, str(home), str(programs)]
    together = [subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) for _ in range(4)]
    assert [process.communicate()[0] for process in together] == [b"ready\n"] * 4
    assert [process.returncode for process in together] == [0] * 4
    assert cluster.postmaster() is None


def test_a_fork_does_not_stop_its_parents_server(home: Path, programs: Path, cluster: Cluster) -> None:
    embedded.ensure(home, programs=programs)
    child = os.fork()
    if child == 0:
        os._exit(embedded.leave(home))
    _, status = os.waitpid(child, 0)
    assert os.waitstatus_to_exitcode(status) == 0
    assert cluster.postmaster() is not None


def test_a_long_path_gets_its_sockets_elsewhere(home: Path, programs: Path) -> None:
    deep = home / ("long-name-" * 9)
    conninfo = embedded.ensure(deep, programs=programs)
    sockets = Path(psycopg.conninfo.conninfo_to_dict(conninfo)["host"])
    assert sockets.stat().st_mode & 0o077 == 0
    assert settings_of(conninfo, "unix_socket_directories") == [str(sockets)]
    assert embedded.leave(deep)
    assert not sockets.exists()


def test_a_server_that_cannot_start_says_why(home: Path, programs: Path) -> None:
    with pytest.raises(DatabaseUnavailable, match=r"did not start: .*invalid value for parameter .work_mem"):
        embedded.ensure(home, programs=programs, options={"work_mem": "plenty"})


def test_data_of_another_version_is_refused(home: Path, programs: Path, cluster: Cluster) -> None:
    embedded.ensure(home, programs=programs)
    embedded.leave(home)
    (cluster.data / "PG_VERSION").write_text("14\n")
    with pytest.raises(DatabaseUnavailable, match="was made by PostgreSQL 14"):
        embedded.ensure(home, programs=programs)


def test_a_process_number_alone_proves_nothing(cluster: Cluster) -> None:
    cluster.data.mkdir(parents=True)
    (cluster.data / "postmaster.pid").write_text(f"{os.getpid()}\n")
    assert psutil.pid_exists(os.getpid())
    assert cluster.postmaster() is None
