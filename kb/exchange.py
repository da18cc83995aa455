"""What machines are given: the same values, field by field, over the API and on the command line."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.core.serializers.json import DjangoJSONEncoder

from inference.evidence.missing import Missing
from inference.hits import Hit
from inference.plan import Part, Plan
from inference.stretches import sentences, stretches
from kb.models import Answer, Chunk, Document, Leaving, ModelCall, Sensitivity, SurveyStep, Version

if TYPE_CHECKING:
    from _typeshed import DataclassInstance


NOTHING_SENT = "No source is near enough to the question, so nothing would be sent."


@dataclass(frozen=True, slots=True)
class Ingested:
    """What became of one file. `seconds` is the wall time of all its stages together."""

    document: UUID | None
    title: str
    stage: str
    failure: str
    sensitivity: str | None
    category: str | None
    chunks: int
    pages: int | None
    seconds: float


@dataclass(frozen=True, slots=True)
class FoundChunk:
    """One hit. `score` is comparable within one search only; higher is better."""

    document: UUID
    chunk: int
    score: float
    title: str
    pages: Sequence[int]
    text: str


@dataclass(frozen=True, slots=True)
class Cited:
    """A place that an answer stands on; `marker` is its number in the answer's text."""

    marker: int
    document: UUID
    title: str
    pages: Sequence[int]
    quote: str


@dataclass(frozen=True, slots=True)
class LedgerRow:
    """One sending to a model, or a refusal. `chunks` are pairs of a chunk's id and the number of its sensitivity;
    `pseudonyms` are counts by kind. Of a pruned row `person`, `reason`, `chunks` and `pseudonyms` are gone."""

    row: int
    at: datetime
    person: str | None
    purpose: str
    model: str
    location: str
    destination: str
    decision: str
    rule: str
    reason: str
    sensitivity: str
    chunks: Sequence[Sequence[int]]
    pseudonyms: Mapping[str, int]
    sent_bytes: int
    sent_sha256: str
    outcome: str
    prompt_tokens: int | None
    answer_tokens: int | None
    cost_usd: float | None
    failure: str
    seconds: float | None
    pruned: bool


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


@dataclass(frozen=True, slots=True)
class PlannedSource:
    """A passage that a model would be shown."""

    marker: int
    document: UUID
    title: str
    pages: Sequence[int]
    sensitivity: str


@dataclass(frozen=True, slots=True)
class PlannedPart:
    """What one model would get: `system` and `user` word for word; `size` is theirs, in bytes of UTF-8."""

    location: str
    model: str
    sources: Sequence[PlannedSource]
    system: str
    user: str
    size: int


@dataclass(frozen=True, slots=True)
class Planned:
    """What would be sent for a question. `leaving` is “never”, “pseudonymised” or “freely”."""

    parts: Sequence[PlannedPart]
    leaving: str
    reason: str


def ingested(version: Version) -> Ingested:
    """What became of a version, read anew."""
    version = Version.objects.select_related("document__category").get(pk=version.pk)
    document = version.document
    return Ingested(
        document=document.pk,
        title=document.title,
        stage=version.stage,
        failure=version.failure,
        sensitivity=Sensitivity(document.sensitivity).name,
        category=document.category.name if document.category else None,
        chunks=Chunk.objects.filter(version=version).count(),
        pages=version.pages,
        seconds=round(sum(version.seconds.values()), 3),
    )


def not_taken(name: str, failure: str) -> Ingested:
    """A file that could not even be stored."""
    return Ingested(None, name, "failed", failure, None, None, 0, None, 0.0)


def found_chunk(hit: Hit) -> FoundChunk:
    return FoundChunk(
        document=hit.document,
        chunk=hit.chunk,
        score=round(hit.score, 4),
        title=hit.title,
        pages=hit.pages,
        text=hit.text,
    )


def answered(answer: Answer) -> Answered:
    cited = answer.citations.exclude(chunk=None).select_related("chunk__version__document")
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
            )
            for citation in cited
            if (chunk := citation.chunk)
        ],
        location=answer.location,
        model=answer.model,
        reason=answer.reason,
        parts=[MadePart(each.text, each.location, each.model, each.markers) for each in stretches(answer)],
        sentences=_made_sentences(answer),
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
    visible = Document.objects.visible_to(answer.question.conversation.person)
    return [
        Step(step.heading, step.document_id, step.state, bool(step.text), len(step.chunks), step.failure)
        for step in SurveyStep.objects.filter(survey__answer=answer, document__in=visible)
    ]


def _left_out(answer: Answer) -> list[NotShown]:
    passages = dict(answer.left_out)
    visible = Document.objects.visible_to(answer.question.conversation.person).filter(pk__in=passages)
    return [NotShown(pk, passages[str(pk)]) for pk in visible.values_list("pk", flat=True)]


def _made_sentences(answer: Answer) -> list[MadeSentence]:
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


def planned(plan: Plan | None) -> Planned:
    if plan is None:
        return Planned((), Leaving.NEVER.name.lower(), NOTHING_SENT)
    return Planned([_planned_part(part) for part in plan.parts], plan.leaving.name.lower(), plan.reason)


def _planned_part(part: Part) -> PlannedPart:
    system, user = part.prompt.system, part.prompt.user
    return PlannedPart(
        location=part.location,
        model=part.name,
        sources=[
            PlannedSource(
                each.shown.marker,
                each.hit.document,
                each.hit.title,
                each.hit.pages,
                each.hit.sensitivity.name,
            )
            for each in part.packed
        ],
        system=system,
        user=user,
        size=len(f"{system}{user}".encode()),
    )


def ledger_row(call: ModelCall) -> LedgerRow:
    return LedgerRow(
        row=call.sequence,
        at=call.at,
        person=call.person.username if call.person else None,
        purpose=call.purpose,
        model=call.model,
        location=call.location,
        destination=call.destination,
        decision=call.decision,
        rule=call.rule,
        reason=call.reason,
        sensitivity=Sensitivity(call.sensitivity).name,
        chunks=call.chunks,
        pseudonyms=call.pseudonyms,
        sent_bytes=call.sent_bytes,
        sent_sha256=call.sent_sha256,
        outcome=call.outcome,
        prompt_tokens=call.prompt_tokens,
        answer_tokens=call.answer_tokens,
        cost_usd=call.cost_usd,
        failure=call.failure,
        seconds=call.seconds,
        pruned=call.pruned_at is not None,
    )


def as_json(value: "DataclassInstance | Sequence[DataclassInstance]") -> str:
    """One line."""
    plain: Any = [asdict(each) for each in value] if isinstance(value, Sequence) else asdict(value)
    return json.dumps(plain, cls=DjangoJSONEncoder, ensure_ascii=False)
