"""The ledger: a row for every call of a generator, written before the call and completed after it.

Rows are chained. What is known before the call is sealed into `digest` together with the digest of the row
before; what is known after it is sealed into `outcome_digest`. Both are HMACs under a key that is not in the
database, so whoever can write SQL can change a row but cannot make it agree again. The head row says how
long the chain is and where it ends, so that rows cannot be cut off its end.
"""

import hashlib
import hmac
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from kb.environment import secret
from kb.models.people import Person
from kb.models.sensitivity import Sensitivity

if TYPE_CHECKING:
    from collections.abc import Mapping

GENESIS = "0" * 64
PAGE = 500
"""Rows that verification holds in memory at once."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What verification found. `fault` is a sentence, and empty when every row stands as it was written."""

    rows: int
    fault: str = ""

    @property
    def intact(self) -> bool:
        return not self.fault


class ModelCallQuerySet(models.QuerySet["ModelCall"]):
    def append(self, **known: object) -> "ModelCall":
        """Writes down a call that is about to be made, or was refused. Appends wait for one another."""
        with transaction.atomic():
            head = LedgerHead.locked()
            call = self.model(sequence=head.rows + 1, previous=head.digest, **known)
            call.digest = call.seal()
            call.outcome_digest = call.seal_outcome()
            call.save(force_insert=True)
            head.advance(call)
        return call

    def verify(self) -> Verdict:
        """Reads the whole chain and recomputes every seal."""
        head, previous, expected = LedgerHead.objects.filter(pk=1).first(), GENESIS, 1
        for call in self.order_by("sequence").iterator(chunk_size=PAGE):
            if call.sequence != expected:
                return Verdict(expected - 1, f"Row {expected} is missing.")
            if call.previous != previous or call.digest != call.seal():
                return Verdict(expected, f"Row {expected} was changed after it was written.")
            if call.outcome_digest != call.seal_outcome():
                return Verdict(expected, f"The outcome of row {expected} was changed after it was written.")
            previous, expected = call.digest, expected + 1
        rows = expected - 1
        return Verdict(rows, "" if head is None and rows == 0 else _fault_of_head(head, rows, previous))


def _fault_of_head(head: "LedgerHead | None", rows: int, digest: str) -> str:
    if head is None:
        return "The head of the ledger is missing."
    if head.seal != head.sealed():
        return "The head of the ledger was changed by hand."
    if (head.rows, head.digest) != (rows, digest):
        return f"The ledger should have {head.rows} rows and has {rows}: its end was cut off."
    return ""


class ModelCall(models.Model):
    """One call of a generator, or one that was refused."""

    class Purpose(models.TextChoices):
        ANSWER = "answer", _("answer a question")
        CLASSIFY = "classify", _("classify a document")
        SUMMARISE = "summarise", _("summarise a document")

    class Decision(models.TextChoices):
        SEND = "send", _("sent")
        REFUSE = "refuse", _("refused")

    class Outcome(models.TextChoices):
        SENDING = "sending", _("under way")
        DONE = "done", _("done")
        STOPPED = "stopped", _("stopped by the reader")
        FAILED = "failed", _("failed")
        REFUSED = "refused", _("refused")

    sequence = models.PositiveBigIntegerField(unique=True)
    at = models.DateTimeField(default=timezone.now)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+")
    purpose = models.CharField(max_length=20, choices=Purpose.choices)
    subject = models.UUIDField(null=True, help_text="The answer or version that the call is for.")
    model = models.CharField(max_length=200)
    location = models.CharField(max_length=12)
    decision = models.CharField(max_length=10, choices=Decision.choices)
    reason = models.CharField(max_length=500)
    sensitivity = models.IntegerField(choices=Sensitivity.choices)
    chunks = models.JSONField(default=list, help_text="[chunk id, sensitivity] of each chunk that was shown.")
    prompt_version = models.CharField(max_length=40)
    sent_sha256 = models.CharField(max_length=64)
    sent_bytes = models.PositiveIntegerField()
    previous = models.CharField(max_length=64)
    digest = models.CharField(max_length=64)

    outcome = models.CharField(max_length=10, choices=Outcome.choices, default=Outcome.SENDING)
    finished_at = models.DateTimeField(null=True)
    prompt_tokens = models.PositiveIntegerField(null=True)
    answer_tokens = models.PositiveIntegerField(null=True)
    cost_usd = models.FloatField(null=True)
    failure = models.CharField(max_length=500, blank=True)
    outcome_digest = models.CharField(max_length=64)

    objects = ModelCallQuerySet.as_manager()

    class Meta:
        ordering = ["-sequence"]

    def __str__(self) -> str:
        return f"{self.sequence} {self.purpose} {self.decision} {self.model}"

    @property
    def left_the_building(self) -> bool:
        return self.location == "cloud" and self.decision == self.Decision.SEND

    def finish(self, outcome: str, **measured: object) -> None:
        """Writes down how the call ended. Only a call under way can end, and only once."""
        self.outcome, self.finished_at = outcome, timezone.now()
        for name, value in measured.items():
            setattr(self, name, value)
        self.outcome_digest = self.seal_outcome()
        fields = (*OUTCOME, "outcome_digest")
        values = {name: getattr(self, name) for name in fields}
        ModelCall.objects.filter(pk=self.pk, outcome=self.Outcome.SENDING).update(**values)

    def seal(self) -> str:
        return _hmac({name: getattr(self, name) for name in BEFORE})

    def seal_outcome(self) -> str:
        return _hmac({name: getattr(self, name) for name in ("digest", *OUTCOME)})


BEFORE = (
    "sequence", "at", "person_id", "purpose", "subject", "model", "location", "decision", "reason",
    "sensitivity", "chunks", "prompt_version", "sent_sha256", "sent_bytes", "previous",
)  # fmt: skip
OUTCOME = ("outcome", "finished_at", "prompt_tokens", "answer_tokens", "cost_usd", "failure")


class LedgerHead(models.Model):
    """The one row that says where the ledger ends; holding its lock is what orders appends."""

    rows = models.PositiveBigIntegerField(default=0)
    digest = models.CharField(max_length=64, default=GENESIS)
    seal = models.CharField(max_length=64)

    def __str__(self) -> str:
        return f"{self.rows} rows"

    @classmethod
    def locked(cls) -> "LedgerHead":
        cls.objects.get_or_create(pk=1, defaults={"seal": ""})
        return cls.objects.select_for_update().get(pk=1)

    def advance(self, call: ModelCall) -> None:
        self.rows, self.digest = call.sequence, call.digest
        self.seal = self.sealed()
        self.save()

    def sealed(self) -> str:
        return _hmac({"rows": self.rows, "digest": self.digest})


def _hmac(fields: "Mapping[str, object]") -> str:
    text = json.dumps(fields, sort_keys=True, default=str, separators=(",", ":"))
    key = secret("ledger_key", settings.VAR / "secrets")
    return hmac.new(key.encode(), text.encode(), hashlib.sha256).hexdigest()
