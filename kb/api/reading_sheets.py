"""What the API says of conversations and answers, as one person may read them at this moment."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Self
from uuid import UUID

from pydantic import Field

from inference.stretches import stretches
from kb.api.fields import one_of
from kb.exchange import LedgerRow, ledger_row
from kb.exchange.answers import Conflicting, MadePart, MadeSentence, NotShown, made_sentences
from kb.models import Answer, Citation, Conversation, Feedback, ModelCall, Person, Sensitivity, Share
from kb.reading.cited import chunk_of, cited, edited
from kb.reading.conflicting import disagreements
from kb.reading.left_out import left_out
from kb.reading.refusals import refusal_of

WITHHELD = "Whether it stands on something that you may not see (any more); then nothing of it is told."


@dataclass(frozen=True, slots=True)
class FeedbackSheet:
    """`resolution` is what somebody did about a complaint, and empty until then."""

    helpful: bool
    reason: Annotated[str, Field(examples=["outdated"])]
    note: str
    given_at: datetime
    resolution: str
    resolved_at: datetime | None

    @classmethod
    def of(cls, given: Feedback) -> Self:
        return cls(
            given.helpful, given.reason, given.note, given.given_at, given.resolution, given.resolved_at
        )


@dataclass(frozen=True, slots=True)
class CitationSheet:
    """`supported` says whether the passage says what the answer says; `edited_since`: its words are others now."""

    marker: Annotated[int, Field(examples=[1])]
    document: UUID
    title: Annotated[str, Field(examples=["Travel policy 2026"])]
    pages: Annotated[Sequence[int], Field(examples=[[3]])]
    quote: str
    sensitivity: Annotated[str, Field(examples=["INTERNAL"])]
    supported: bool
    edited_by: str
    edited_since: bool
    feedback: FeedbackSheet | None


@dataclass(frozen=True, slots=True)
class AnswerSheet:
    """`text` of one that is being written is what there is so far. `missing` says what the documents lack."""

    id: UUID
    conversation: UUID
    question: Annotated[str, Field(examples=["How many days of leave do I have?"])]
    asked_at: datetime
    state: Annotated[Answer.State, one_of(Answer.State), Field(examples=["done"])]
    withheld: Annotated[bool, Field(description=WITHHELD)]
    understood_as: str = ""
    text: str = ""
    found: bool = False
    failure: str = ""
    sensitivity: str | None = None
    location: str = ""
    model: str = ""
    reason: str = ""
    citations: Sequence[CitationSheet] = ()
    sentences: Sequence[MadeSentence] = ()
    parts: Sequence[MadePart] = ()
    missing: Sequence[str] = ()
    conflicts: Sequence[Conflicting] = ()
    left_out: Annotated[Sequence[NotShown], Field(description="By document; what did not fit.")] = ()
    ledger: Annotated[Sequence[LedgerRow], Field(description="Of calls that were made for you.")] = ()
    feedback: FeedbackSheet | None = None


@dataclass(frozen=True, slots=True)
class ShareSheet:
    id: Annotated[int, Field(examples=[5])]
    username: Annotated[str, Field(examples=["bob"])]
    since: datetime

    @classmethod
    def of(cls, share: Share) -> Self:
        return cls(share.pk, share.person.username, share.created_at)


@dataclass(frozen=True, slots=True)
class ConversationRow:
    """`shared_with` is empty in one of somebody else."""

    id: UUID
    title: Annotated[str, Field(examples=["Days of leave"])]
    owner: Annotated[str, Field(examples=["alice"])]
    created_at: datetime
    updated_at: datetime
    shared_with: Sequence[ShareSheet]


@dataclass(frozen=True, slots=True)
class ConversationSheet:
    conversation: ConversationRow
    answers: Annotated[Sequence[AnswerSheet], Field(description="In the order of the questions.")]


def conversation_row(thread: Conversation, viewer: Person) -> ConversationRow:
    own = thread.person_id == viewer.pk
    return ConversationRow(
        id=thread.pk,
        title=thread.title,
        owner=thread.person.username,
        created_at=thread.created_at,
        updated_at=thread.updated_at,
        shared_with=[ShareSheet.of(share) for share in thread.shares.all()] if own else [],
    )


def conversation_sheet(thread: Conversation, viewer: Person) -> ConversationSheet:
    answers = Answer.objects.filter(question__conversation=thread).select_related("question__conversation")
    sheets = [answer_sheet(answer, viewer) for answer in answers.order_by("question__created_at")]
    return ConversationSheet(conversation_row(thread, viewer), sheets)


def answer_sheet(answer: Answer, viewer: Person) -> AnswerSheet:
    question = answer.question
    if not answer.readable_by(viewer):
        return _withheld(answer)
    own = question.conversation.person_id == viewer.pk
    given = {each.citation_id: FeedbackSheet.of(each) for each in answer.feedback.all()} if own else {}
    calls = ModelCall.objects.filter(subject=answer.pk, person=viewer).select_related("person")
    refusal = refusal_of(answer, viewer)
    return AnswerSheet(
        id=answer.pk,
        conversation=question.conversation_id,
        question=question.text,
        asked_at=question.created_at,
        state=Answer.State(answer.state),
        withheld=False,
        understood_as=answer.understood_as,
        text=answer.text,
        found=answer.found,
        failure=answer.failure,
        sensitivity=Sensitivity(answer.sensitivity).name,
        location=answer.location,
        model=answer.model,
        reason=answer.reason,
        citations=[_citation(each, given.get(each.pk)) for each in cited(answer, viewer)],
        sentences=made_sentences(answer),
        parts=[MadePart(each.text, each.location, each.model, each.markers) for each in stretches(answer)],
        missing=refusal.sentences if refusal else [],
        conflicts=[
            Conflicting(each.one.said, each.other.said, each.other.outdated)
            for each in disagreements(answer, viewer)
        ],
        left_out=_left_out(answer, viewer),
        ledger=[ledger_row(call) for call in calls.order_by("sequence")],
        feedback=given.get(None),
    )


def _withheld(answer: Answer) -> AnswerSheet:
    """Of an answer whose text the viewer may not read, that it was asked for."""
    question = answer.question
    return AnswerSheet(
        id=answer.pk,
        conversation=question.conversation_id,
        question=question.text,
        asked_at=question.created_at,
        state=Answer.State(answer.state),
        withheld=True,
    )


def _citation(citation: Citation, given: FeedbackSheet | None) -> CitationSheet:
    chunk = chunk_of(citation)
    document, changed = chunk.version.document, edited(citation)
    return CitationSheet(
        marker=citation.marker,
        document=document.pk,
        title=document.title,
        pages=chunk.pages,
        quote=citation.quote,
        sensitivity=Sensitivity(max(chunk.sensitivity, document.sensitivity)).name,
        supported=citation.supported,
        edited_by=str(changed.by) if changed else "",
        edited_since=changed.since if changed else False,
        feedback=given,
    )


def _left_out(answer: Answer, viewer: Person) -> list[NotShown]:
    told, passages = left_out(answer, viewer), dict(answer.left_out)
    return [NotShown(each.pk, passages[str(each.pk)]) for each in told.documents] if told else []
