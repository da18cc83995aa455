"""What was sent, kept word for word and encrypted, where the administrator wants that for audits."""

import base64
import hashlib
import uuid
from typing import TYPE_CHECKING

from cryptography.fernet import Fernet
from django.conf import settings
from django.db import models

from kb.environment import secret

if TYPE_CHECKING:
    from kb.models.ledger import ModelCall


class LedgerPayload(models.Model):
    """The exact bytes of one call. The key is not in the database."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    call = models.OneToOneField("kb.ModelCall", on_delete=models.PROTECT, related_name="payload")
    encrypted = models.BinaryField()

    def __str__(self) -> str:
        return f"the payload of row {self.call.sequence}"

    @classmethod
    def keep(cls, call: "ModelCall", payload: bytes) -> None:
        cls.objects.create(call=call, encrypted=_cipher().encrypt(payload))

    def opened(self) -> bytes:
        """
        Raises:
            cryptography.fernet.InvalidToken: it was changed, or the key is another one.
        """
        return _cipher().decrypt(bytes(self.encrypted))


def _cipher() -> Fernet:
    key = secret("ledger_payload_key", settings.VAR / "secrets")
    return Fernet(base64.urlsafe_b64encode(hashlib.sha256(key.encode()).digest()))
