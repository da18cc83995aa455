"""What is asked and answered, and which chunks each answer stands on."""

import uuid
from datetime import timedelta
from typing import TYPE_CHECKING, Self

from django.db import models
from django.db.models import Count, F, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from kb.models.library import Chunk, Document
from kb.models.people import Person
from kb.models.routes import Leaving
from kb.models.sensitivity import Sensitivity

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

TITLE_LENGTH = 120
LONGEST = timedelta(minutes=10)
"""After which nobody is writing an answer any more, whatever its row says."""


class ConversationQuerySet(models.QuerySet["Conversation"]):
    def visible_to(self, person: "Person | AnonymousUser") -> Self:
        """A conversation belongs to the person who began it, and to nobody else."""
        if not isinstance(person, Person) or not person.is_active:
            return self.none()
        return self.filter(person=person)


class Conversation(models.Model):
    """Questions that follow one another. It remembers the strictest label it touched."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="conversations")
    title = models.CharField(max_length=TITLE_LENGTH)
    sensitivity = models.IntegerField(choices=Sensitivity.choices, default=Sensitivity.PUBLIC)
    leaving = models.IntegerField(
        choices=Leaving.choices,
        default=Leaving.FREELY,
        help_text=_("How what was said so far may leave, at most."),
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    updated_at = models.DateTimeField(auto_now=True)

    objects = ConversationQuerySet.as_manager()

    class Meta:
        ordering = ["-updated_at"]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("conversation", args=[self.pk])

    def tighten(self, sensitivity: int, leaving: int) -> None:
        """Makes the conversation at least this strict, also when two answers do so at the same time."""
        mine = Conversation.objects.filter(pk=self.pk)
        mine.filter(sensitivity__lt=sensitivity).update(sensitivity=sensitivity)
        mine.filter(leaving__gt=leaving).update(leaving=leaving)
        self.sensitivity, self.leaving = max(self.sensitivity, sensitivity), min(self.leaving, leaving)


class Question(models.Model):
    """What was asked. It is a row before anything runs, so that nothing asked is lost."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE, related_name="questions")
    text = models.TextField()
    leaving = models.IntegerField(
        choices=Leaving.choices,
        default=Leaving.FREELY,
        help_text=_("The person's own wish: at most this, whatever the routes allow."),
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        ordering = ["created_at"]

    def __str__(self) -> str:
        return self.text[:TITLE_LENGTH]


class AnswerQuerySet(models.QuerySet["Answer"]):
    def readable_by(self, person: "Person | AnonymousUser") -> Self:
        """Those of which all that they were made from is still there and still the person's to see.

        This says nothing of whose conversation they are in.
        """
        clearance = getattr(person, "clearance", 0)
        visible = Document.objects.visible_to(person).values("pk")
        seen = Count("drew_on", filter=Q(drew_on__in=visible), distinct=True)
        within = self.filter(sensitivity__lte=clearance).exclude(
            pk__in=Answer.objects.filter(shown__sensitivity__gt=clearance).values("pk")
        )
        return within.annotate(seen=seen).filter(seen=F("drew_on_count"))


class Answer(models.Model):
    """The answer to one question::

    waiting ──claim──▶ running ──▶ done | failed | stopped ──claim──▶ running
    """

    class State(models.TextChoices):
        WAITING = "waiting", _("waiting")
        RUNNING = "running", _("being written")
        DONE = "done", _("done")
        FAILED = "failed", _("failed")
        STOPPED = "stopped", _("stopped")

    class Made(models.TextChoices):
        """Where it was made."""

        NOWHERE = "nowhere", _("Nothing called")
        ON_PREMISES = "on-premises", _("On-premises")
        CLOUD = "cloud", _("Cloud")
        MIXED = "mixed", _("Cloud and on-premises")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    question = models.OneToOneField(Question, on_delete=models.CASCADE, related_name="answer")
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    claimed_at = models.DateTimeField(null=True)
    text = models.TextField(blank=True)
    failure = models.CharField(max_length=500, blank=True)
    found = models.BooleanField(default=False, help_text=_("Whether the sources answered the question."))
    sensitivity = models.IntegerField(choices=Sensitivity.choices, default=Sensitivity.RESTRICTED)
    location = models.CharField(max_length=12, choices=Made.choices, default=Made.NOWHERE)
    model = models.CharField(max_length=200, blank=True)
    reason = models.CharField(max_length=500, blank=True, help_text=_("Why it was made there, in words."))
    parts = models.JSONField(
        default=list,
        help_text=_("Where each stretch of the text was made: start, end, location, model."),
    )
    # Every document whose text was shown to a model for this answer, cited or not, and the very chunks.
    drew_on = models.ManyToManyField(Document, blank=True, related_name="+")
    shown = models.ManyToManyField(Chunk, blank=True, related_name="+")
    drew_on_count = models.PositiveSmallIntegerField(default=0)
    seconds = models.JSONField(default=dict)

    objects = AnswerQuerySet.as_manager()

    def __str__(self) -> str:
        return self.text[:TITLE_LENGTH]

    def claim(self) -> bool:
        """Whether this caller is the one who writes the answer."""
        now = timezone.now()
        abandoned = Q(state=self.State.RUNNING, claimed_at__lt=now - LONGEST)
        free = Q(state__in=[self.State.WAITING, self.State.FAILED, self.State.STOPPED]) | abandoned
        claimed = Answer.objects.filter(free, pk=self.pk).update(state=self.State.RUNNING, claimed_at=now)
        return claimed == 1

    def readable_by(self, person: "Person | AnonymousUser") -> bool:
        return Answer.objects.readable_by(person).filter(pk=self.pk).exists()


class Citation(models.Model):
    """A place in an answer that stands on a chunk. The chunk is one that was shown to the model."""

    answer = models.ForeignKey(Answer, on_delete=models.CASCADE, related_name="citations")
    marker = models.PositiveSmallIntegerField()
    chunk = models.ForeignKey(Chunk, on_delete=models.SET_NULL, null=True, related_name="citations")
    quote = models.TextField()
    supported = models.BooleanField(default=True)

    class Meta:
        ordering = ["marker"]
        constraints = [models.UniqueConstraint(fields=["answer", "marker"], name="one_citation_a_marker")]

    def __str__(self) -> str:
        return f"[{self.marker}] {self.quote[:TITLE_LENGTH]}"
