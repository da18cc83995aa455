"""Who did what to which object. Rows are added, never changed."""

from django.db import models
from django.utils import timezone

from kb.models.people import Person


class Event(models.Model):
    """One act of a person, or of the system when `person` is empty."""

    class Verb(models.TextChoices):
        UPLOAD = "upload"
        DELETE = "delete"
        RETRY = "retry"
        LABEL = "label"
        TAG = "tag"
        PAYLOAD = "payload"
        REVEAL = "reveal"
        ROUTE = "route"
        SHARE = "share"
        UNSHARE = "unshare"
        CLEAR = "clear"
        COLLECTION = "collection"
        ACCESS = "access"
        MOVE = "move"
        HAND_OVER = "hand-over"
        PERSON = "person"
        GROUP = "group"
        CATEGORY = "category"
        MEND = "mend"
        JOIN = "join"
        PART = "part"
        PAUSE = "pause"
        RESUME = "resume"
        PRIORITISE = "prioritise"
        SET_ASIDE = "set aside"
        READ_AGAIN = "read again"
        VALIDITY = "validity"
        KEY = "key"
        ALLOWANCE = "allowance"

    at = models.DateTimeField(default=timezone.now, editable=False)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+")
    verb = models.CharField(max_length=20, choices=Verb.choices)
    subject = models.UUIDField(
        null=True,
        help_text="The id of the document or the payload; it may be gone. Empty where there is none.",
    )
    note = models.CharField(max_length=500, blank=True)

    class Meta:
        ordering = ["-at"]

    def __str__(self) -> str:
        return f"{self.person} {self.verb} {self.subject}"
