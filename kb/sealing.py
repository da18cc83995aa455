"""Text that SQL alone cannot show: encrypted and authenticated, under a key that is kept outside the database."""

import hashlib
import hmac
import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings

from kb.environment import secret
from kb.errors import Unavailable

NONCE = 12
"""Bytes; random, as NIST SP 800-38D (8.2.2) has it for fewer than 2^32 texts under one key."""


class Sealer:
    """AES-256-GCM and HMAC-SHA256 under the secret `name`. What is sealed for one `place` opens at no other."""

    def __init__(self, name: str) -> None:
        self._name = name
        key = secret(name, settings.VAR / "secrets").encode()
        self._cipher = AESGCM(hmac.digest(key, b"seal", hashlib.sha256))
        self._digest_key = hmac.digest(key, b"digest", hashlib.sha256)

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
                f"Bring back the key that was in {settings.VAR / 'secrets' / self._name}."
            ) from error

    def digest(self, text: str, place: str) -> str:
        """64 hexadecimal digits: equal for equal texts at one place, and telling nothing without the key."""
        return hmac.new(self._digest_key, f"{place}\n{text}".encode(), hashlib.sha256).hexdigest()
