"""What was brought in together, and by whom."""

import uuid
from collections.abc import Sequence
from typing import TYPE_CHECKING, Self

from django.db import models
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from kb.models.collections import Collection
from kb.models.people import Person
from kb.models.sensitivity import Sensitivity

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser


NAME_LENGTH = 200


def batch_name(files: Sequence[str]) -> str:
    """What a batch of files of these names is called: “lease.pdf”, or “lease.pdf and 11 more”."""
    first, *others = files
    return name_with(first, others=len(others))


def name_with(first: str, *, others: int) -> str:
    """The same where only the first file's name is known."""
    rest = f" and {others:,} more" if others else ""
    return first[: NAME_LENGTH - len(rest)] + rest


class Priority(models.IntegerChoices):
    """What waits is taken in this order, the highest first; people and batches share fairly within each."""

    LATER = 10, _("later")
    NORMAL = 20, _("normal")
    FIRST = 30, _("first")


class BatchQuerySet(models.QuerySet["Batch"]):
    def visible_to(self, person: "Person | AnonymousUser") -> Self:
        """What this person brought in; administrators follow all of them. It gives no right to read a document.

        A key that is kept to collections follows what was brought into them.
        """
        if not isinstance(person, Person) or not person.is_active:
            return self.none()
        within = self.filter(person.kept_collections("collection"))
        return within if person.administers else within.filter(person=person)


class Batch(models.Model):
    """Files that one person brought in at one time, through one door, and what he said of all of them."""

    class Door(models.TextChoices):
        PORTAL = "portal", _("the upload page")
        API = "api", _("the API")
        COMMAND = "command", _("a command")
        INBOX = "inbox", _("the watched folder")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="batches")
    collection = models.ForeignKey(Collection, on_delete=models.PROTECT, related_name="+")
    name = models.CharField(_("name"), max_length=NAME_LENGTH, help_text=_("What it is called in lists."))
    door = models.CharField(max_length=10, choices=Door.choices)
    sensitivity = models.IntegerField(choices=Sensitivity.choices, null=True, blank=True)
    least_sensitivity = models.IntegerField(choices=Sensitivity.choices, null=True, blank=True)
    owner = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    tags = models.JSONField(default=list, blank=True)
    priority = models.PositiveSmallIntegerField(
        choices=Priority.choices, default=Priority.NORMAL, help_text=_("Of its files that come from now on.")
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = BatchQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at"]
        verbose_name_plural = _("batches")

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("batch", args=[self.pk])
