"""Bytes to send, and the same compressed: encoded once for each way, when first asked for."""

import gzip
from collections.abc import Callable, Mapping
from functools import lru_cache

import brotli  # type: ignore[import-untyped]
import zstandard

SMALLEST = 1024
"""Bytes below which compressing is not worth its header."""

ENCODERS: Mapping[str, Callable[[bytes], bytes]] = {
    "zstd": lambda plain: zstandard.ZstdCompressor(level=3).compress(plain),
    "br": lambda plain: brotli.compress(plain, quality=4),
    "gzip": lambda plain: gzip.compress(plain, compresslevel=5, mtime=0),
}
"""In the order we like them best."""


class Body:
    """What is sent, and the tag it is known by."""

    __slots__ = ("_encoded", "plain", "tag")

    def __init__(self, plain: bytes, tag: str) -> None:
        self.plain = plain
        self.tag = tag
        self._encoded: dict[str, bytes] = {}

    def encoding(self, accepted: str) -> str | None:
        """The best encoding that `accepted` (an Accept-Encoding) allows; None: as it is."""
        return best(accepted) if len(self.plain) >= SMALLEST else None

    def content(self, encoding: str | None) -> bytes:
        """The bytes in this encoding."""
        if encoding is None:
            return self.plain
        known = self._encoded.get(encoding)
        if known is None:
            known = self._encoded[encoding] = ENCODERS[encoding](self.plain)
        return known

    @property
    def size(self) -> int:
        return len(self.plain) + sum(map(len, self._encoded.values()))


@lru_cache(256)
def best(accepted: str) -> str | None:
    """The encoding of ours that an Accept-Encoding likes best; None for none."""
    weights = dict(_weighed(part) for part in accepted.lower().split(",") if part.strip())
    anything = weights.get("*", 0.0)
    found = max(ENCODERS, key=lambda name: weights.get(name, anything))
    return found if weights.get(found, anything) > 0 else None


def _weighed(part: str) -> tuple[str, float]:
    name, *parameters = (piece.strip() for piece in part.split(";"))
    weight = next((value for value in parameters if value.startswith("q=")), "q=1")[2:]
    try:
        return name, float(weight)
    except ValueError:
        return name, 0.0
