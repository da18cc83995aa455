"""Writes that a client may send twice: what was answered the first time."""

from datetime import timedelta
from typing import Self

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from kb.models.audit import Event
from kb.models.people import Person

KEPT = timedelta(hours=24)
"""How long a reply is kept for the same request."""
ABANDONED = timedelta(minutes=10)
"""After which a request that has not ended counts as killed, and the next one with its key is answered anew."""
LONGEST_KEY = 255
"""Characters."""

Verb = Event.Verb
OF_RIGHTS = (
    Verb.LABEL, Verb.DELETE, Verb.MOVE, Verb.ACCESS, Verb.GROUP, Verb.PERSON, Verb.COLLECTION,
    Verb.UNSHARE, Verb.HAND_OVER, Verb.JOIN, Verb.PART, Verb.MEND,
)  # fmt: skip
"""After one of these a kept reply may tell what its reader may no longer see."""


class RememberedReplyQuerySet(models.QuerySet["RememberedReply"]):
    def expired(self) -> Self:
        return self.filter(created_at__lte=timezone.now() - KEPT)

    def forget(self) -> None:
        """What they said is gone, because something that they may tell of is; that they were answered stays known."""
        self.exclude(status=None).update(body=b"", forgotten=True)

    def claim(self, person: Person, key: str, fingerprint: str) -> "tuple[RememberedReply, bool]":
        """The row of this key, and whether it is the caller's to answer: of many at once, one's only."""
        self.filter(person=person, key=key).expired().delete()
        row, mine = self.get_or_create(person=person, key=key, defaults={"fingerprint": fingerprint})
        if mine or row.status is not None or row.fingerprint != fingerprint:
            return row, mine
        now = timezone.now()
        left = self.filter(pk=row.pk, status=None, created_at=row.created_at, created_at__lt=now - ABANDONED)
        return row, bool(left.update(created_at=now))


class RememberedReply(models.Model):
    """The first reply to a write, by the key that its client gave it: claimed → answered. Claimed once."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="+")
    key = models.CharField(max_length=LONGEST_KEY)
    fingerprint = models.CharField(max_length=64, help_text=_("The sha256 of the request."))
    status = models.PositiveSmallIntegerField(null=True, help_text=_("Empty while it is being answered."))
    headers = models.JSONField(default=dict)
    body = models.BinaryField(default=bytes)
    forgotten = models.BooleanField(default=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    answered_at = models.DateTimeField(null=True)

    objects = RememberedReplyQuerySet.as_manager()

    class Meta:
        verbose_name_plural = _("remembered replies")
        constraints = [models.UniqueConstraint(fields=["person", "key"], name="one_reply_a_key")]
        indexes = [models.Index(fields=["created_at"], name="replies_to_expire")]

    def __str__(self) -> str:
        return self.key

    def may_be_told(self) -> bool:
        """Whether nothing was deleted since, and nobody else has changed a label or a right, of anything."""
        if self.forgotten or self.answered_at is None:
            return False
        since = Event.objects.filter(verb__in=OF_RIGHTS, at__gt=self.answered_at)
        return not since.exclude(person=self.person_id).exists()
