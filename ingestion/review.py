"""The review queues: labels that wait for a person, decided one by one or many at once, and taken back."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

from ingestion.label import Standing, label, label_passage, put_back, put_back_passage
from ingestion.waiting import Waiting, waiting_document, waiting_passage
from kb.errors import StrongroomError
from kb.models import Chunk, Document, Person


@dataclass(frozen=True, slots=True)
class Queue:
    """What is reviewed: `waiting` are the undecided ones, `mine` all that the person may decide."""

    name: str
    waiting: Callable[[Person], QuerySet[Any]]
    mine: Callable[[Person], QuerySet[Any]]
    shown: Callable[[Any, Person], Waiting]
    decide: Callable[..., Standing]
    put_back: Callable[..., None]
    collection: str
    """The lookup that leads to it."""


@dataclass(frozen=True, slots=True)
class Decision:
    """`decided` is the label that was given, and `before` how it was labelled. Plain values, for a session."""

    key: str
    decided: int
    before: Standing


@dataclass(frozen=True, slots=True)
class Refused:
    """One that was left as it is, and why."""

    key: str
    title: str
    why: str


@dataclass(frozen=True, slots=True)
class Decided:
    decisions: Sequence[Decision]
    refused: Sequence[Refused]


DOCUMENTS = Queue(
    name="review",
    waiting=lambda person: Document.objects.to_review_by(person).select_related("collection", "votes"),
    mine=lambda person: Document.objects.editable_by(person),
    shown=waiting_document,
    decide=label,
    put_back=put_back,
    collection="collection",
)
PASSAGES = Queue(
    name="review-passages",
    waiting=lambda person: Chunk.objects.to_review_by(person).select_related("version__document__collection"),
    mine=lambda person: Chunk.objects.visible_to(person).select_related("version__document"),
    shown=waiting_passage,
    decide=label_passage,
    put_back=put_back_passage,
    collection="version__document__collection",
)
QUEUES = {queue.name: queue for queue in (DOCUMENTS, PASSAGES)}


def decide_all(
    queue: Queue, chosen: Iterable[Document | Chunk], person: Person, sensitivity: int | None, *, reason: str
) -> Decided:
    """Gives all of them that label, or confirms each as it stands where there is none.

    What is refused does not stop the others.
    """
    decisions, refused = list[Decision](), list[Refused]()
    for found in chosen:
        becomes = found.sensitivity if sensitivity is None else sensitivity
        try:
            before = queue.decide(found, person, becomes, reason=reason)
        except StrongroomError as error:
            refused.append(Refused(str(found.pk), str(found), str(error)))
        else:
            decisions.append(Decision(str(found.pk), becomes, before))
    return Decided(decisions, refused)


def take_back(queue: Queue, decisions: Iterable[Decision], person: Person) -> Decided:
    """Puts back how they were labelled. What somebody else has decided since is refused; what is gone is left out."""
    undone, refused = list[Decision](), list[Refused]()
    for decision in decisions:
        found = queue.mine(person).filter(pk=decision.key).first()
        if found is None:
            continue
        try:
            queue.put_back(found, person, decision.before, decided=decision.decided)
        except StrongroomError as error:
            refused.append(Refused(decision.key, str(found), str(error)))
        else:
            undone.append(decision)
    return Decided(undone, refused)
