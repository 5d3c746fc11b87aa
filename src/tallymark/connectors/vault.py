"""Secrets of sources, sealed with AES-256-GCM before they reach the database.

A seal belongs to one place (tenant, table, row): moved to another, it does not open. It names its key, so that keys can
be changed: what an earlier key has sealed still opens, and is sealed anew when it is next used.
"""

import os
from base64 import b64decode, b64encode
from collections.abc import Mapping, Sequence
from hashlib import sha256

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from tallymark.errors import SettingsError
from tallymark.model import exact_json

NONCE = 12


class Vault:
    """Seals with the first secret, opens with any of them."""

    def __init__(self, secret: str, earlier: Sequence[str] = ()) -> None:
        self._keys = {_name(key): AESGCM(key) for key in map(_key, (secret, *earlier))}
        self._current = next(iter(self._keys))

    def seal(self, secrets: Mapping[str, str], place: str) -> str:
        """Text that only this place and one of our keys can open."""
        nonce = os.urandom(NONCE)
        sealed = self._keys[self._current].encrypt(nonce, exact_json.canonical(dict(secrets)).encode(), place.encode())
        return f"{self._current}:{b64encode(nonce + sealed).decode()}"

    def open(self, sealed: str, place: str) -> dict[str, str]:
        """What was sealed. Raises SettingsError when no key of ours opens it, there."""
        name, _, text = sealed.partition(":")
        key, parts = self._keys.get(name), b64decode(text)
        if key is None:
            raise SettingsError(
                "These credentials were sealed with another TALLYMARK_SECRET_KEY.",
                hint="Add the earlier key to TALLYMARK_OLD_SECRET_KEYS, or connect anew.",
            )
        try:
            opened = key.decrypt(parts[:NONCE], parts[NONCE:], place.encode())
        except InvalidTag:
            raise SettingsError("These credentials were changed or moved; they cannot be opened.") from None
        secrets: dict[str, str] = exact_json.loads(opened)
        return secrets

    def outdated(self, sealed: str) -> bool:
        """Whether an earlier key has sealed it."""
        return not sealed.startswith(f"{self._current}:")


def _key(secret: str) -> bytes:
    derive = HKDF(algorithm=hashes.SHA256(), length=32, salt=None, info=b"tallymark credentials of sources")
    return derive.derive(secret.encode())


def _name(key: bytes) -> str:
    return sha256(b"name of" + key).hexdigest()[:8]
