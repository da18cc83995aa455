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
        """A set belongs to the person who brought it, and to nobody else: it names documents that he may see."""
        if not isinstance(person, Person) or not person.is_active:
            return self.none()
        return self.filter(owner=person)


class GoldenSet(models.Model):
    """Questions whose answers are known. It never changes, so that its runs can be compared."""

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

    def begin(self) -> "GoldenRun":
        """A new run that waits for a worker, or the one that is not over yet."""
        return self.runs.unsettled().get_or_create(golden_set=self)[0]


class GoldenQuestion(models.Model):
    """One answer to one question, as a line of the CSV says it. `document` is a title or a file's name."""

    golden_set = models.ForeignKey(GoldenSet, on_delete=models.CASCADE, related_name="questions")
    text = models.CharField(max_length=LONGEST_QUESTION)
    document = models.CharField(max_length=LONGEST_DOCUMENT)
    page = models.PositiveIntegerField(null=True)

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return self.text


class GoldenRunQuerySet(models.QuerySet["GoldenRun"]):
    def unsettled(self) -> Self:
        return self.filter(state__in=UNSETTLED)

    def unended(self) -> Self:
        """Begun, and silent for so long that whoever worked on them is gone."""
        return self.filter(state=GoldenRun.State.RUNNING, touched_at__lt=timezone.now() - LONGEST_SILENCE)


class GoldenRun(models.Model):
    """Asking all questions of a set once, as its owner::

    waiting ──claim──▶ running ──▶ done | failed
    """

    class State(models.TextChoices):
        WAITING = "waiting", _("waiting")
        RUNNING = "running", _("running")
        DONE = "done", _("done")
        FAILED = "failed", _("failed")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    golden_set = models.ForeignKey(GoldenSet, on_delete=models.CASCADE, related_name="runs")
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    touched_at = models.DateTimeField(default=timezone.now, help_text=_("When it last got on."))
    asked = models.PositiveIntegerField(default=0, help_text=_("Questions so far."))
    total = models.PositiveIntegerField(default=0)
    figures = models.JSONField(default=dict, help_text=_("As `evaluate retrieval --json` prints them."))
    ranks = models.JSONField(
        default=list, help_text=_("Of what answers each question; null where nothing did.")
    )
    embedder = models.CharField(max_length=200, blank=True)
    index = models.CharField(max_length=100, blank=True)
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


UNSETTLED = (GoldenRun.State.WAITING, GoldenRun.State.RUNNING)
