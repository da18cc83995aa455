"""Text that SQL alone cannot show: encrypted and authenticated, under a key that is kept outside the database."""

import hashlib
import hmac
import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from kb.errors import Unavailable

NONCE = 12
"""Bytes; random, as NIST SP 800-38D (8.2.2) has it for fewer than 2^32 texts under one key."""


class Sealer:
    """AES-256-GCM and HMAC-SHA256 under a secret. What is sealed for one `place` opens at no other.

    `name` is the secret's, for the administrator who has lost it.
    """

    def __init__(self, key: str, *, name: str) -> None:
        self._name = name
        self._cipher = AESGCM(hmac.digest(key.encode(), b"seal", hashlib.sha256))
        self._digest_key = hmac.digest(key.encode(), b"digest", hashlib.sha256)

    def seal(self, text: str, place: str) -> bytes:
        nonce = os.urandom(NONCE)
        return nonce + self._cipher.encrypt(nonce, text.encode(), place.encode())

    def open(self, sealed: bytes, place: str) -> str:
        """
        Raises:
            Unavailable: it was sealed under another key or for another place, or was changed.
        """
        try:
            return self._cipher.decrypt(sealed[:NONCE], sealed[NONCE:], place.encode()).decode()
        except InvalidTag as error:
            raise Unavailable(
                f"What was sealed with the secret “{self._name}” cannot be opened: the key or the row was changed. "
                f"Bring back STRONGROOM_{self._name.upper()}, or the file “{self._name}” in the data folder."
            ) from error

    def digest(self, text: str, place: str) -> str:
        """64 hexadecimal digits: equal for equal texts at one place, and telling nothing without the key."""
        return hmac.new(self._digest_key, f"{place}\n{text}".encode(), hashlib.sha256).hexdigest()
