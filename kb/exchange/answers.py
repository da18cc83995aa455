"""A finished answer, with all that can be said of how it came about."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from inference.evidence.missing import Missing
from inference.stretches import sentences, stretches
from kb.exchange.ledger import LedgerRow, ledger_row
from kb.models import Answer, Document, ModelCall, Sensitivity, SurveyStep


@dataclass(frozen=True, slots=True)
class Cited:
    """A place that an answer stands on; `marker` is its number in the answer's text.

    `edited_by` is who has changed the words of its passage; empty where they are as the file has them.
    """

    marker: int
    document: UUID
    title: str
    pages: Sequence[int]
    quote: str
    edited_by: str


@dataclass(frozen=True, slots=True)
class MadePart:
    """What one model wrote of an answer. `citations` are the markers in its text."""

    text: str
    location: str
    model: str
    citations: Sequence[int]


@dataclass(frozen=True, slots=True)
class MadeSentence:
    """A sentence of an answer: where it was made, the markers of what it stands on, and whether that says it.

    `verdict` is “supported”, “weak”, “unsupported” or “no source”, and `score` 0 to 1; both are null for what needs no
    source. `reason` says what is doubtful.
    """

    text: str
    location: str
    citations: Sequence[int]
    verdict: str | None
    score: float | None
    reason: str


@dataclass(frozen=True, slots=True)
class Conflicting:
    """What the answer stands on, and what another document says instead."""

    said: str
    other: str
    other_is_outdated: bool


@dataclass(frozen=True, slots=True)
class Step:
    """A document or section that was read by itself. `state` is “waiting”, “done”, “failed” or “withdrawn”;
    `found` is whether it says anything about the question, and `passages` how many of it were read."""

    heading: str
    document: UUID
    state: str
    found: bool
    passages: int
    failure: str


@dataclass(frozen=True, slots=True)
class NotShown:
    """A document of which further passages did not fit into the model's window."""

    document: UUID
    passages: int


@dataclass(frozen=True)
class Answered:
    """A finished answer. `location` is “nowhere” when no model was called; `seconds` are by step."""

    answer: str
    citations: Sequence[Cited]
    location: str
    model: str
    reason: str
    parts: Sequence[MadePart]
    sentences: Sequence[MadeSentence]
    missing: Sequence[str]
    """Where the documents do not answer: what is missing, in sentences."""
    conflicts: Sequence[Conflicting]
    steps: Sequence[Step]
    """Where all of some documents was read, each of them."""
    left_out: Sequence[NotShown]
    sensitivity: str
    ledger: Sequence[LedgerRow]
    seconds: Mapping[str, float]


def answered(answer: Answer) -> Answered:
    cited = answer.citations.exclude(chunk=None).select_related(
        "chunk__version__document", "chunk__edited_by"
    )
    calls = ModelCall.objects.filter(subject=answer.pk).select_related("person").order_by("sequence")
    return Answered(
        answer=answer.text,
        citations=[
            Cited(
                citation.marker,
                chunk.version.document_id,
                chunk.version.document.title,
                chunk.pages,
                citation.quote,
                str(chunk.edited_by or ""),
            )
            for citation in cited
            if (chunk := citation.chunk)
        ],
        location=answer.location,
        model=answer.model,
        reason=answer.reason,
        parts=[MadePart(each.text, each.location, each.model, each.markers) for each in stretches(answer)],
        sentences=made_sentences(answer),
        missing=Missing.read(answer.missing).sentences() if answer.missing else [],
        conflicts=[
            Conflicting(each["said"], each["other"], each["other_is_outdated"]) for each in answer.conflicts
        ],
        steps=_steps(answer),
        left_out=_left_out(answer),
        sensitivity=Sensitivity(answer.sensitivity).name,
        ledger=[ledger_row(call) for call in calls],
        seconds=answer.seconds,
    )


def _steps(answer: Answer) -> list[Step]:
    visible = Document.objects.visible_to(answer.question.asker)
    return [
        Step(step.heading, step.document_id, step.state, bool(step.text), len(step.chunks), step.failure)
        for step in SurveyStep.objects.filter(survey__answer=answer, document__in=visible)
    ]


def _left_out(answer: Answer) -> list[NotShown]:
    passages = dict(answer.left_out)
    visible = Document.objects.visible_to(answer.question.asker).filter(pk__in=passages)
    return [NotShown(pk, passages[str(pk)]) for pk in visible.values_list("pk", flat=True)]


def made_sentences(answer: Answer) -> list[MadeSentence]:
    """Each sentence of the text in order."""
    checked = {each["start"]: each for each in answer.support}
    return [
        MadeSentence(
            each.text,
            each.location,
            each.markers,
            verdict=checked.get(each.start, {}).get("verdict"),
            score=checked.get(each.start, {}).get("score"),
            reason=checked.get(each.start, {}).get("reason", ""),
        )
        for each in sentences(answer)
    ]
