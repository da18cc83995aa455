"""Golden questions: what a company asks its library to see whether it finds what answers, and how that went."""

import uuid
from datetime import timedelta
from typing import TYPE_CHECKING, Self

from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from kb.models.people import Person

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

LONGEST_NAME = 80
LONGEST_QUESTION = 1_000
LONGEST_DOCUMENT = 300
"""Characters."""
LONGEST_WAIT = timedelta(minutes=1)
"""After which it is worth telling that no worker has come."""
LONGEST_SILENCE = timedelta(minutes=10)
"""After which nobody is working on a run any more, whatever its row says."""


class GoldenSetQuerySet(models.QuerySet["GoldenSet"]):
    def visible_to(self, person: "Person | AnonymousUser") -> Self:
        """A set belongs to the person who brought it, and to nobody else: it names documents that he may see.

        It runs with all his rights, so that a key which reads less reaches none.
        """
        if not isinstance(person, Person) or not person.is_active or person.narrowed:
            return self.none()
        return self.filter(owner=person)


class GoldenSet(models.Model):
    """Questions whose answers are known. Some may be added, none changes, so that its runs can be compared."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    owner = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="golden_sets")
    name = models.CharField(_("name"), max_length=LONGEST_NAME)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = GoldenSetQuerySet.as_manager()

    class Meta:
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(fields=["owner", "name"], name="one_golden_set_a_name_and_owner")
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("golden-set", args=[self.pk])

    def begin(self, kind: "GoldenRun.Kind | None" = None) -> "GoldenRun":
        """A new run that waits for a worker, of retrieval unless told; or the one that is not over yet."""
        return self.runs.unsettled().get_or_create(
            golden_set=self, defaults={"kind": kind or GoldenRun.Kind.RETRIEVAL}
        )[0]

    def accepted(self) -> "GoldenRun | None":
        """The run of answers that later ones are compared with."""
        return self.runs.exclude(accepted_at=None).order_by("-accepted_at").first()


class GoldenQuestion(models.Model):
    """One answer to one question, as a line of the CSV says it. `document` is a title or a file's name.

    Each of `words` must stand in an answer. With `refuse` nothing answers it, and an answer must say so.
    """

    golden_set = models.ForeignKey(GoldenSet, on_delete=models.CASCADE, related_name="questions")
    text = models.CharField(max_length=LONGEST_QUESTION)
    document = models.CharField(max_length=LONGEST_DOCUMENT, blank=True)
    page = models.PositiveIntegerField(null=True)
    words = models.JSONField(default=list)
    refuse = models.BooleanField(default=False)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(refuse=True, document="", page=None) | Q(refuse=False) & ~Q(document=""),
                name="a_document_answers_or_none_does",
            )
        ]

    def __str__(self) -> str:
        return self.text


class GoldenRunQuerySet(models.QuerySet["GoldenRun"]):
    def unsettled(self) -> Self:
        return self.filter(state__in=UNSETTLED)

    def of_answers(self) -> Self:
        return self.filter(kind=GoldenRun.Kind.ANSWERS)

    def unended(self) -> Self:
        """Begun, and silent for so long that whoever worked on them is gone."""
        return self.filter(state=GoldenRun.State.RUNNING, touched_at__lt=timezone.now() - LONGEST_SILENCE)


class GoldenRun(models.Model):
    """Asking all questions of a set once, as its owner::

    waiting ──claim──▶ running ──▶ done | failed

    A run of retrieval has `ranks`, `embedder` and `index`; one of answers has `outcomes` and `made_with`.
    """

    class Kind(models.TextChoices):
        RETRIEVAL = "retrieval", _("what is found")
        ANSWERS = "answers", _("what is answered")

    class State(models.TextChoices):
        WAITING = "waiting", _("waiting")
        RUNNING = "running", _("running")
        DONE = "done", _("done")
        FAILED = "failed", _("failed")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    golden_set = models.ForeignKey(GoldenSet, on_delete=models.CASCADE, related_name="runs")
    kind = models.CharField(max_length=10, choices=Kind.choices, default=Kind.RETRIEVAL)
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    touched_at = models.DateTimeField(default=timezone.now, help_text=_("When it last got on."))
    asked = models.PositiveIntegerField(default=0, help_text=_("Questions so far."))
    total = models.PositiveIntegerField(default=0)
    figures = models.JSONField(default=dict, help_text=_("As `evaluate --json` prints them."))
    ranks = models.JSONField(
        default=list, help_text=_("Of what answers each question; null where nothing did.")
    )
    embedder = models.CharField(max_length=200, blank=True)
    index = models.CharField(max_length=100, blank=True)
    outcomes = models.JSONField(default=list, help_text=_("What became of each question."))
    made_with = models.JSONField(default=dict, help_text=_("Models, prompts and index that answered."))
    accepted_at = models.DateTimeField(null=True, help_text=_("When it became what later runs must match."))
    failure = models.CharField(max_length=1000, blank=True)

    objects = GoldenRunQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["golden_set"],
                condition=Q(state__in=["waiting", "running"]),
                name="one_run_at_a_time_a_golden_set",
            )
        ]

    def __str__(self) -> str:
        return f"{self.golden_set}, {self.created_at:%Y-%m-%d %H:%M}"

    @property
    def settled(self) -> bool:
        return self.state not in UNSETTLED

    @property
    def overdue(self) -> bool:
        """Whether it waits for longer than it takes an idle worker to come."""
        return self.state == self.State.WAITING and timezone.now() - self.created_at > LONGEST_WAIT

    def claim(self) -> bool:
        """Whether this caller is the one who does the work."""
        waiting = GoldenRun.objects.filter(pk=self.pk, state=self.State.WAITING)
        return waiting.update(state=self.State.RUNNING, touched_at=timezone.now()) == 1

    def note(self, **fields: object) -> bool:
        """Writes how it got on, or how it ended. False when it was deleted or given up in the meantime."""
        mine = GoldenRun.objects.filter(pk=self.pk, state=self.State.RUNNING)
        return mine.update(touched_at=timezone.now(), **fields) == 1

    def accept(self) -> None:
        """Makes this run the one that later ones of its set are compared with."""
        self.accepted_at = timezone.now()
        GoldenRun.objects.filter(pk=self.pk).update(accepted_at=self.accepted_at)


UNSETTLED = (GoldenRun.State.WAITING, GoldenRun.State.RUNNING)
