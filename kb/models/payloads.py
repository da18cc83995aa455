"""What was sent, kept word for word and encrypted, where the administrator wants that for audits."""

import base64
import hashlib
import uuid
from typing import TYPE_CHECKING, Self

from cryptography.fernet import Fernet, InvalidToken
from django.conf import settings
from django.db import models

from kb.environment import secret
from kb.models.audit import Event
from kb.models.people import Person

if TYPE_CHECKING:
    from kb.models.ledger import ModelCall


class LedgerPayloadQuerySet(models.QuerySet["LedgerPayload"]):
    def readable_by(self, person: Person) -> Self:
        """For who administers, up to his clearance."""
        return self.filter(call__sensitivity__lte=person.clearance) if person.administers else self.none()


class LedgerPayload(models.Model):
    """The exact bytes of one call. The key is not in the database."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    call = models.OneToOneField("kb.ModelCall", on_delete=models.PROTECT, related_name="payload")
    encrypted = models.BinaryField()

    objects = LedgerPayloadQuerySet.as_manager()

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

    def read_by(self, person: Person) -> str | None:
        """The text; that somebody reads it is written down first. None when it was changed, or the key is lost."""
        note = f"Row {self.call.sequence} of the ledger."
        Event.objects.create(person=person, verb=Event.Verb.PAYLOAD, subject=self.pk, note=note)
        try:
            return self.opened().decode()
        except InvalidToken:
            return None


def _cipher() -> Fernet:
    key = secret("ledger_payload_key", settings.VAR / "secrets")
    return Fernet(base64.urlsafe_b64encode(hashlib.sha256(key.encode()).digest()))
