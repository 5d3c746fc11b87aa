"""Secrets that we hand out: 256 random bits, of which we keep only the hash."""

import hashlib
import secrets

BYTES = 32


def make() -> str:
    return secrets.token_urlsafe(BYTES)


def hashed(secret: str) -> bytes:
    """What is stored and looked up. Of 256 random bits a plain hash tells nothing."""
    return hashlib.sha256(secret.encode()).digest()
