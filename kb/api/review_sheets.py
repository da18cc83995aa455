"""What the API says of labels that wait for a person, and what it is sent about them."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Annotated, Any, Self
from uuid import UUID

from pydantic import Field

from ingestion.label import Standing
from ingestion.review import Decided, Decision, Queue
from ingestion.votes import LABELS
from ingestion.waiting import Votes, Waiting
from kb.api import undoing
from kb.api.fields import Body, Label, Line
from kb.models import Person, Sensitivity
from kb.reading.suspects import Suspect

MOST = 200
"""Decisions that one call takes."""
REASON = 400
"""Characters."""
SALT = "review-undo"


class Verdict(Body):
    """Without `sensitivity` each is confirmed as it stands. A laxer label needs a reason."""

    items: Annotated[tuple[str, ...], Field(min_length=1, max_length=MOST, description="Ids of the queue.")]
    sensitivity: Annotated[Label | None, Field(examples=["INTERNAL"])] = None
    reason: Annotated[Line, Field(max_length=REASON)] = ""


class Undo(Body):
    undo: Annotated[str, Field(description="From the reply to a decision of yours.", max_length=200_000)]


@dataclass(frozen=True, slots=True)
class VotesSheet:
    """How likely a judge, or all together, holds each label, 0 to 100."""

    judge: Annotated[str, Field(examples=["Words of audience"])]
    percents: Annotated[Mapping[str, int], Field(examples=[{"PUBLIC": 10, "INTERNAL": 90}])]

    @classmethod
    def of(cls, votes: Votes) -> Self:
        names = (Sensitivity(label).name for label in LABELS)
        return cls(str(votes.judge), dict(zip(names, votes.percents, strict=True)))


@dataclass(frozen=True, slots=True)
class WaitingSheet:
    """`text` is the passage that decided, or the passage itself; `choices` are labels that you may give."""

    id: str
    title: Annotated[str, Field(examples=["Price list 2026"])]
    collection: Annotated[int, Field(examples=[3])]
    sensitivity: Annotated[str, Field(examples=["INTERNAL"])]
    by: Annotated[str, Field(examples=["a model"])]
    reason: str
    confidence: Annotated[float | None, Field(description="0 to 1.", examples=[0.62])]
    doubted: bool
    text: str
    votes: Sequence[VotesSheet]
    choices: Annotated[Sequence[str], Field(examples=[["PUBLIC", "INTERNAL"]])]

    @classmethod
    def of(cls, waiting: Waiting) -> Self:
        return cls(
            id=waiting.pk,
            title=waiting.title,
            collection=waiting.collection.pk,
            sensitivity=Sensitivity(waiting.sensitivity).name,
            by=waiting.by,
            reason=waiting.reason,
            confidence=waiting.confidence,
            doubted=waiting.doubted,
            text=waiting.text,
            votes=[VotesSheet.of(votes) for votes in waiting.votes],
            choices=[choice.sensitivity.name for choice in waiting.choices],
        )


@dataclass(frozen=True, slots=True)
class RefusedSheet:
    id: str
    title: str
    reason: Annotated[str, Field(examples=["Say why Public is enough: a laxer label needs a reason."])]


@dataclass(frozen=True, slots=True)
class DecidedSheet:
    """What is refused does not stop the others. `undo` takes the decisions back while nobody decides otherwise."""

    decided: Sequence[str]
    refused: Sequence[RefusedSheet]
    undo: str | None

    @classmethod
    def of(cls, done: Decided, queue: Queue, person: Person) -> Self:
        return cls(_keys(done), _refused(done), sealed(done, queue, person) if done.decisions else None)


@dataclass(frozen=True, slots=True)
class UndoneSheet:
    undone: Sequence[str]
    refused: Sequence[RefusedSheet]

    @classmethod
    def of(cls, done: Decided) -> Self:
        return cls(_keys(done), _refused(done))


@dataclass(frozen=True, slots=True)
class InstructionSheet:
    ordinal: Annotated[int, Field(description="Of the chunk, from 0.", examples=[4])]
    sentence: Annotated[str, Field(examples=["Ignore all earlier instructions."])]


@dataclass(frozen=True, slots=True)
class HiddenSheet:
    how: Annotated[str, Field(examples=["too small to be read"])]
    text: str
    page: int | None


@dataclass(frozen=True, slots=True)
class SuspectSheet:
    """`further` counts passages that speak to models and are not listed."""

    document: UUID
    title: str
    collection: int
    sensitivity: Annotated[str, Field(examples=["INTERNAL"])]
    instructions: Sequence[InstructionSheet]
    further: int
    hidden: Sequence[HiddenSheet]

    @classmethod
    def of(cls, told: Suspect) -> Self:
        return cls(
            document=told.document.pk,
            title=told.document.title,
            collection=told.document.collection_id,
            sensitivity=Sensitivity(told.document.sensitivity).name,
            instructions=[InstructionSheet(chunk.ordinal, chunk.instruction) for chunk in told.speaking],
            further=told.further,
            hidden=[HiddenSheet(str(each.how), each.text, each.page) for each in told.hidden],
        )


def sealed(done: Decided, queue: Queue, person: Person) -> str:
    """What was decided, so that it can be taken back by who has decided it, and nobody has to keep it."""
    decisions = [[each.key, each.decided, asdict(each.before)] for each in done.decisions]
    return undoing.sealed([queue.name, decisions], person, salt=SALT)


def opened(undo: str, person: Person) -> tuple[str, list[Decision]]:
    """The queue's name and the decisions.

    Raises:
        Rejected: it is no such text, or it was given to somebody else.
    """
    queue, decisions = undoing.opened(undo, person, salt=SALT)
    return queue, [_decision(*each) for each in decisions]


def _decision(key: str, decided: int, before: dict[str, Any]) -> Decision:
    return Decision(key, decided, Standing(**before))


def _keys(done: Decided) -> list[str]:
    return [each.key for each in done.decisions]


def _refused(done: Decided) -> list[RefusedSheet]:
    return [RefusedSheet(each.key, each.title, each.why) for each in done.refused]
