"""A question that is asked of more than fits into a model's window."""

from typing import Self

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from kb.models.answers import LONGEST, Answer
from kb.models.library import Document


class SurveyQuerySet(models.QuerySet["Survey"]):
    def unattended(self) -> Self:
        """Those that may go on, and that nobody works on: not begun yet, or left by whoever did."""
        lost = Q(answer__state=Answer.State.RUNNING, answer__claimed_at__lt=timezone.now() - LONGEST)
        return self.exclude(confirmed_at=None).filter(Q(answer__state=Answer.State.WAITING) | lost)


class Survey(models.Model):
    """Reading all of some documents for one answer: a step for each document or section, then their merging.

    The answer's row says how it gets on, and who works on it; what a step wrote is kept with the step, so that
    whoever takes the work up again pays for nothing twice.
    """

    class Kind(models.TextChoices):
        COMPARE = "compare", _("ask each document")
        SUMMARISE = "summarise", _("sum up each section")

    answer = models.OneToOneField(Answer, on_delete=models.CASCADE, related_name="survey")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    topic = models.TextField(help_text=_("What each document is asked."))
    size = models.PositiveIntegerField(
        help_text=_("Steps at the beginning: those of deleted documents go with them.")
    )
    calls = models.PositiveIntegerField(help_text=_("Of a language model, as estimated before it began."))
    tokens = models.PositiveIntegerField(help_text=_("Of prompts and answers, as estimated."))
    cost_usd = models.FloatField(null=True, help_text=_("As estimated; none where no price is known."))
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    confirmed_at = models.DateTimeField(
        null=True, help_text=_("When somebody agreed to the cost, or nobody had to.")
    )

    objects = SurveyQuerySet.as_manager()

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.topic}"

    @property
    def confirmed(self) -> bool:
        return self.confirmed_at is not None

    def confirm(self) -> None:
        """Lets it begin."""
        Survey.objects.filter(pk=self.pk, confirmed_at=None).update(confirmed_at=timezone.now())
        self.refresh_from_db(fields=["confirmed_at"])


class SurveyStep(models.Model):
    """One document or section of a survey::

    waiting ──▶ done | failed | withdrawn

    `text` cites by the markers of `cited`, which hold for this step alone.
    """

    class State(models.TextChoices):
        WAITING = "waiting", _("waiting")
        DONE = "done", _("read")
        FAILED = "failed", _("could not be read")
        WITHDRAWN = "withdrawn", _("withdrawn meanwhile")

    survey = models.ForeignKey(Survey, on_delete=models.CASCADE, related_name="steps")
    ordinal = models.PositiveIntegerField()
    document = models.ForeignKey(Document, on_delete=models.CASCADE, related_name="+")
    heading = models.CharField(
        max_length=600, help_text=_("What is read: a document's title, or its section's path.")
    )
    chunks = models.JSONField(
        help_text=_("Ids of the chunks that it reads; once it is done, of those that it has read.")
    )
    passages = models.PositiveIntegerField(help_text=_("Chunks that the document or section has in all."))
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    text = models.TextField(blank=True, help_text=_("What it found; empty where it found nothing."))
    cited = models.JSONField(default=list, help_text=_("Pairs of a marker in the text and a chunk's id."))
    model = models.CharField(max_length=100, blank=True, help_text=_("By its name in the settings."))
    failure = models.CharField(max_length=500, blank=True)

    class Meta:
        ordering = ["ordinal"]
        constraints = [models.UniqueConstraint(fields=["survey", "ordinal"], name="one_step_an_ordinal")]

    def __str__(self) -> str:
        return self.heading

    def settle(self, state: State, **fields: object) -> None:
        """How the step ended."""
        for field, value in {"state": state, **fields}.items():
            setattr(self, field, value)
        self.save(update_fields=["state", *fields])
