"""Whether answers are any good: said by those who asked, and seen to by those who manage the documents."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Self
from uuid import UUID

from django.shortcuts import get_object_or_404
from ninja import Query, Router, Status
from pydantic import Field, model_validator

from kb.api.auth import Request
from kb.api.errors import error_replies
from kb.api.fields import Body, Line, Text, refuse_unknown
from kb.api.listing import Listed
from kb.api.paging import Window, part_of
from kb.errors import Rejected
from kb.models import Feedback
from kb.models.feedback import LONGEST_NOTE
from kb.reading.cited import chunk_of
from kb.reading.complaints import Complaint, complaints
from kb.reading.judging import answer_to, citation_of, judge, take_back

router = Router(tags=["Feedback"])


class Judgement(Body):
    helpful: bool
    reason: Annotated[
        Feedback.Reason | None, Field(description="What is wrong; only where it is not helpful.")
    ] = None
    note: Annotated[Line, Field(max_length=LONGEST_NOTE)] = ""

    @model_validator(mode="after")
    def complaint_has_reason(self) -> Self:
        if self.helpful and (self.reason or self.note):
            raise ValueError("Only what is not helpful has a reason and a note. Leave them out.")
        if not self.helpful and self.reason is None:
            raise ValueError("Choose what is wrong as “reason”, so that somebody can mend it.")
        return self


class Resolution(Body):
    note: Annotated[
        Text, Field(max_length=LONGEST_NOTE, description="What was done; the person who asked reads it.")
    ]


@dataclass(frozen=True, slots=True)
class Place:
    document: UUID
    title: Annotated[str, Field(examples=["Travel policy 2023"])]
    quote: str


@dataclass(frozen=True, slots=True)
class ComplaintSheet:
    """Of a withheld one question, answer and note are null: they may hold what you may not see."""

    id: Annotated[int, Field(examples=[9])]
    given_at: datetime
    reason: Annotated[Feedback.Reason, Field(examples=["outdated"])]
    places: Annotated[Sequence[Place], Field(description="What it is about, as far as you may see it.")]
    withheld: bool
    question: str | None
    answer: str | None
    note: str | None


@router.put(
    "/answers/{uuid:answer_id}/feedback",
    response={204: None, **error_replies(404, 422)},
    operation_id="judgeAnswer",
    summary="Say whether an answer is any good",
)
def judge_answer(request: Request, answer_id: UUID, said: Judgement) -> Status[None]:
    """For the person who asked. It can be changed."""
    judge(
        answer_to(request.auth, answer_id),
        None,
        helpful=said.helpful,
        reason=said.reason or "",
        note=said.note,
    )
    return Status(204, None)


@router.delete(
    "/answers/{uuid:answer_id}/feedback",
    response={204: None, **error_replies(404)},
    operation_id="unjudgeAnswer",
    summary="Take back what you said of an answer",
)
def unjudge_answer(request: Request, answer_id: UUID) -> Status[None]:
    take_back(answer_to(request.auth, answer_id), None)
    return Status(204, None)


@router.put(
    "/answers/{uuid:answer_id}/citations/{int:marker}/feedback",
    response={204: None, **error_replies(404, 422)},
    operation_id="judgeCitation",
    summary="Say whether a citation is any good",
)
def judge_citation(request: Request, answer_id: UUID, marker: int, said: Judgement) -> Status[None]:
    answer = answer_to(request.auth, answer_id)
    citation = citation_of(answer, marker, request.auth)
    judge(answer, citation, helpful=said.helpful, reason=said.reason or "", note=said.note)
    return Status(204, None)


@router.delete(
    "/answers/{uuid:answer_id}/citations/{int:marker}/feedback",
    response={204: None, **error_replies(404)},
    operation_id="unjudgeCitation",
    summary="Take back what you said of a citation",
)
def unjudge_citation(request: Request, answer_id: UUID, marker: int) -> Status[None]:
    answer = answer_to(request.auth, answer_id)
    take_back(answer, citation_of(answer, marker, request.auth))
    return Status(204, None)


@router.get(
    "/complaints",
    response={200: Listed[ComplaintSheet], **error_replies(422)},
    operation_id="listComplaints",
    summary="List complaints about what stands on your documents",
)
def list_complaints(request: Request, window: Query[Window]) -> Listed[ComplaintSheet]:
    """Those that wait, the oldest first: about documents that you own or may change, and may see."""
    refuse_unknown(request, Window)
    waiting = Feedback.objects.to_resolve_by(request.auth).select_related("answer__question")
    part = part_of(waiting, window, by="given_at")
    return Listed(items=[_sheet(each) for each in complaints(part.rows, request.auth)], next=part.next)


@router.post(
    "/complaints/{int:complaint_id}/resolve",
    response={204: None, **error_replies(404, 422)},
    operation_id="resolveComplaint",
    summary="Say what was done about a complaint",
)
def resolve_complaint(request: Request, complaint_id: int, done: Resolution) -> Status[None]:
    found = get_object_or_404(Feedback.objects.to_resolve_by(request.auth), pk=complaint_id)
    if not found.resolve(request.auth, done.note):
        raise Rejected("Somebody else has resolved it meanwhile. List the complaints again.")
    return Status(204, None)


def _sheet(told: Complaint) -> ComplaintSheet:
    feedback, withheld = told.feedback, told.withheld
    documents = [(chunk_of(each).version.document, each.quote) for each in told.citations]
    return ComplaintSheet(
        id=feedback.pk,
        given_at=feedback.given_at,
        reason=Feedback.Reason(feedback.reason),
        places=[Place(document.pk, document.title, quote) for document, quote in documents],
        withheld=withheld,
        question=None if withheld else feedback.answer.question.text,
        answer=None if withheld else feedback.answer.text,
        note=None if withheld else feedback.note,
    )
