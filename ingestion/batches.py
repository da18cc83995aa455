"""How far a batch is, and sending what of it failed on its way again."""

from dataclasses import dataclass

from django.db.models import Count, Q

from ingestion import tasks
from kb.errors import Denied, Rejected
from kb.models import Batch, Container, Person, Transfer, Version
from kb.models.library import SETTLED, Stage

KEPT = Q(retired=False)
WHERE = {
    "ready": Q(stage=Stage.READY),
    "failed": Q(stage=Stage.FAILED),
    "waiting": Q(stage=Stage.QUEUED),
    "working": ~Q(stage__in=[*SETTLED, Stage.QUEUED]),
}
"""What a list of files can be kept to."""


@dataclass(frozen=True, slots=True)
class Counts:
    """Files of a batch: what its documents are at, and what did not become documents."""

    ready: int
    failed: int
    waiting: int
    working: int
    sending: int
    opening: int
    known: int
    refused: int

    @property
    def all(self) -> int:
        return self.ended + self.waiting + self.working + self.sending + self.opening

    @property
    def ended(self) -> int:
        return self.ready + self.failed + self.known + self.refused

    @property
    def settled(self) -> bool:
        return self.ended == self.all


def counts(batch: Batch) -> Counts:
    kept = batch.versions.filter(KEPT)
    staged = kept.aggregate(**{name: Count("pk", filter=condition) for name, condition in WHERE.items()})
    others = (Transfer.State.KNOWN, Transfer.State.REFUSED)
    told = {state.value: batch.transfers.filter(state=state).count() for state in others}
    archives = batch.containers.filter(mail=None)
    told["refused"] += archives.filter(state=Container.State.FAILED).count()
    return Counts(
        **staged,
        **told,
        sending=batch.transfers.unfinished().count(),
        opening=archives.filter(state=Container.State.WAITING).count(),
    )


def retry_failed(batch: Batch, person: Person) -> int:
    """Sends what failed on its way again, as far as this person may change it. How many files that were."""
    return sum(_retried(version, person) for version in batch.versions.filter(stage=Stage.FAILED))


def _retried(version: Version, person: Person) -> bool:
    try:
        tasks.retry(version, person)
    except (Denied, Rejected):
        return False  # Of others, or on its way again already.
    return True
