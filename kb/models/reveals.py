"""Break glass: an administrator opens a document that he may not read, for an hour, with a reason."""

import uuid
from datetime import timedelta
from typing import TYPE_CHECKING, Self

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from kb.models.library import Document
from kb.models.people import Person

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

LASTS = timedelta(hours=1)
"""Then the document is closed again, from the next request on."""


class RevealQuerySet(models.QuerySet["Reveal"]):
    def open_to(self, person: "Person | AnonymousUser") -> Self:
        """Those that still run. Who no longer administers has none."""
        if not isinstance(person, Person) or not person.administers:
            return self.none()
        return self.filter(person=person, until__gt=timezone.now(), document__deleted_at=None)

    def to_tell(self, owner: "Person | AnonymousUser") -> Self:
        """What the owner has not acknowledged yet. Opening an own document is no news."""
        if not isinstance(owner, Person) or not owner.is_active:
            return self.none()
        return self.filter(document__owner=owner, document__deleted_at=None, seen_at=None).exclude(
            person=owner
        )


class Reveal(models.Model):
    """One opening. It ends by itself; a further one is a new row with a new reason."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="reveals")
    document = models.ForeignKey(Document, on_delete=models.CASCADE, related_name="reveals")
    reason = models.CharField(_("reason"), max_length=500)
    at = models.DateTimeField(default=timezone.now, editable=False)
    until = models.DateTimeField()
    seen_at = models.DateTimeField(null=True, help_text=_("When the owner said that he knows."))

    objects = RevealQuerySet.as_manager()

    class Meta:
        ordering = ["-at"]
        indexes = [models.Index(fields=["person", "until"], name="running_reveals")]

    def __str__(self) -> str:
        return f"{self.person} until {self.until:%H:%M}"

    def see(self) -> None:
        """The owner says that he knows."""
        self.seen_at = timezone.now()
        self.save(update_fields=["seen_at"])

    def end(self) -> None:
        """Closes the document again before the hour is over."""
        self.until = timezone.now()
        self.save(update_fields=["until"])
