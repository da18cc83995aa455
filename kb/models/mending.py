"""What people changed of a document's chunks, step by step, so that each step can be taken back."""

from typing import Self

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from kb.models.library import Version
from kb.models.people import Person
from kb.models.sensitivity import Sensitivity


class MendingQuerySet(models.QuerySet["Mending"]):
    def standing(self) -> Self:
        """What still holds, the oldest first; the last one is what can be taken back."""
        return self.filter(undone_at=None, lost_at=None).order_by("pk")

    def lost(self) -> Self:
        """What could not be made again when the file was read again, the newest first."""
        return self.exclude(lost_at=None).order_by("-pk")


class Mending(models.Model):
    """One change: a run of neighbouring chunks became another run::

    standing ──undo──▶ undone
       └──the file is read again, and its text is not there──▶ lost
    """

    class Kind(models.TextChoices):
        EDIT = "edit", _("edited")
        SPLIT = "split", _("split")
        MERGE = "merge", _("joined with the next")
        EXCLUDE = "exclude", _("left out of the search")
        INCLUDE = "include", _("taken into the search again")

    version = models.ForeignKey(Version, on_delete=models.CASCADE, related_name="mendings")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    ordinal = models.PositiveIntegerField(help_text=_("Of the first chunk of the run."))
    detail = models.JSONField(
        default=dict,
        help_text=_("What the change needs to be made again: the text and headings, or the cut."),
    )
    before = models.JSONField(
        encoder=DjangoJSONEncoder, help_text=_("The chunks, as `ingestion.mend.state`.")
    )
    after = models.JSONField(encoder=DjangoJSONEncoder)
    sensitivity = models.IntegerField(
        choices=Sensitivity.choices,
        default=Sensitivity.RESTRICTED,
        help_text=_("The strictest label of the texts that are kept here."),
    )
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now, editable=False)
    undone_at = models.DateTimeField(null=True)
    undone_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+")
    lost_at = models.DateTimeField(null=True)

    objects = MendingQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(undone_at=None) | Q(lost_at=None), name="mending_is_undone_or_lost"
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: passage {self.ordinal + 1}"

    @property
    def number(self) -> int:
        """Of its first chunk, as pages count: from 1 on."""
        return self.ordinal + 1
