"""What stands behind the aliases of a conversation, so that the same one gets the same alias in every turn."""

from django.conf import settings
from django.db import models

from kb.environment import secret
from kb.models.answers import Conversation
from kb.sealing import Sealer


def alias_sealer() -> Sealer:
    """What seals and opens originals, under the secret `alias_key`."""
    return Sealer(secret("alias_key", settings.VAR / "secrets"), name="alias_key")


class Alias(models.Model):
    """One person, number or address that was hidden from a cloud model. It dies with its conversation.

    `sealed` is the original, encrypted; `digest` is an HMAC of its normal form, and keeps it from being there
    twice. Neither can be read or compared with other conversations without the key.
    """

    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE, related_name="aliases")
    kind = models.CharField(max_length=40)
    number = models.PositiveIntegerField()
    digest = models.CharField(max_length=64)
    sealed = models.BinaryField()

    class Meta:
        ordering = ["pk"]
        verbose_name_plural = "aliases"
        constraints = [
            models.UniqueConstraint(fields=["conversation", "kind", "number"], name="one_alias_a_number"),
            models.UniqueConstraint(fields=["conversation", "kind", "digest"], name="one_alias_an_original"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.number}"

    @property
    def place(self) -> str:
        """What binds the original to this row."""
        return f"{self.conversation_id} {self.kind} {self.number}"

    def hold(self, original: str, *, normal: str, sealer: Sealer) -> None:
        """Puts the original in. Saves nothing."""
        self.sealed = sealer.seal(original, self.place)
        self.digest = sealer.digest(normal, f"{self.conversation_id} {self.kind}")

    def original(self, sealer: Sealer) -> str:
        """
        Raises:
            Unavailable: it was sealed under another key, or the row was changed.
        """
        return sealer.open(bytes(self.sealed), self.place)
