"""Files that hold other files: archives, mailboxes and mails."""

import uuid
from typing import Self

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from kb.models.batches import Batch
from kb.models.collections import Collection
from kb.models.people import Person
from kb.models.sensitivity import Sensitivity


class ContainerQuerySet(models.QuerySet["Container"]):
    def waiting(self) -> Self:
        """To be opened, and nobody is at it."""
        free = Q(held_until=None) | Q(held_until__lt=timezone.now())
        return self.filter(free, state=Container.State.WAITING)

    def sent_by(self, person: Person) -> Self:
        """Those that this person brought in, and not inside a mail."""
        return self.filter(person.kept_collections("collection"), mail=None, person=person)

    def held(self) -> Self:
        return self.filter(state=Container.State.WAITING, held_until__gte=timezone.now())


class Container(models.Model):
    """A file whose files become documents of the same collection, owner and batch::

        waiting → opened
           └────→ failed

    An archive or a mailbox is not a document itself. A mail is one, and `mail` then says which.
    """

    class Kind(models.TextChoices):
        ZIP = "zip", _("zip archive")
        TAR = "tar", _("tar archive")
        MBOX = "mbox", _("mailbox")
        EML = "eml", _("e-mail")
        MSG = "msg", _("Outlook message")

    class State(models.TextChoices):
        WAITING = "waiting", _("waiting to be opened")
        OPENED = "opened", _("opened")
        FAILED = "failed", _("could not be opened")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    batch = models.ForeignKey(
        Batch, on_delete=models.SET_NULL, null=True, blank=True, related_name="containers"
    )
    mail = models.OneToOneField(
        "kb.Document", on_delete=models.CASCADE, null=True, blank=True, related_name="container"
    )
    collection = models.ForeignKey(Collection, on_delete=models.CASCADE, related_name="+")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    sha256 = models.CharField(max_length=64)
    name = models.CharField(_("file name"), max_length=255)
    sensitivity = models.IntegerField(
        choices=Sensitivity.choices, null=True, help_text=_("Declared for all that it holds.")
    )
    tags = models.JSONField(default=list, blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    failure = models.CharField(max_length=1000, blank=True)
    left_out = models.JSONField(
        default=list, blank=True, help_text=_("What did not become a document: [path, reason] each.")
    )
    attempts = models.PositiveSmallIntegerField(default=0)
    holder = models.CharField(max_length=300, blank=True, help_text=_("Machine, process and its start."))
    held_until = models.DateTimeField(null=True, blank=True)

    objects = ContainerQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return self.name
