"""One answer: read, stopped, asked for once more, and made from all that its documents hold."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from django.http import Http404
from django.shortcuts import get_object_or_404
from ninja import Router, Status
from pydantic import Field

from inference.survey.again import ask_of_all, summarise
from ingestion.tasks import send_survey
from kb.api.answers import Reply, reply_to
from kb.api.auth import Request
from kb.api.errors import error_replies
from kb.api.fields import Body, one_of
from kb.api.reading_sheets import AnswerSheet, answer_sheet
from kb.models import Answer, Conversation, Document, Person, Survey
from kb.reading.surveying import surveying

router = Router(tags=["Answers"])


class Again(Body):
    on_premises: Annotated[bool, Field(description="Keeps the question in the building from now on.")] = False


@dataclass(frozen=True, slots=True)
class MissedStep:
    heading: str
    why: str


@dataclass(frozen=True, slots=True)
class SurveySheet:
    """How far the reading is: `taken` of `steps`. Headings are of documents that you may see at this moment.

    `confirmed` is false while somebody has to agree to the cost.
    """

    answer: UUID
    state: Annotated[Answer.State, one_of(Answer.State), Field(examples=["running"])]
    confirmed: bool
    taken: Annotated[int, Field(examples=[3])]
    steps: Annotated[int, Field(examples=[9])]
    calls: Annotated[int, Field(description="Of a language model, as estimated.", examples=[10])]
    tokens: Annotated[int, Field(examples=[21_000])]
    cost_usd: Annotated[float | None, Field(examples=[0.04])]
    reading: Annotated[str, Field(description="What is read now.")]
    missed: Sequence[MissedStep]
    missed_count: int
    silent: Annotated[Sequence[str], Field(description="Read, and says nothing about the question.")]


@router.get(
    "/answers/{uuid:answer_id}",
    response={200: AnswerSheet, **error_replies(404)},
    operation_id="getAnswer",
    summary="Read an answer",
)
def get_answer(request: Request, answer_id: UUID) -> AnswerSheet:
    """Of a conversation of your own, or of one that is shared with you."""
    readable = Conversation.objects.readable_by(request.auth)
    found = Answer.objects.filter(question__conversation__in=readable)
    answer = get_object_or_404(found.select_related("question__conversation"), pk=answer_id)
    return answer_sheet(answer, request.auth)


@router.post(
    "/answers/{uuid:answer_id}/stop",
    response={202: AnswerSheet, **error_replies(404)},
    operation_id="stopAnswer",
    summary="Stop an answer that is being written",
)
def stop_answer(request: Request, answer_id: UUID) -> Status[AnswerSheet]:
    """What was written by then is kept."""
    answer = _own(request.auth, answer_id)
    answer.stop()
    return Status(202, answer_sheet(answer, request.auth))


@router.post(
    "/answers/{uuid:answer_id}/retry",
    response={200: Reply, **error_replies(404, 422, 429, 503)},
    operation_id="retryAnswer",
    summary="Have an answer that failed or was stopped written once more",
)
def retry_answer(request: Request, answer_id: UUID, again: Again) -> Reply:
    answer = _asked_alike(request.auth, answer_id)
    if again.on_premises:
        answer.question.keep_in()
    answer.reopen()
    return reply_to(request, answer.question)


@router.post(
    "/answers/{uuid:answer_id}/survey",
    response={202: SurveySheet, **error_replies(404, 422, 429, 503)},
    operation_id="beginSurvey",
    summary="Ask the question of all that the documents hold",
)
def begin_survey(request: Request, answer_id: UUID) -> Status[SurveySheet]:
    """A new question in the same conversation. Workers read at once, unless you have to agree to the cost first."""
    survey = ask_of_all(_own(request.auth, answer_id), request.auth)
    return Status(202, _begun(survey, request.auth))


@router.post(
    "/documents/{uuid:document_id}/summary",
    response={202: SurveySheet, **error_replies(404, 422, 429, 503)},
    operation_id="summariseDocument",
    summary="Have all of a document summed up",
)
def summarise_document(request: Request, document_id: UUID) -> Status[SurveySheet]:
    """A question in a new conversation; follow it as `answer`. Workers read what you may see, section by section."""
    document = get_object_or_404(Document.objects.visible_to(request.auth), pk=document_id)
    return Status(202, _begun(summarise(document, request.auth), request.auth))


@router.get(
    "/answers/{uuid:answer_id}/survey",
    response={200: SurveySheet, **error_replies(404)},
    operation_id="getSurvey",
    summary="Follow the reading of many documents",
)
def get_survey(request: Request, answer_id: UUID) -> SurveySheet:
    return _sheet(get_object_or_404(Survey, answer=_own(request.auth, answer_id)), request.auth)


@router.post(
    "/answers/{uuid:answer_id}/survey/confirm",
    response={202: SurveySheet, **error_replies(404)},
    operation_id="confirmSurvey",
    summary="Agree to what the reading costs",
)
def confirm_survey(request: Request, answer_id: UUID) -> Status[SurveySheet]:
    survey = get_object_or_404(Survey, answer=_asked_alike(request.auth, answer_id))
    survey.confirm()
    return Status(202, _begun(survey, request.auth))


def _own(person: Person, answer_id: UUID) -> Answer:
    mine = Answer.objects.filter(question__conversation__in=Conversation.objects.visible_to(person))
    return get_object_or_404(mine.select_related("question__conversation"), pk=answer_id)


def _asked_alike(person: Person, answer_id: UUID) -> Answer:
    """For having it written, which is done by what the question was asked with: a narrow key does so with its own."""
    answer = _own(person, answer_id)
    if person.bounds is not None and person.narrowed and answer.question.key_id != person.bounds.key:
        raise Http404
    return answer


def _begun(survey: Survey, person: Person) -> SurveySheet:
    if survey.confirmed:
        send_survey(survey.pk)
    return _sheet(survey, person)


def _sheet(survey: Survey, person: Person) -> SurveySheet:
    told = surveying(survey.answer, person)
    assert told is not None  # noqa: S101  # It is the answer of a survey.
    return SurveySheet(
        answer=survey.answer_id,
        state=Answer.State(survey.answer.state),
        confirmed=survey.confirmed,
        taken=told.taken,
        steps=survey.size,
        calls=survey.calls,
        tokens=survey.tokens,
        cost_usd=survey.cost_usd,
        reading=told.heading,
        missed=[MissedStep(each.heading, each.why) for each in told.missed],
        missed_count=told.missed_count,
        silent=told.silent,
    )
