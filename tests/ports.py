"""Ports of this machine for servers that tests start."""

import random
import socket
from contextlib import suppress
from pathlib import Path

_RANGE = Path("/proc/sys/net/ipv4/ip_local_port_range")


def free_port() -> int:
    """Nobody has it, and the system will give it to no connection before the server that it is for has taken it."""
    given_away_from = int(_RANGE.read_text().split()[0]) if _RANGE.exists() else 32_768
    while True:
        port = random.SystemRandom().randrange(max(1024, given_away_from // 2), given_away_from)
        with suppress(OSError), socket.socket() as attempt:
            attempt.bind(("127.0.0.1", port))
            return port
