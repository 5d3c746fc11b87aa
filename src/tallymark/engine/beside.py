"""A worker beside a server: a process of its own, started again should it end, and gone when the server is."""

import subprocess
import sys
import threading
import time

import structlog

FIRST_PAUSE, LONGEST_PAUSE = 1.0, 30.0
LASTED = 60.0
"""A worker that was there for so long ended for a reason of its own: the next one need not wait longer."""
GRACE = 20.0

log = structlog.get_logger("tallymark.engine")


class Beside:
    """`tallymark work`, kept running. Its input ends with this process, and the worker with its input."""

    def __init__(self) -> None:
        self._over = threading.Event()
        self._process: subprocess.Popen[bytes] | None = None
        self._thread = threading.Thread(target=self._keep, daemon=True)

    def begin(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Tells it to stop; it hands back what is under way."""
        self._over.set()
        if self._process is not None:
            self._process.terminate()

    def end(self) -> None:
        """Waits until it has stopped."""
        self.stop()
        self._thread.join(GRACE)
        if self._process is not None:
            self._process.kill()

    def _keep(self) -> None:
        pause = FIRST_PAUSE
        while not self._over.is_set():
            began = time.monotonic()
            command = [sys.executable, "-m", "tallymark", "work", "--beside"]
            self._process = subprocess.Popen(command, stdin=subprocess.PIPE)
            if self._over.is_set():
                self._process.terminate()
            status = self._process.wait()
            if self._over.is_set():
                return
            pause = FIRST_PAUSE if time.monotonic() - began > LASTED else min(LONGEST_PAUSE, pause * 2)
            log.warning("the worker has ended and is started again", status=status, in_seconds=pause)
            self._over.wait(pause)
