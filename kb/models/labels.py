"""How documents got their labels, and what was learned from those that people confirmed."""

from typing import Self

from django.db import models
from django.utils import timezone

from kb.models.library import Document


class LabelVotes(models.Model):
    """What each judge thought of a document's sensitivity when it was read: for a person to see, and to learn from.

    `votes` has four numbers a judge, the laxest label first, in natural logarithms of odds and already weighted, so
    that their sum is what decided. `vector` is the mean of the embedded passages: d float32, little-endian.
    """

    document = models.OneToOneField(Document, on_delete=models.CASCADE, related_name="votes")
    votes = models.JSONField(default=dict)
    passage = models.PositiveIntegerField(
        help_text="The ordinal of the chunk that speaks most for the label."
    )
    vector = models.BinaryField()
    embedder = models.CharField(max_length=200)

    def __str__(self) -> str:
        return f"Votes on {self.document_id}"


class LearnedVoteQuerySet(models.QuerySet["LearnedVote"]):
    def in_use(self, embedder: str) -> "LearnedVote | None":
        """The newest one for this embedder, if it was adopted; else none, although an older one may have been."""
        newest = self.trained_with(embedder).first()
        return newest if newest and newest.adopted else None

    def trained_with(self, embedder: str) -> Self:
        return self.filter(embedder=embedder).order_by("-pk")


class LearnedVote(models.Model):
    """A classifier that was trained on confirmed labels, with how much better it made them. Its id is its version.

    `difference` is the mean gain a document, as `ingestion.learn` measures it, with its 95 % interval.
    """

    made_at = models.DateTimeField(default=timezone.now, editable=False)
    embedder = models.CharField(max_length=200)
    confirmations = models.PositiveIntegerField()
    labels = models.JSONField(help_text="The labels that it knows, ascending.")
    coefficients = models.JSONField(help_text="A row of d numbers for each label.")
    intercepts = models.JSONField(help_text="A number for each label.")
    difference = models.FloatField()
    low = models.FloatField()
    high = models.FloatField()
    adopted = models.BooleanField()

    objects = LearnedVoteQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"{self.pk}, from {self.confirmations} labels"
