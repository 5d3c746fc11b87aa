"""The second tier: Valkey, shared by all instances. It may be away at any time; that costs speed and nothing else.

Whatever goes wrong here looks like something that is not there. After one failure nobody asks again until a probe has
been answered, so that a server that hangs costs those who are waiting one short time-out, and nobody after them.
"""

import asyncio
import hmac
import random
import secrets
import time
from collections.abc import Awaitable, Callable
from hashlib import sha256
from typing import Any, TypeVar

import structlog
import valkey.asyncio
from valkey.exceptions import ResponseError, ValkeyError

TIMEOUT = 0.05
"""Seconds that one exchange may take."""
PROBE = 0.5
"""Seconds between two probes of a server that is away."""
LEASE = 3.0
"""Seconds for which others wait for whoever said they would work something out."""
POLL = 0.02
AT_ONCE = 16
UNWRITABLE = ("OOM", "READONLY", "MISCONF", "command not allowed")

# A lease is let go by whoever holds it: it may have run out, and be somebody else's by now.
RELEASE = "if redis.call('get', KEYS[1]) == ARGV[1] then return redis.call('del', KEYS[1]) end return 0"

Result = TypeVar("Result")
log = structlog.get_logger("tallymark.shared")


class SharedCache:
    """What instances of one installation tell each other. Use from one event loop.

    Names are told apart by the installation's secret, and every value is sealed with it under its name: neither a
    stranger's value nor one of another name is ever taken for ours.
    """

    def __init__(self, address: str, secret: str) -> None:
        self._client = valkey.asyncio.Valkey.from_url(
            address, socket_timeout=TIMEOUT, socket_connect_timeout=TIMEOUT, retry_on_timeout=False
        )
        self._key = sha256(f"shared {secret}".encode()).digest()
        self._prefix = f"tallymark:{hmac.digest(self._key, b'prefix', 'sha256').hex()[:12]}:"
        self._places = asyncio.Semaphore(AT_ONCE)
        self._probing: asyncio.Task[None] | None = None
        self._forgiven = False

    @property
    def away(self) -> bool:
        return self._probing is not None

    async def get(self, name: str) -> bytes | None:
        """The value of this name; None where there is none, or nobody to ask."""
        return self._opened(name, await self._try(lambda client: client.get(self._prefix + name)))

    async def put(self, name: str, value: bytes, seconds: float) -> None:
        sealed = self._seal(name, value) + value
        await self._try(lambda client: client.set(self._prefix + name, sealed, px=max(1, int(seconds * 1000))))

    async def lease(self, name: str) -> str | None:
        """A token for whoever may work it out; None where somebody else is at it."""
        token, lease = secrets.token_hex(8), f"{self._prefix}{name}:lease"

        async def exchange(client: Any) -> bool:
            return bool(await client.set(lease, token, nx=True, px=int(LEASE * 1000)))

        return None if await self._try(exchange) is False else token

    async def awaited(self, name: str) -> bytes | None:
        """The value that the holder of a lease puts; None where they let it go, or it has run out."""
        names = [self._prefix + name, f"{self._prefix}{name}:lease"]
        deadline = asyncio.get_running_loop().time() + LEASE
        while asyncio.get_running_loop().time() < deadline:
            found = await self._try(lambda client: client.mget(names))
            value, lease = found or (None, None)
            if value is not None or lease is None:
                return self._opened(name, value)
            await asyncio.sleep(POLL)
        return None

    async def release(self, name: str, token: str) -> None:
        await self._try(lambda client: client.eval(RELEASE, 1, f"{self._prefix}{name}:lease", token))

    async def add(self, counts: dict[str, int], seconds: int) -> dict[str, int] | None:
        """Adds to counters that are forgotten after so many seconds; what they stand at now. None: nobody to ask."""
        if not counts:
            return {}

        async def exchange(client: Any) -> list[Any]:
            pipe = client.pipeline(transaction=False)
            for name, count in counts.items():
                pipe.incrby(self._prefix + name, count)
                pipe.expire(self._prefix + name, seconds)
            answers: list[Any] = await pipe.execute()
            return answers

        answers = await self._try(exchange)
        return dict(zip(counts, answers[::2], strict=True)) if answers else None

    async def close(self) -> None:
        if self._probing:
            self._probing.cancel()
        await self._client.aclose()

    async def _try(self, exchange: Callable[[Any], Awaitable[Result]]) -> Result | None:
        async with self._places:
            if self.away:
                return None
            began = time.monotonic()
            try:
                async with asyncio.timeout(TIMEOUT):
                    result = await exchange(self._client)
                self._forgiven = False
                return result
            except ResponseError as refused:
                # It answers, and will not write (it is full, or a replica): what is there can still be read.
                if not str(refused).startswith(UNWRITABLE):
                    self._lose(refused)
            except (ValkeyError, OSError, TimeoutError) as failed:
                # Where the alarm itself rang late, it is we who are busy; the first time that is no fault of theirs.
                late = time.monotonic() - began > 2 * TIMEOUT
                if not late or self._forgiven:
                    self._lose(failed)
                self._forgiven = late
        return None

    def _lose(self, failed: BaseException) -> None:
        if self._probing is None:
            log.warning("the shared cache is away", error=str(failed) or type(failed).__name__)
            self._probing = asyncio.create_task(self._probe())

    async def _probe(self) -> None:
        """Until it answers."""
        while True:
            await asyncio.sleep(PROBE * random.uniform(0.8, 1.2))
            try:
                async with asyncio.timeout(TIMEOUT):
                    await self._client.ping()
            except (ValkeyError, OSError, TimeoutError):
                continue
            log.info("the shared cache is back")
            self._probing = None
            return

    def _seal(self, name: str, value: bytes) -> bytes:
        return hmac.digest(self._key, name.encode() + b"\0" + value, "sha256")

    def _opened(self, name: str, sealed: bytes | None) -> bytes | None:
        if sealed is None or not isinstance(sealed, bytes):
            return None
        value = sealed[32:]
        return value if hmac.compare_digest(sealed[:32], self._seal(name, value)) else None
