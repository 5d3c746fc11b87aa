"""A number for every request: the caller's own where it is a sane one, else ours; log lines and problems name it."""

import itertools
import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager

import structlog

HEADER = b"x-request-id"
KEY = "request_id"
_SANE = re.compile(rb"[A-Za-z0-9][A-Za-z0-9._:/+=@-]{0,127}")
_numbers = itertools.count(1)
_process = b""


def begin() -> None:
    """Numbers of this process are nobody else's: to be called once in each, after it was forked."""
    global _process
    _process = secrets.token_hex(8).encode() + b"-"


begin()


def request_id(given: bytes | None) -> bytes:
    """The number of this request."""
    if given is not None and _SANE.fullmatch(given):
        return given
    return b"%s%x" % (_process, next(_numbers))


@contextmanager
def bound(number: bytes) -> Iterator[None]:
    """Log lines within name the request."""
    with structlog.contextvars.bound_contextvars(request_id=number.decode("ascii")):
        yield


def current() -> str | None:
    """The number of the request that is being answered."""
    return structlog.contextvars.get_contextvars().get(KEY)
