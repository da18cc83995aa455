"""What the person who asked says of an answer or of one of its citations, and what was done about it."""

from typing import TYPE_CHECKING, Self

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from kb.models.answers import Answer, Citation
from kb.models.chunks import Chunk
from kb.models.library import Document
from kb.models.people import Person

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

LONGEST_NOTE = 500
"""Characters."""


class FeedbackQuerySet(models.QuerySet["Feedback"]):
    def confirming(self) -> Self:
        """Whole answers that the person who asked called helpful."""
        return self.filter(helpful=True, citation=None)

    def waiting(self) -> Self:
        """Complaints that nobody has resolved."""
        return self.filter(helpful=False, resolved_at=None)

    def to_resolve_by(self, person: "Person | AnonymousUser") -> Self:
        """Complaints that wait, about what stands on documents that this person manages and may see.

        Who owns a document manages it, and who may change its collection does. A complaint about a citation is
        about that citation's document; one about an answer is about all documents that it cites.
        It stays when a passage is left out of the search, or a new version takes its document's place.
        """
        managed = Document.objects.visible_to(person).filter(
            Q(owner=person.pk) | Q(pk__in=Document.objects.editable_by(person).values("pk"))
        )
        chunks = Chunk.objects.citable_by(person).filter(version__document__in=managed).values("pk")
        of_answer = Citation.objects.filter(chunk__in=chunks).values("answer")
        return self.waiting().filter(Q(citation__chunk__in=chunks) | Q(citation=None, answer__in=of_answer))


class Feedback(models.Model):
    """One thumb: up, or down with a reason. There is one a person can change for an answer, and one a citation::

    given ──give──▶ given ──resolve──▶ resolved ──give──▶ given
    """

    class Reason(models.TextChoices):
        WRONG = "wrong", _("It is wrong")
        OUTDATED = "outdated", _("It is out of date")
        INCOMPLETE = "incomplete", _("Something is missing")
        BESIDE = "beside", _("It does not answer the question")
        UNSUPPORTED = "unsupported", _("The source does not say that")
        OTHER = "other", _("Something else")

    answer = models.ForeignKey(Answer, on_delete=models.CASCADE, related_name="feedback")
    citation = models.ForeignKey(
        Citation,
        on_delete=models.CASCADE,
        null=True,
        related_name="feedback",
        help_text=_("Empty: the whole."),
    )
    helpful = models.BooleanField()
    reason = models.CharField(max_length=12, choices=Reason.choices, blank=True)
    note = models.CharField(max_length=LONGEST_NOTE, blank=True)
    given_at = models.DateTimeField(default=timezone.now)
    resolved_at = models.DateTimeField(null=True)
    resolved_by = models.ForeignKey(Person, on_delete=models.SET_NULL, null=True, related_name="+")
    resolution = models.CharField(max_length=LONGEST_NOTE, blank=True)

    objects = FeedbackQuerySet.as_manager()

    class Meta:
        ordering = ["given_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["answer"], condition=Q(citation=None), name="one_feedback_an_answer"
            ),
            models.UniqueConstraint(fields=["citation"], name="one_feedback_a_citation"),
            models.CheckConstraint(
                condition=Q(helpful=True, reason="") | Q(helpful=False) & ~Q(reason=""),
                name="a_complaint_has_a_reason",
            ),
        ]

    def __str__(self) -> str:
        return f"{'helpful' if self.helpful else self.reason} on {self.answer_id}"

    @classmethod
    def give(
        cls, answer: Answer, citation: Citation | None, *, helpful: bool, reason: str, note: str
    ) -> None:
        """Says it, or says it anew. The same again keeps its time and what was done about it."""
        said = {"helpful": helpful, "reason": reason, "note": note}
        if cls.objects.filter(answer=answer, citation=citation, **said).exists():
            return
        anew = {"given_at": timezone.now(), "resolved_at": None, "resolved_by": None, "resolution": ""}
        cls.objects.update_or_create(answer=answer, citation=citation, defaults=said | anew)

    def resolve(self, person: Person, note: str) -> bool:
        """Writes down what was done. False when somebody else did so before."""
        open_ones = Feedback.objects.filter(pk=self.pk, resolved_at=None)
        done = {"resolved_at": timezone.now(), "resolved_by": person, "resolution": note}
        return open_ones.update(**done) == 1
