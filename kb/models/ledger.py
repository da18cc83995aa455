"""The ledger: a row for every time that text is sent to a generator, written before it is sent and completed after it.

Rows are chained. What is known before the sending is sealed into `digest` together with the digest of the row
before; what is known after it is sealed into `outcome_digest`. The head row says how long the chain is and
where it ends, so that rows cannot be cut off its end.

What is personal in a row, its details, enters the chain only as `details_digest`. Retention erases the details
and leaves the digest, so the chain holds without them; that they were erased by policy is sealed too.
"""

import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from kb.models.payloads import LedgerPayload
from kb.models.people import Person
from kb.models.seals import sealed
from kb.models.sensitivity import Sensitivity

GENESIS = "0" * 64
PAGE = 500
"""Rows that verification and retention hold in memory at once."""
SALT_BYTES = 16
"""Without it, whoever has the key could guess erased details from their digest."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What verification found. `fault` is a sentence, and empty when every row stands as it was written;
    `pruned` rows stand without their details."""

    rows: int
    fault: str = ""
    pruned: int = 0

    @property
    def intact(self) -> bool:
        return not self.fault


class ModelCallQuerySet(models.QuerySet["ModelCall"]):
    def append(self, *, payload: bytes | None = None, **known: Any) -> "ModelCall":
        """Writes down a call that is about to be made, or was refused, and keeps its payload if there is one.

        Appends wait for one another. What is written is committed when this returns, hence never in a
        transaction of the caller, which might be undone after the text has left.
        """
        with transaction.atomic(durable=True):
            head = LedgerHead.locked()
            call = self.model(sequence=head.rows + 1, previous=head.digest, **known)
            call.salt = secrets.token_hex(SALT_BYTES)
            call.details_digest = call.seal_details()
            call.digest = call.seal()
            call.outcome_digest = call.seal_outcome()
            call.save(force_insert=True)
            head.advance(call)
            if payload is not None:
                LedgerPayload.keep(call, payload)
        return call

    def prune(self, before: datetime) -> int:
        """Erases details and payloads of the rows older than `before`; gives how many rows lost their details.

        Calls under way are left for the next time, and rows of the first seal for ever: it spans their details.
        """
        LedgerPayload.objects.filter(call__at__lt=before).delete()
        old = self.filter(at__lt=before, pruned_at=None, seal_version__gt=1).exclude(
            outcome=ModelCall.Outcome.SENDING
        )
        pruned = 0
        while calls := list(old[:PAGE]):
            with transaction.atomic():
                for call in calls:
                    call.prune()
            pruned += len(calls)
        return pruned

    def verify(self) -> Verdict:
        """Reads the whole chain and recomputes every seal."""
        head, previous, expected, pruned = LedgerHead.objects.filter(pk=1).first(), GENESIS, 1, 0
        for call in self.order_by("sequence").iterator(chunk_size=PAGE):
            if call.sequence != expected:
                return Verdict(expected - 1, f"Row {expected} is missing.", pruned)
            if fault := next(call.faults(previous), ""):
                return Verdict(expected, fault, pruned)
            previous, expected, pruned = call.digest, expected + 1, pruned + (call.pruned_at is not None)
        rows = expected - 1
        fault = "" if head is None and rows == 0 else _fault_of_head(head, rows, previous)
        return Verdict(rows, fault, pruned)

    def fault_of_end(self) -> str:
        """What is wrong with where the ledger ends, as a sentence; empty when it fits. Cheap: reads no other row.

        Rows may be appended meanwhile; those behind the head that was read are not looked at.
        """
        any_row = self.exists()
        head = LedgerHead.objects.filter(pk=1).first()
        if head is None:
            return _fault_of_head(None, 0, GENESIS) if any_row else ""
        last = self.filter(sequence=head.rows).first()
        if last is None:
            return _fault_of_head(head, self.count(), GENESIS)
        return next(last.faults(last.previous), "") or _fault_of_head(head, last.sequence, last.digest)


def _fault_of_head(head: "LedgerHead | None", rows: int, digest: str) -> str:
    if head is None:
        return "The head of the ledger is missing."
    if head.seal != head.sealed():
        return "The head of the ledger was changed by hand."
    if (head.rows, head.digest) != (rows, digest):
        return f"The ledger should have {head.rows} rows and has {rows}: its end was cut off."
    return ""


class ModelCall(models.Model):
    """One sending of text to a generator, or to a tool that asked for it, or one that was refused::

        sending ──▶ done | stopped | failed ──prune──▶ the same without details
        refused ──prune──▶ the same without details

    Triggers of the database refuse every other change. A request that is sent again is another row.
    """

    class Purpose(models.TextChoices):
        ANSWER = "answer", _("answer a question")
        CLASSIFY = "classify", _("classify a document")
        SUMMARISE = "summarise", _("summarise a document")
        MEASURE = "measure", _("measure how long an answer takes")
        TOOL = "tool", _("let a tool read")

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
    subject = models.UUIDField(
        null=True, db_index=True, help_text="The answer or version that the call is for."
    )
    model = models.CharField(max_length=200)
    location = models.CharField(max_length=12)
    destination = models.CharField(
        max_length=260, help_text="The host that it is sent to, or “this process”."
    )
    decision = models.CharField(max_length=10, choices=Decision.choices)
    rule = models.CharField(max_length=200, help_text="The rule that decided.")
    reason = models.CharField(max_length=500)
    sensitivity = models.IntegerField(choices=Sensitivity.choices)
    chunks = models.JSONField(default=list, help_text="[chunk id, sensitivity] of each chunk that was shown.")
    pseudonyms = models.JSONField(default=dict, help_text="How many entities of each kind were replaced.")
    prompt_version = models.CharField(max_length=40)
    sent_sha256 = models.CharField(max_length=64)
    sent_bytes = models.PositiveIntegerField()
    salt = models.CharField(max_length=2 * SALT_BYTES)
    details_digest = models.CharField(max_length=64)
    seal_version = models.PositiveSmallIntegerField(default=2)
    previous = models.CharField(max_length=64)
    digest = models.CharField(max_length=64)

    outcome = models.CharField(max_length=10, choices=Outcome.choices, default=Outcome.SENDING)
    finished_at = models.DateTimeField(null=True)
    prompt_tokens = models.PositiveIntegerField(null=True)
    answer_tokens = models.PositiveIntegerField(null=True)
    cost_usd = models.FloatField(null=True)
    failure = models.CharField(max_length=500, blank=True)
    outcome_digest = models.CharField(max_length=64)

    pruned_at = models.DateTimeField(null=True)
    pruned_digest = models.CharField(max_length=64, blank=True)

    objects = ModelCallQuerySet.as_manager()

    class Meta:
        ordering = ["-sequence"]

    def __str__(self) -> str:
        return f"{self.sequence} {self.purpose} {self.decision} {self.model}"

    @property
    def left_the_building(self) -> bool:
        return self.location == "cloud" and self.decision == self.Decision.SEND

    @property
    def seconds(self) -> float | None:
        """From just before it was sent until it ended."""
        return (self.finished_at - self.at).total_seconds() if self.finished_at else None

    def finish(self, outcome: str, **measured: object) -> None:
        """Writes down how the call ended. Only a call under way can end, and only once."""
        self.outcome, self.finished_at = outcome, timezone.now()
        for name, value in measured.items():
            setattr(self, name, value)
        self.outcome_digest = self.seal_outcome()
        values = {name: getattr(self, name) for name in (*OUTCOME, "outcome_digest")}
        ModelCall.objects.filter(pk=self.pk, outcome=self.Outcome.SENDING).update(**values)

    def prune(self) -> None:
        """Erases the details, once. What was sent where and how it was decided stays."""
        self.pruned_at = timezone.now()
        self.pruned_digest = self.seal_pruning()
        erased = {**ERASED, "pruned_at": self.pruned_at, "pruned_digest": self.pruned_digest}
        ModelCall.objects.filter(pk=self.pk, pruned_at=None).update(**erased)

    def faults(self, previous: str) -> Iterator[str]:
        """What is wrong with the row, as sentences; `previous` is the digest of the one before it."""
        if self.previous != previous or self.digest != self.seal() or not self._details_hold():
            yield f"Row {self.sequence} was changed after it was written."
        if self.outcome_digest != self.seal_outcome():
            yield f"The outcome of row {self.sequence} was changed after it was written."
        if self.pruned_at is not None and self.pruned_digest != self.seal_pruning():
            yield f"The details of row {self.sequence} were erased by hand."

    def _details_hold(self) -> bool:
        if self.pruned_at is not None:
            return self._values(tuple(ERASED)) == ERASED
        return self.seal_version == 1 or self.details_digest == self.seal_details()

    def seal(self) -> str:
        return sealed(self._values(BEFORE.get(self.seal_version, ())))

    def seal_details(self) -> str:
        return sealed(self._values(tuple(ERASED)))

    def seal_outcome(self) -> str:
        return sealed(self._values(("digest", *OUTCOME)))

    def seal_pruning(self) -> str:
        return sealed(self._values(("digest", "pruned_at")))

    def _values(self, names: tuple[str, ...]) -> dict[str, object]:
        return {name: getattr(self, name) for name in names}


ERASED: dict[str, object] = {
    "person_id": None, "subject": None, "reason": "", "chunks": [], "pseudonyms": {}, "salt": "",
}  # fmt: skip
"""The details, and what they are once they are erased."""

BEFORE = {
    1: (
        "sequence", "at", "person_id", "purpose", "subject", "model", "location", "decision", "reason",
        "sensitivity", "chunks", "prompt_version", "sent_sha256", "sent_bytes", "previous",
    ),
    2: (
        "seal_version", "sequence", "at", "purpose", "model", "location", "destination", "decision", "rule",
        "sensitivity", "prompt_version", "sent_sha256", "sent_bytes", "details_digest", "previous",
    ),
}  # fmt: skip
"""What `digest` seals, by the row's version of the seal."""

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
        heads = cls.objects.select_for_update()
        try:
            return heads.get(pk=1)
        except cls.DoesNotExist:
            cls.objects.get_or_create(pk=1, defaults={"seal": ""})
            return heads.get(pk=1)

    def advance(self, call: ModelCall) -> None:
        self.rows, self.digest = call.sequence, call.digest
        self.seal = self.sealed()
        LedgerHead.objects.filter(pk=self.pk).update(rows=self.rows, digest=self.digest, seal=self.seal)

    def sealed(self) -> str:
        return sealed({"rows": self.rows, "digest": self.digest})
