"""`tallymark serve`."""

import os
import socket
import sys

from tallymark import app
from tallymark.errors import SettingsError
from tallymark.monitoring import log_to_standard_error
from tallymark.settings import Settings


def run(host: str | None, port: int | None, workers: int, *, working: bool) -> int:
    settings = Settings.from_environment()
    serve(settings, host or settings.host, port or settings.port, workers, working=working)
    return 0


def serve(settings: Settings, host: str, port: int, workers: int = 1, *, working: bool = True) -> None:
    """Serves until interrupted. Raises SettingsError where the address cannot be had."""
    log_to_standard_error("info", settings.log_format)
    check_address(host, port)
    # Standard output belongs to results: what the server and its workers log goes to standard error.
    sys.stdout.flush()
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    app.serve(settings, host, port, workers, working=working)


def check_address(host: str, port: int) -> None:
    """Raises SettingsError where nobody can listen there, or somebody does already."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind, protocol) as attempt:
            attempt.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            attempt.bind(address)
    except OSError as refused:
        raise SettingsError(
            f"The server cannot listen on {host}:{port}: {refused.strerror}.",
            hint="Use another port, with --port or TALLYMARK_PORT.",
        ) from refused
