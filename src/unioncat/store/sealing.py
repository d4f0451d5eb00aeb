"""Encryption of what must not lie open in the database: AES-256-GCM with a key that is kept outside of it.

What is sealed is bound to its place: the same bytes in another row, or for another server, do not open.
"""

import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Self

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from unioncat.store.errors import StoreError

SHORTEST = 32
"""Characters that a key must have."""
_VERSION = b"\x01"
_NAME = 4
_NONCE = 12


class Locked(StoreError):
    """Something sealed does not open."""

    remedy = "Set it anew; or give the key that sealed it (UNIONCAT_SECRET_KEY, see docs/security.md)."


@dataclass(frozen=True, slots=True)
class Keyring:
    """The present key, which seals, and earlier ones, which still open. Not shown when printed."""

    keys: tuple[tuple[bytes, bytes], ...] = field(repr=False)
    """(name, key) pairs; the name stands in the open before what the key has sealed."""

    @classmethod
    def of(cls, text: str) -> Self:
        """Make it of one or more texts, parted by white space, the present one first. Raises ValueError."""
        words = text.split()
        if not words or any(len(word) < SHORTEST for word in words):
            raise ValueError(f"a key has at least {SHORTEST} characters")
        return cls(tuple(_key(word) for word in dict.fromkeys(words)))

    def seal(self, content: bytes, place: Sequence[str]) -> bytes:
        """Encrypt for a place."""
        name, key = self.keys[0]
        nonce = os.urandom(_NONCE)
        return _VERSION + name + nonce + AESGCM(key).encrypt(nonce, content, _bound(place))

    def open(self, sealed: bytes, place: Sequence[str]) -> bytes:
        """Decrypt what was sealed for this place. Raises `Locked`."""
        name, nonce = sealed[1 : 1 + _NAME], sealed[1 + _NAME : 1 + _NAME + _NONCE]
        fitting = [key for known, key in self.keys if known == name]
        if sealed[:1] != _VERSION or not fitting:
            raise Locked("it was sealed with a key that is not here")
        try:
            return AESGCM(fitting[0]).decrypt(nonce, sealed[1 + _NAME + _NONCE :], _bound(place))
        except InvalidTag:
            raise Locked("it was sealed for something else, or has been altered") from None

    def is_present(self, sealed: bytes) -> bool:
        """Tell whether the present key has sealed it."""
        return sealed[1 : 1 + _NAME] == self.keys[0][0]


def _key(word: str) -> tuple[bytes, bytes]:
    """Derive key and name from a text of any form (RFC 5869)."""
    derived = HKDF(SHA256(), 32 + _NAME, salt=None, info=b"unioncat secrets 1").derive(word.encode())
    return derived[:_NAME], derived[_NAME:]


def _bound(place: Sequence[str]) -> bytes:
    """Write a place so that no two places are written alike."""
    return b"".join(len(part.encode()).to_bytes(4, "big") + part.encode() for part in place)
