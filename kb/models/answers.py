"""What is asked and answered, and which chunks each answer stands on."""

import uuid
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Self

from django.db import models, transaction
from django.db.models import Count, F, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from kb.errors import Rejected
from kb.models.chunks import Chunk
from kb.models.keys import ApiKey
from kb.models.library import Document
from kb.models.people import Person
from kb.models.routes import Leaving
from kb.models.sensitivity import Sensitivity

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

TITLE_LENGTH = 120
REASON_LENGTH = 500
LONGEST = timedelta(minutes=10)
"""After which nobody is writing an answer any more, whatever its row says."""


class ConversationQuerySet(models.QuerySet["Conversation"]):
    def visible_to(self, person: "Person | AnonymousUser") -> Self:
        """A conversation belongs to the person who began it, and to nobody else."""
        if not isinstance(person, Person) or not person.is_active:
            return self.none()
        return self.filter(person=person)._within(person)

    def shared_with(self, person: "Person | AnonymousUser") -> Self:
        """Those that an active person lets this one read. What he may read in them, each answer decides."""
        if not isinstance(person, Person) or not person.is_active:
            return self.none()
        return self.filter(shares__person=person, person__is_active=True)._within(person)

    def _within(self, person: Person) -> Self:
        """For a key that reads less than its person: without those of which anything lies beyond it."""
        if not person.narrowed:
            return self
        written = Answer.objects.exclude(text="").filter(question__conversation__in=self.values("pk"))
        beyond = written.exclude(pk__in=written.readable_by(person).values("pk"))
        # Looked up by itself: SQLite's parser gives up on so many queries within each other.
        threads = set(beyond.values_list("question__conversation", flat=True))
        return self.filter(sensitivity__lte=person.clearance).exclude(pk__in=threads)

    def readable_by(self, person: "Person | AnonymousUser") -> Self:
        """His own and those that are shared with him."""
        if not isinstance(person, Person) or not person.is_active:
            return self.none()
        shared = Conversation.objects.filter(shares__person=person, person__is_active=True)
        return self.filter(Q(person=person) | Q(pk__in=shared.values("pk")))._within(person)

    def mentioning(self, words: str, person: "Person | AnonymousUser") -> Self:
        """Those that have all the words in the title, questions and answers; only answers that he may still read."""
        found = self
        for word in words.split():
            asked = Question.objects.filter(conversation__in=self, text__icontains=word)
            answers = Answer.objects.filter(question__conversation__in=self, text__icontains=word)
            found = found.filter(
                Q(title__icontains=word)
                | Q(pk__in=asked.values("conversation"))
                | Q(questions__answer__in=[answer.pk for answer in answers.readable_by(person)])
            )
        return found.distinct()


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

    def rename(self, title: str) -> None:
        """Raises:
        Rejected: the title is empty.
        """
        title = " ".join(title.replace("\0", "").split())
        if not title:
            raise Rejected("A conversation needs a name. Type one, or leave the one that it has.")
        self.title = title[:TITLE_LENGTH]
        # Not through save(): a conversation that is renamed does not become the newest.
        Conversation.objects.filter(pk=self.pk).update(title=self.title)

    def withdraw(self) -> None:
        """Deletes it. Nobody with whom it was shared reads it from the next request on."""
        with transaction.atomic():
            for share in self.shares.all():
                share.withdraw()
            self.delete()

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
    key = models.ForeignKey(
        ApiKey,
        on_delete=models.RESTRICT,
        null=True,
        related_name="+",
        help_text=_("The key that it was asked with: its answer never draws on more than that reaches."),
    )
    text = models.TextField()
    leaving = models.IntegerField(
        choices=Leaving.choices,
        default=Leaving.FREELY,
        help_text=_("The person's own wish: at most this, whatever the routes allow."),
    )
    narrowing = models.JSONField(
        default=dict, help_text=_("What the search for it is kept to; empty where to nothing.")
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        ordering = ["created_at"]

    def __str__(self) -> str:
        return self.text[:TITLE_LENGTH]

    @property
    def asker(self) -> Person:
        """Who asked, kept to the key that he came with."""
        person = self.conversation.person
        return person if self.key is None else self.key.bind(person)

    def keep_in(self) -> None:
        """From now on nothing leaves for this question. There is no way back."""
        self.leaving = Leaving.NEVER
        self.save(update_fields=["leaving"])
        self.conversation.tighten(self.conversation.sensitivity, Leaving.NEVER)


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
                          └──stop──▶ stopping ──▶ stopped

    A failed or stopped one keeps the text that there was. While one is running, `text` is what was written so far,
    with the markers of `listed`.
    """

    class State(models.TextChoices):
        WAITING = "waiting", _("waiting")
        RUNNING = "running", _("being written")
        STOPPING = "stopping", _("being stopped")
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
    understood_as = models.TextField(
        blank=True, help_text=_("The question as it was looked for, where it leant on what was said before.")
    )
    text = models.TextField(blank=True)
    failure = models.CharField(max_length=500, blank=True)
    found = models.BooleanField(default=False, help_text=_("Whether the sources answered the question."))
    sensitivity = models.IntegerField(choices=Sensitivity.choices, default=Sensitivity.RESTRICTED)
    location = models.CharField(max_length=12, choices=Made.choices, default=Made.NOWHERE)
    model = models.CharField(max_length=200, blank=True)
    reason = models.CharField(
        max_length=REASON_LENGTH, blank=True, help_text=_("Why it was made there, in words.")
    )
    parts = models.JSONField(
        default=list,
        help_text=_("Where each stretch of the text was made: start, end, location, model."),
    )
    support = models.JSONField(
        default=list,
        help_text=_("Whether its source says each sentence of the text: start, end, verdict, score, reason."),
    )
    # Every document whose text was shown to a model for this answer, cited or not, and the very chunks.
    drew_on = models.ManyToManyField(Document, blank=True, related_name="+")
    shown = models.ManyToManyField(Chunk, blank=True, related_name="+")
    drew_on_count = models.PositiveSmallIntegerField(default=0)
    seconds = models.JSONField(default=dict)
    listed = models.JSONField(
        default=list,
        help_text=_("The sources of the text that is being written: pairs of a marker and a chunk's id."),
    )
    beginnings = models.PositiveIntegerField(
        default=0, help_text=_("How often a text was begun; it never goes back.")
    )
    followed_at = models.DateTimeField(
        null=True, help_text=_("When somebody was last seen to follow the writing.")
    )
    missing = models.JSONField(
        default=dict, help_text=_("What an answer would have needed, where the sources did not answer.")
    )
    left_out = models.JSONField(
        default=list,
        help_text=_("What did not fit into the model's window: pairs of a document's id and its passages."),
    )
    conflicts = models.JSONField(default=list, help_text=_("Where its sources give different values."))

    objects = AnswerQuerySet.as_manager()

    def __str__(self) -> str:
        return self.text[:TITLE_LENGTH]

    def claim(self) -> bool:
        """Whether this caller is the one who writes the answer. Of an earlier text nothing is left then."""
        now = timezone.now()
        fresh = {"state": self.State.RUNNING, "claimed_at": now, "text": "", "listed": [], "failure": ""}
        claimed = Answer.objects.filter(_free(now), pk=self.pk).update(**fresh) == 1
        if claimed:
            for field, value in fresh.items():
                setattr(self, field, value)
        return claimed

    def mine(self) -> models.QuerySet["Answer"]:
        """The row for as long as nobody has claimed it since this object did."""
        return Answer.objects.filter(pk=self.pk, claimed_at=self.claimed_at)

    def renew(self) -> bool:
        """Says that its writer is still at work, for one who takes long. Whether the answer is still wanted."""
        now = timezone.now()
        if self.mine().filter(state=self.State.RUNNING).update(claimed_at=now) != 1:
            return False
        self.claimed_at = now
        return True

    @property
    def ongoing(self) -> bool:
        """Whether there is something to wait for. An answer of which the writer died is not ongoing for ever."""
        if self.state == self.State.WAITING:
            return True
        abandoned = self.claimed_at is None or self.claimed_at < timezone.now() - LONGEST
        return self.state in WRITING and not abandoned

    def stop(self) -> None:
        """Asks whoever writes the answer to stop; one that nobody has begun is stopped by that."""
        mine = Answer.objects.filter(pk=self.pk)
        mine.filter(state=self.State.WAITING).update(state=self.State.STOPPED)
        mine.filter(state=self.State.RUNNING).update(state=self.State.STOPPING)
        self.refresh_from_db()

    def reopen(self) -> None:
        """Lets an answer that failed or was stopped be written once more."""
        Answer.objects.filter(_free(timezone.now()), pk=self.pk).update(state=self.State.WAITING)
        self.refresh_from_db()

    def readable_by(self, person: "Person | AnonymousUser") -> bool:
        """Whether all that it was made from is still there and still the person's to see."""
        return Answer.objects.filter(pk=self.pk).readable_by(person).exists()


WRITING = (Answer.State.RUNNING, Answer.State.STOPPING)
"""States in which somebody writes the answer, or died while doing so."""


def _free(now: datetime) -> Q:
    """What may be claimed: nobody writes it, or whoever does has been told to stop or is long gone."""
    state = Answer.State
    idle = Q(state__in=[state.WAITING, state.FAILED, state.STOPPED, state.STOPPING])
    return idle | Q(state=state.RUNNING, claimed_at__lt=now - LONGEST)


class Citation(models.Model):
    """A place in an answer that stands on a chunk. The chunk is one that was shown to the model."""

    answer = models.ForeignKey(Answer, on_delete=models.CASCADE, related_name="citations")
    marker = models.PositiveSmallIntegerField()
    chunk = models.ForeignKey(Chunk, on_delete=models.SET_NULL, null=True, related_name="citations")
    quote = models.TextField()
    start = models.PositiveIntegerField(
        null=True,
        help_text=_("Where the quote stands in the chunk's text, in characters; null where unknown."),
    )
    end = models.PositiveIntegerField(null=True)
    supported = models.BooleanField(default=True)

    class Meta:
        ordering = ["marker"]
        constraints = [models.UniqueConstraint(fields=["answer", "marker"], name="one_citation_a_marker")]

    def __str__(self) -> str:
        return f"[{self.marker}] {self.quote[:TITLE_LENGTH]}"
