"""The servers that are measured, each a process of its own: ours, and the same around an application without work."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from urllib.error import URLError
from urllib.request import urlopen

from granian.server.mp import MPServer

from tallymark import app
from tallymark.settings import Settings

NOTHING = b'{"status": "alive"}'
HEAD = {
    "type": "http.response.start",
    "status": 200,
    "headers": [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(NOTHING))],
}


async def empty(scope, receive, send):  # type: ignore[no-untyped-def]
    """The least an application can do."""
    if scope["type"] == "http":
        await send(HEAD)
        await send({"type": "http.response.body", "body": NOTHING})


@contextmanager
def serving(what: str, workers: int, environment: Mapping[str, str]) -> Iterator[str]:
    """The address of `ours` or of the `empty` one, once it answers."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "benchmarks.serve.servers", what, str(port), str(workers)]
    process = subprocess.Popen(command, env={**os.environ, **environment}, stdout=sys.stderr)
    address = f"http://127.0.0.1:{port}"
    try:
        _wait(f"{address}/livez", process)
        yield address
    finally:
        process.terminate()
        process.wait(60)


def _wait(url: str, process: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        try:
            urlopen(url, timeout=5).close()
            return
        except (URLError, OSError):
            if process.poll() is not None:
                raise RuntimeError("the server ended") from None
            time.sleep(0.1)
    raise RuntimeError("the server did not answer within a minute")


def main(what: str, port: int, workers: int) -> None:
    if what == "ours":
        app.serve(Settings.from_environment(), "127.0.0.1", port, workers)
    else:
        target = "benchmarks.serve.servers:empty"
        MPServer(target, address="127.0.0.1", port=port, workers=workers, **app.OPTIONS).serve()


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
