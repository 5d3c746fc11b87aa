"""Passwords: argon2id at 19 MiB and two passes, never on the event loop, and never quicker for a stranger."""

import secrets
from functools import cache

from anyio import CapacityLimiter, to_thread
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError

SHORTEST, LONGEST = 8, 1024
AT_ONCE = 4

_hasher = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)


def hash_password(password: str) -> str:
    return _hasher.hash(password)


def outdated(stored: str) -> bool:
    """Whether a hash was made with other parameters than today's."""
    return _hasher.check_needs_rehash(stored)


class Verifier:
    """Checks passwords in threads, a few at a time: each check holds 19 MiB."""

    def __init__(self) -> None:
        self._limiter = CapacityLimiter(AT_ONCE)

    async def matches(self, stored: str | None, password: str) -> bool:
        """Whether the password is the one stored; takes as long where there is none."""
        return await to_thread.run_sync(_matches, stored, password, limiter=self._limiter)


def _matches(stored: str | None, password: str) -> bool:
    try:
        _hasher.verify(stored or _nobodys(), password)
    except (VerifyMismatchError, InvalidHashError):
        return False
    return stored is not None


@cache
def _nobodys() -> str:
    return hash_password(secrets.token_urlsafe())
