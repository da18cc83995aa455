"""One act on many documents, done in the background document by document."""

import uuid
from typing import TYPE_CHECKING, Self

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from kb.models.keys import ApiKey
from kb.models.people import Person

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser


class BulkJobQuerySet(models.QuerySet["BulkJob"]):
    def visible_to(self, person: "Person | AnonymousUser") -> Self:
        """A person's own. Of others' it would tell which documents there are."""
        if not isinstance(person, Person) or not person.is_active:
            return self.none()
        return self.filter(person=person)

    def unfinished(self) -> Self:
        return self.filter(ended_at=None)


class BulkJob(models.Model):
    """What a person wants done with many documents. It is done with the rights that he has at that moment."""

    class Action(models.TextChoices):
        DELETE = "delete", _("delete")
        TAG = "tag", _("replace the tags")
        LABEL = "label", _("decide the label")
        MOVE = "move", _("move to a collection")
        RETRY = "retry", _("send again what failed")
        PARSE = "parse", _("read again")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="+")
    key = models.ForeignKey(
        ApiKey,
        on_delete=models.CASCADE,
        null=True,
        related_name="+",
        help_text=_("The key that it was begun with: it reaches no further than that."),
    )
    action = models.CharField(max_length=10, choices=Action.choices)
    said = models.JSONField(
        default=dict, help_text=_("What the action needs: tags, a label with its reason, a collection's id.")
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    worked_at = models.DateTimeField(null=True, help_text=_("When a document was last dealt with."))
    ended_at = models.DateTimeField(null=True)

    objects = BulkJobQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return f"{self.get_action_display()} ({self.person})"

    @property
    def doer(self) -> Person:
        """Whose rights it is done with, kept to the key that it was begun with."""
        return self.person if self.key is None else self.key.bind(self.person)


class BulkItemQuerySet(models.QuerySet["BulkItem"]):
    def waiting(self) -> Self:
        return self.filter(state=BulkItem.State.WAITING)


class BulkItem(models.Model):
    """One document of a job: waiting → done or failed, in one transaction with what is done to it."""

    class State(models.TextChoices):
        WAITING = "waiting", _("waiting")
        DONE = "done", _("done")
        FAILED = "failed", _("failed")

    job = models.ForeignKey(BulkJob, on_delete=models.CASCADE, related_name="items")
    document = models.UUIDField(help_text=_("It may be gone."))
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    failure = models.CharField(max_length=1000, blank=True)

    objects = BulkItemQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["job", "document"], name="one_item_a_document")]

    def __str__(self) -> str:
        return f"{self.document}: {self.state}"
