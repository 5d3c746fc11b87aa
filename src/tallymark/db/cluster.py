"""One PostgreSQL data directory of our own: made once, found or started, stopped."""

import hashlib
import os
import re
import shutil
import signal
import socket
import stat
import subprocess
import tempfile
import time
from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path

import psutil

from tallymark.db.system_user import open_path_to, system_user
from tallymark.db.tuning import KEEP_MEMORY, tuned
from tallymark.errors import DatabaseUnavailable

PATIENCE = 120.0
LONGEST_SOCKET_FOLDER = 90
LARGEST_LOG = 10_000_000
# What PostgreSQL says while the processes of a killed predecessor are still on their way out.
PASSING = re.compile(r"pre-existing shared memory block|lock file .* already exists")


class Cluster:
    """The data directory `home/postgres`, run with the given programs; `options` overrule the tuning."""

    def __init__(self, home: Path, programs: Path, options: Mapping[str, str] | None = None) -> None:
        self.home = home
        self.data = home / "postgres"
        self.log = home / "postgres.log"
        self.programs = programs
        self.options = dict(options or {})
        self._user = system_user()
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Returns when PostgreSQL takes connections, if need be after it has recovered from a crash.

        Found running, it is used as it is. Raises DatabaseUnavailable with what its log says. Only one
        process at a time may call this.
        """
        if not self.data.exists():
            self._initialise()
        self._check_version()
        deadline = time.monotonic() + PATIENCE
        launched, said_before = False, 0
        while not self._ready():
            if launched and self._ended():
                self._check_passing(said_before)
                launched = False
                time.sleep(0.2)
            elif not launched and self.postmaster() is None and not self._answers():
                self._ended()
                said_before = self._rotate_log()
                self._process = self._launch()
                launched = True
            elif time.monotonic() > deadline:
                raise DatabaseUnavailable(
                    f"The embedded PostgreSQL is not ready after {PATIENCE:.0f} s.",
                    hint=f"It may still be recovering: see {self.log}.",
                )
            time.sleep(0.01)

    def stop(self) -> None:
        """Fast shutdown: open transactions are rolled back, everything is written, then it ends."""
        postmaster = self.postmaster()
        if postmaster is not None:
            postmaster.send_signal(signal.SIGINT)
            deadline = time.monotonic() + PATIENCE
            while _lives(postmaster) and time.monotonic() < deadline:
                time.sleep(0.01)
        if self._process is not None:
            self._process.wait()
            self._process = None
        if self.sockets != self.data:
            shutil.rmtree(self.sockets, ignore_errors=True)

    def postmaster(self) -> psutil.Process | None:
        """The live server of this very directory. Its number alone proves nothing: they are used again."""
        try:
            process = psutil.Process(int(self._pid_file()[0]))
            ours = _lives(process) and Path(process.cwd()).samefile(self.data)
        except (IndexError, ValueError, OSError, psutil.Error):
            return None
        return process if ours else None

    @cached_property
    def sockets(self) -> Path:
        """The data directory, or a private temporary folder where that path is too long for a socket."""
        if len(os.fsencode(self.data)) <= LONGEST_SOCKET_FOLDER:
            return self.data
        name = hashlib.sha256(os.fsencode(self.data)).hexdigest()[:16]
        return Path(tempfile.gettempdir()) / f"tallymark-{name}"

    def _initialise(self) -> None:
        """Makes the data directory, whole or not at all."""
        draft = self.home / "postgres.new"
        if draft.exists():
            shutil.rmtree(draft)
        draft.mkdir(mode=0o700)
        self._give(draft)
        # Upper and lower case as in Unicode, order by code point, and no library that could change either.
        locale = ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"] if self._version >= 17 else []
        initdb = [str(self.programs / "initdb"), f"--pgdata={draft}", "--username=tallymark", "--auth=trust"]
        made = self._run([*initdb, "--encoding=UTF8", "--locale=C", *locale, "--no-instructions"])
        said, _ = made.communicate()
        if made.returncode:
            reason = _end_of(said.decode(errors="replace"))
            raise DatabaseUnavailable(f"The embedded PostgreSQL could not be set up: {reason}")
        with (draft / "postgresql.conf").open("a") as conf:
            conf.write("\n# Written anew at each start.\ninclude 'tallymark.conf'\n")
        draft.rename(self.data)

    def _ended(self) -> bool:
        """Whether the server that we started, if any, is no more; asking takes it off the process table."""
        return self._process is None or self._process.poll() is not None

    def _launch(self) -> "subprocess.Popen[bytes]":
        # The number in a left-over file may be somebody else's by now, as after a container was made anew.
        (self.data / "postmaster.pid").unlink(missing_ok=True)
        self._make_sockets()
        settings = {**tuned(), **self.options, "unix_socket_directories": f"'{self.sockets}'"}
        conf = self.data / "tallymark.conf"
        conf.write_text("".join(f"{name} = {value}\n" for name, value in settings.items()))
        self._give(conf)
        log = os.open(self.log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        try:
            return self._run([str(self.programs / "postgres"), "-D", str(self.data)], log)
        finally:
            os.close(log)

    def _run(self, command: Sequence[str], output: int = subprocess.PIPE) -> "subprocess.Popen[bytes]":
        """Starts a program as the owner of the files, out of reach of the terminal's Ctrl-C."""
        if self._user:
            open_path_to(self.data)
            open_path_to(self.programs / "postgres")
        return subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            cwd="/",
            env={"PATH": os.defpath, "LC_ALL": "C", **KEEP_MEMORY},
            user=self._user.pw_uid if self._user else None,
            group=self._user.pw_gid if self._user else None,
            extra_groups=[] if self._user else None,
            start_new_session=True,
        )

    def _give(self, path: Path) -> None:
        if self._user:
            os.chown(path, self._user.pw_uid, self._user.pw_gid)

    def _make_sockets(self) -> None:
        if self.sockets == self.data:
            return
        try:
            self.sockets.mkdir(mode=0o700)
            self._give(self.sockets)
        except FileExistsError:
            found = self.sockets.lstat()
            owner = self._user.pw_uid if self._user else os.geteuid()
            if not stat.S_ISDIR(found.st_mode) or found.st_uid != owner or found.st_mode & 0o077:
                raise DatabaseUnavailable(
                    f"{self.sockets} is not a private folder of ours.",
                    hint="Set TALLYMARK_HOME to a shorter path.",
                ) from None

    def _pid_file(self) -> list[str]:
        try:
            return (self.data / "postmaster.pid").read_text().splitlines()
        except FileNotFoundError:
            return []

    def _ready(self) -> bool:
        """PostgreSQL says so and its socket answers: the file outlives a server that was killed."""
        lines = self._pid_file()
        return len(lines) > 7 and lines[7].strip() in {"ready", "standby"} and self._answers()

    def _answers(self) -> bool:
        with socket.socket(socket.AF_UNIX) as knock:
            try:
                knock.connect(os.fsencode(self.sockets / ".s.PGSQL.5432"))
            except OSError:
                return False
            return True

    def _check_version(self) -> None:
        made_by = int((self.data / "PG_VERSION").read_text())
        if made_by != self._version:
            raise DatabaseUnavailable(
                f"{self.data} was made by PostgreSQL {made_by}; the embedded one is now {self._version}.",
                hint="Move it over with pg_upgrade, or go back to the release that made it.",
            )

    @cached_property
    def _version(self) -> int:
        program = str(self.programs / "postgres")
        said = subprocess.run([program, "--version"], capture_output=True, text=True, check=True).stdout
        return int(re.findall(r"\d+", said)[0])

    def _check_passing(self, said_before: int) -> None:
        with self.log.open("rb") as log:
            log.seek(said_before)
            said = log.read().decode(errors="replace")
        if not PASSING.search(said):
            raise DatabaseUnavailable("The embedded PostgreSQL did not start: " + _end_of(said))

    def _rotate_log(self) -> int:
        """Where the log of the next start begins; a large log is put aside."""
        if self.log.exists() and self.log.stat().st_size > LARGEST_LOG:
            self.log.replace(self.log.with_suffix(".log.1"))
        return self.log.stat().st_size if self.log.exists() else 0


def _lives(process: psutil.Process) -> bool:
    """Also false for one that has ended while the process that started it does not look."""
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def _end_of(text: str) -> str:
    return " / ".join(text.strip().splitlines()[-5:])
