"""A source that speaks up itself: events come in signed, and there is nothing to fetch.

Signed as Standard Webhooks 1.0.0 says: HMAC-SHA256 of `id.timestamp.body` by a secret that both sides know, base64.
"""

import base64
import hmac
import secrets
from collections.abc import Iterator, Mapping
from typing import Any, ClassVar

from tallymark.connectors.connector import Page, Source
from tallymark.errors import NotSignedIn

PREFIX = "whsec_"
BYTES = 32
TOLERANCE = 300.0
"""Seconds that a message may be old, or ahead of us."""


class Push:
    """It needs a secret, `signing`, and nothing else."""

    kind: ClassVar[str] = "events"

    def check(self, source: Source) -> str:
        return "it sends events by itself; nothing is fetched"

    def mark(self, source: Source) -> str | None:
        return "never anything to fetch"

    def pages(self, source: Source, done: Mapping[str, Any]) -> Iterator[Page]:
        return iter(())


def signing_secret() -> str:
    """A new secret, as senders take it."""
    return PREFIX + base64.b64encode(secrets.token_bytes(BYTES)).decode()


def signature(secret: str, message: str, timestamp: str, body: bytes) -> str:
    """What a sender puts in webhook-signature."""
    key = base64.b64decode(secret.removeprefix(PREFIX))
    digest = hmac.digest(key, f"{message}.{timestamp}.".encode() + body, "sha256")
    return f"v1,{base64.b64encode(digest).decode()}"


def require_signature(secret: str, headers: Mapping[str, str], body: bytes, now: float) -> None:
    """Raises NotSignedIn unless the message was signed with this secret, some minutes ago at most."""
    message, timestamp = headers.get("webhook-id", ""), headers.get("webhook-timestamp", "")
    if not timestamp.isascii() or not timestamp.isdigit() or len(timestamp) > 15:
        raise NotSignedIn("webhook-timestamp is missing, or is not a number of seconds.")
    if abs(now - int(timestamp)) > TOLERANCE:
        raise NotSignedIn("webhook-timestamp is too far from the time it is here; is a clock wrong?")
    expected = signature(secret, message, timestamp, body).encode()
    given = headers.get("webhook-signature", "").encode().split()
    if not any(hmac.compare_digest(expected, one) for one in given[:10]):
        raise NotSignedIn("webhook-signature is not that of this connection.")
