"""Webhooks: addresses outside that are told of events, and what is on its way to them."""

import uuid
from datetime import datetime
from typing import TYPE_CHECKING, Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from kb.environment import secret
from kb.models.answers import Answer, Conversation
from kb.models.bounds import Bounds
from kb.models.collections import Collection
from kb.models.library import Document
from kb.models.people import Person
from kb.models.sensitivity import Sensitivity
from kb.sealing import Sealer

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

ADDRESS_LENGTH = 500
SAID_LENGTH = 500
"""Characters that are kept of what a receiver replies."""


class EventType(models.TextChoices):
    """What may be told. The first word says whose rule decides who may know it."""

    DOCUMENT_READY = "document.ready", _("A document is ready")
    DOCUMENT_FAILED = "document.failed", _("A document could not be read")
    DOCUMENT_EXPIRED = "document.expired", _("A document is no longer valid")
    ANSWER_GIVEN = "answer.given", _("A question of yours was answered")
    ANSWER_REFUSED = "answer.refused", _("Nothing was found for a question of yours")
    LEDGER_ALERT = "ledger.alert", _("The ledger does not hold, or a call was refused (administrators)")
    PING = "webhook.ping", _("A test")


SUBSCRIBABLE = tuple(event for event in EventType if event != EventType.PING)


def webhook_sealer() -> Sealer:
    """What seals and opens the secrets that messages are signed with, under the secret `webhook_key`."""
    return Sealer(secret("webhook_key", settings.VAR / "secrets"), name="webhook_key")


class WebhookQuerySet(models.QuerySet["Webhook"]):
    def owned_by(self, person: "Person | AnonymousUser") -> Self:
        """His own. To a key only those that hear of no more than it reads: a new secret would open the rest to it."""
        if not isinstance(person, Person) or not person.is_active:
            return self.none()
        own = self.filter(person=person)
        if person.bounds is None:
            return own
        within = [hook.pk for hook in own.prefetch_related("collections") if hook.within(person.bounds)]
        return own.filter(pk__in=within)

    def visible_to(self, person: "Person | AnonymousUser") -> Self:
        """His own; an administrator sees where everybody's events go."""
        if isinstance(person, Person) and person.administers:
            return self.all()
        return self.owned_by(person)

    def listening_to(self, event: EventType) -> list["Webhook"]:
        """Those that are on and asked for it. What each may know of it is another question."""
        hooks = self.filter(active=True, person__is_active=True).select_related("person")
        return [hook for hook in hooks if event in hook.events]


class Webhook(models.Model):
    """An address that is told of events, as its person: of what he may see at that moment, and of nothing else::

        on ──switched off, 410, or failing for days──▶ off ──switched on──▶ on

    `sealed_secret` signs the messages. For a day after a rotation the former one signs them too.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="webhooks")
    address = models.CharField(_("address"), max_length=ADDRESS_LENGTH)
    events = models.JSONField(default=list)
    everywhere = models.BooleanField(
        default=False, help_text=_("All collections that its person may read, and not only those named.")
    )
    collections = models.ManyToManyField(Collection, blank=True, related_name="+")
    ceiling = models.IntegerField(
        choices=Sensitivity.choices,
        default=Sensitivity.PUBLIC,
        help_text=_("It is told of nothing stricter, whatever its person may see."),
    )
    sealed_secret = models.BinaryField()
    sealed_former_secret = models.BinaryField(null=True)
    former_until = models.DateTimeField(null=True)
    active = models.BooleanField(default=True)
    off_because = models.CharField(max_length=300, blank=True)
    failures = models.PositiveIntegerField(default=0, help_text=_("Attempts in a row that failed."))
    failing_since = models.DateTimeField(null=True)
    resting_until = models.DateTimeField(null=True, help_text=_("After a failure nothing is sent before."))
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = WebhookQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return self.address

    def get_absolute_url(self) -> str:
        return reverse("webhook", args=[self.pk])

    @property
    def hears(self) -> list[str]:
        """Its events, in words."""
        return [str(EventType(event).label) for event in self.events]

    def within(self, bounds: Bounds) -> bool:
        """Whether it hears of nothing beyond what a key with these bounds reaches."""
        if bounds.ceiling is not None and self.ceiling > bounds.ceiling:
            return False
        if EventType.LEDGER_ALERT in self.events and not bounds.administers:
            return False
        if bounds.collections is None:
            return True
        return not self.everywhere and {each.pk for each in self.collections.all()} <= bounds.collections

    def may_know(self, event: str, subject: uuid.UUID | None) -> bool:
        """Whether its person may see, now, what the event is about, and the webhook was meant to hear of it."""
        if not self.active or not self.person.is_active:
            return False
        match event.partition(".")[0]:
            case "document" if subject:
                return self._documents().filter(pk=subject).exists()
            case "answer" if subject:
                return self._answers().filter(pk=subject).exists()
            case "ledger":
                return self.person.administers
            case "webhook":
                return True
        return False

    def _documents(self) -> models.QuerySet[Document]:
        visible = Document.objects.visible_to(self.person).filter(sensitivity__lte=self.ceiling)
        return visible if self.everywhere else visible.filter(collection__in=self.collections.all())

    def _answers(self) -> models.QuerySet[Answer]:
        own = Answer.objects.filter(
            question__conversation__in=Conversation.objects.visible_to(self.person),
            sensitivity__lte=self.ceiling,
        )
        if not self.everywhere:
            beyond = Document.objects.exclude(collection__in=self.collections.all())
            own = own.exclude(pk__in=Answer.objects.filter(drew_on__in=beyond).values("pk"))
        return own.readable_by(self.person)

    def keep_secret(self, text: str) -> None:
        """Makes it the one that signs. Saves nothing."""
        self.sealed_secret = webhook_sealer().seal(text, self._place)

    def secrets(self) -> list[str]:
        """Those that sign now, the newest first.

        Raises:
            Unavailable: they were sealed under another key, or the row was changed.
        """
        sealed = [self.sealed_secret]
        if self.sealed_former_secret and self.former_until and self.former_until > timezone.now():
            sealed.append(self.sealed_former_secret)
        return [webhook_sealer().open(bytes(each), self._place) for each in sealed]

    @property
    def _place(self) -> str:
        """What binds secrets to this row."""
        return f"webhook {self.pk}"

    def switch_off(self, because: str) -> None:
        """What waits is given up, and can be sent again by hand once it is on."""
        self.active, self.off_because = False, because
        self.save(update_fields=["active", "off_because"])
        waiting = self.deliveries.filter(state=Delivery.State.WAITING)
        waiting.update(
            state=Delivery.State.FAILED, said="The webhook was switched off.", done_at=timezone.now()
        )

    def switch_on(self) -> None:
        """With no failures to its name."""
        self.active, self.off_because = True, ""
        self.failures, self.failing_since, self.resting_until = 0, None, None
        self.save(update_fields=["active", "off_because", "failures", "failing_since", "resting_until"])


class DeliveryQuerySet(models.QuerySet["Delivery"]):
    def due(self) -> Self:
        """What may be sent now, the longest due first. A webhook that failed rests, with all that is for it."""
        now = timezone.now()
        rested = Q(webhook__resting_until=None) | Q(webhook__resting_until__lte=now) | Q(by_hand=True)
        free = Q(held_until=None) | Q(held_until__lte=now)
        waiting = self.filter(free, rested, state=Delivery.State.WAITING, next_attempt__lte=now)
        return waiting.filter(webhook__active=True).order_by("next_attempt", "created_at")


class Delivery(models.Model):
    """One event on its way to one webhook. Its id stays the same however often it is sent::

        waiting ──attempt──▶ done | waiting (later) | failed | withdrawn
        done, failed ──sent again by hand──▶ waiting

    It is withdrawn when the webhook's person may no longer see what it tells of; nothing is left of it then.
    """

    class State(models.TextChoices):
        WAITING = "waiting", _("waiting")
        DONE = "done", _("delivered")
        FAILED = "failed", _("given up")
        WITHDRAWN = "withdrawn", _("withdrawn")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    webhook = models.ForeignKey(Webhook, on_delete=models.CASCADE, related_name="deliveries")
    event = models.CharField(max_length=40, choices=EventType.choices)
    subject = models.UUIDField(null=True, help_text=_("The id of the document or answer."))
    payload = models.JSONField(default=dict)
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    by_hand = models.BooleanField(default=False, help_text=_("A person sent it: it does not wait."))
    attempts = models.PositiveSmallIntegerField(default=0)
    status = models.PositiveSmallIntegerField(
        null=True, help_text=_("Of the last reply; none came if empty.")
    )
    said = models.CharField(
        max_length=SAID_LENGTH, blank=True, help_text=_("How the last reply begins, or why there was none.")
    )
    next_attempt = models.DateTimeField(default=timezone.now)
    held_until = models.DateTimeField(null=True, help_text=_("Until then somebody is sending it."))
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    done_at = models.DateTimeField(null=True)

    objects = DeliveryQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at"]
        indexes = [models.Index(fields=["state", "next_attempt"], name="deliveries_due")]

    def __str__(self) -> str:
        return f"{self.event} to {self.webhook}"

    def claim(self, until: datetime) -> bool:
        """Whether this caller is the one who sends it. It counts as attempted from then on."""
        mine = Delivery.objects.due().filter(pk=self.pk, attempts=self.attempts)
        claimed = Delivery.objects.filter(pk__in=mine.order_by().values("pk"), attempts=self.attempts).update(
            held_until=until, attempts=F("attempts") + 1
        )
        self.attempts += claimed
        return claimed == 1

    def settle(self, state: State, *, status: int | None = None, said: str = "") -> None:
        self._end(state=state, status=status, said=_kept(said), done_at=timezone.now(), by_hand=False)

    def withdraw(self) -> None:
        self._end(state=self.State.WITHDRAWN, payload={}, subject=None, status=None, said="", by_hand=False)

    def try_again(self, at: datetime, *, status: int | None, said: str) -> None:
        self._end(next_attempt=at, status=status, said=_kept(said), by_hand=False)

    def _end(self, **fields: object) -> None:
        """Writes down what became of an attempt, unless somebody took it over since."""
        mine = Delivery.objects.filter(pk=self.pk, attempts=self.attempts, state=self.State.WAITING)
        mine.update(held_until=None, **fields)


def _kept(said: str) -> str:
    return said.replace("\0", "")[:SAID_LENGTH]
