"""What needs a person."""

from dataclasses import dataclass

from kb.models import Chunk, Document, Feedback, Pause, Person, Version
from kb.models.library import Stage


@dataclass(frozen=True, slots=True)
class Waiting:
    """What needs a person: failed documents of everybody, and else what this administrator may decide."""

    failed: int
    to_review: int
    suspicious: int
    complaints: int
    pause: Pause | None

    @classmethod
    def for_person(cls, person: Person) -> "Waiting":
        passages = Chunk.objects.to_review_by(person).count()
        return cls(
            failed=Version.objects.filter(retired=False, stage=Stage.FAILED).count(),
            to_review=Document.objects.to_review_by(person).count() + passages,
            suspicious=Document.objects.suspicious_to(person).count(),
            complaints=Feedback.objects.to_resolve_by(person).count(),
            pause=Pause.objects.first(),
        )

    @property
    def anything(self) -> bool:
        return bool(self.failed or self.to_review or self.suspicious or self.complaints or self.pause)
