"""A document or a passage that waits for review, with all that a person needs to decide."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from ingestion.votes import LABELS, Judge, probabilities
from kb.models import Chunk, Collection, Document, Person, Sensitivity

JUDGES: Mapping[Judge, Promise] = {
    Judge.EXEMPLARS: _("Likeness to examples"),
    Judge.AUDIENCE: _("Words of audience"),
    Judge.SLM: _("On-premises model"),
    Judge.SHELF: _("Default of the collection"),
    Judge.LEARNED: _("Learned from decided labels"),
    Judge.CLASSIFIER: _("Classifier of the house"),
}
EXCERPT = 600
"""Characters of the passage that decided."""


@dataclass(frozen=True, slots=True)
class Choice:
    """A label that can be chosen. `laxer`: than the present one, so that it needs a reason."""

    key: int
    sensitivity: Sensitivity
    laxer: bool
    present: bool


@dataclass(frozen=True, slots=True)
class Votes:
    """How likely one judge, or all together, holds each label; the laxest first, 0 to 100."""

    judge: Promise | str
    percents: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Waiting:
    """`text` is the passage that decided, or the passage itself; empty where the person may not see it."""

    pk: str
    title: str
    address: str
    collection: Collection
    sensitivity: int
    by: str
    reason: str
    confidence: float | None
    doubted: bool
    text: str
    votes: tuple[Votes, ...]
    choices: tuple[Choice, ...]

    @property
    def present(self) -> str:
        return str(Sensitivity(self.sensitivity).label)


def waiting_document(document: Document, person: Person) -> Waiting:
    votes = getattr(document, "votes", None)
    return Waiting(
        pk=str(document.pk),
        title=document.title,
        address=document.get_absolute_url(),
        collection=document.collection,
        sensitivity=document.sensitivity,
        by=document.get_sensitivity_by_display(),
        reason=document.sensitivity_reason,
        confidence=document.sensitivity_confidence,
        doubted=document.needs_review,
        text=_text(document, person, ordinal=votes.passage if votes else 0),
        votes=_votes(votes.votes) if votes else (),
        choices=_choices(document.sensitivity, person, least=document.collection.minimum_sensitivity),
    )


def waiting_passage(chunk: Chunk, person: Person) -> Waiting:
    document = chunk.version.document
    return Waiting(
        pk=str(chunk.pk),
        title=document.title,
        address=f"{document.get_absolute_url()}?chunk={chunk.ordinal}#chunk-{chunk.ordinal}",
        collection=document.collection,
        sensitivity=chunk.sensitivity,
        by=chunk.get_sensitivity_by_display(),
        reason=chunk.sensitivity_reason,
        confidence=None,
        doubted=False,
        text=chunk.text[:EXCERPT],
        votes=(),
        choices=_choices(chunk.sensitivity, person, least=document.sensitivity),
    )


def _text(document: Document, person: Person, *, ordinal: int) -> str:
    visible = Chunk.objects.visible_to(person).filter(version=document.current_version_id, ordinal=ordinal)
    return (visible.values_list("text", flat=True).first() or "")[:EXCERPT]


def _votes(votes: Mapping[str, Sequence[float]]) -> tuple[Votes, ...]:
    """Each judge that has a preference, and all together."""
    told = [
        Votes(JUDGES[judge], _percents(votes[judge]))
        for judge in JUDGES
        if len(set(votes.get(judge, ()))) > 1
    ]
    return (*told, Votes(_("Together"), _percents(np.sum(list(votes.values()), axis=0).tolist())))


def _percents(vote: Sequence[float]) -> tuple[int, ...]:
    return tuple(round(100 * share) for share in probabilities(np.array(vote)))


def _choices(present: int, person: Person, *, least: int) -> tuple[Choice, ...]:
    return tuple(
        Choice(key, label, laxer=label < present, present=label == present)
        for key, label in enumerate(LABELS, 1)
        if least <= label <= person.clearance
    )
