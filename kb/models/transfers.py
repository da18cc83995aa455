"""Files on their way in, part by part."""

import uuid
from typing import TYPE_CHECKING, Self

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from kb.models.batches import Batch
from kb.models.library import Version
from kb.models.people import Person

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

LONGEST_PATH = 1000
"""Characters."""


class TransferQuerySet(models.QuerySet["Transfer"]):
    def of(self, person: "Person | AnonymousUser") -> Self:
        """What this person sends. Nobody else may add to it or know of it, administrators neither."""
        if not isinstance(person, Person) or not person.is_active:
            return self.none()
        return self.filter(person.kept_collections("batch__collection"), batch__person=person)

    def unfinished(self) -> Self:
        return self.filter(state=Transfer.State.SENDING, expires_at__gt=timezone.now())

    def expired(self) -> Self:
        return self.filter(state=Transfer.State.SENDING, expires_at__lte=timezone.now())

    def idle(self) -> Self:
        """Those that no request writes to at this moment."""
        return self.filter(Q(busy_until=None) | Q(busy_until__lt=timezone.now()))


class Transfer(models.Model):
    """One file of a batch, from its announcement until something has become of it::

        sending ──▶ taken | known | refused

    `known` had come in before; `failure` says why one was refused. `received` grows once bytes are on the disk.
    """

    class State(models.TextChoices):
        SENDING = "sending", _("being sent")
        TAKEN = "taken", _("taken in")
        KNOWN = "known", _("there already")
        REFUSED = "refused", _("not taken")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    batch = models.ForeignKey(Batch, on_delete=models.CASCADE, related_name="transfers")
    path = models.CharField(max_length=LONGEST_PATH, help_text=_("Folders and name, as the person has them."))
    size = models.PositiveBigIntegerField(help_text=_("Bytes."))
    sha256 = models.CharField(
        max_length=64, blank=True, help_text=_("Of the whole file, as its sender says.")
    )
    metadata = models.TextField(blank=True, help_text=_("As its sender wrote it."))
    received = models.PositiveBigIntegerField(default=0, help_text=_("Bytes."))
    state = models.CharField(max_length=10, choices=State.choices, default=State.SENDING)
    failure = models.CharField(max_length=1000, blank=True)
    version = models.ForeignKey(
        Version, on_delete=models.SET_NULL, null=True, blank=True, related_name="transfers"
    )
    busy_until = models.DateTimeField(
        null=True, blank=True, help_text=_("A request writes to it until then.")
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    expires_at = models.DateTimeField()

    objects = TransferQuerySet.as_manager()

    class Meta:
        ordering = ["created_at"]
        indexes = [models.Index(fields=["state", "expires_at"], name="transfers_to_expire")]

    def __str__(self) -> str:
        return self.path

    @property
    def percent(self) -> int:
        return 100 * self.received // self.size if self.size else 0
