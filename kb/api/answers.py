"""Asking: one JSON reply, or a stream of events for those who accept one."""

import json
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Annotated
from uuid import UUID

from django.http import StreamingHttpResponse
from django.shortcuts import get_object_or_404
from ninja import Router
from pydantic import Field

from inference.ask import Event, Finished, Sources, Token, ask, pose, preview
from inference.plan import Plan
from inference.survey.begin import begin
from inference.survey.run import run
from kb.api.auth import Request
from kb.api.errors import error_replies, our_fault, problem_of
from kb.api.fields import Body, Text
from kb.api.problems import Problem
from kb.errors import Rejected, Unavailable
from kb.exchange import Answered, Planned, answered, as_json, planned
from kb.hung_up import listening, while_listening
from kb.models import Answer, Conversation, Leaving, Question, Survey
from kb.sse import Events, ServerEvent, event_stream

log = logging.getLogger("strongroom.api")
router = Router(tags=["Answers"])

JSON = "application/json"
STREAM = "text/event-stream"
STREAM_EXAMPLE = 'event: token\ndata: {"text": "You have 28 days of leave a year [1]."}\n\n'


class Asked(Body):
    question: Annotated[Text, Field(examples=["How many days of leave do I have?"])]
    conversation: UUID | None = Field(None, description="From an earlier reply, to ask a follow-up.")
    on_premises: bool = Field(False, description="Keeps this question in the building, and what follows it.")

    all: bool = Field(False, description="Reads every document that the question names, each by itself.")
    agreed: bool = Field(False, description="Agrees to what that costs, where it is more than the limit.")

    @property
    def leaving(self) -> Leaving:
        return Leaving.NEVER if self.on_premises else Leaving.FREELY


@dataclass(frozen=True)
class Reply(Answered):
    """As `manage.py ask --json` gives it, with the conversation in which a follow-up can be asked."""

    conversation: UUID


@dataclass(frozen=True, slots=True)
class Source:
    """A passage that the answer may cite by its marker."""

    marker: int
    document: UUID
    title: str
    pages: Sequence[int]


@dataclass(frozen=True, slots=True)
class SourcesEvent:
    """What the answer will be made from, and where. A second one means that the text begins anew."""

    sources: Sequence[Source]
    location: str
    model: str
    reason: str


@dataclass(frozen=True, slots=True)
class TokenEvent:
    text: str


@router.post(
    "/ask",
    response={200: Reply, **error_replies(403, 404, 422, 429, 503)},
    operation_id="ask",
    summary="Ask a question",
    openapi_extra={
        "responses": {200: {"content": {STREAM: {"schema": {"type": "string"}, "example": STREAM_EXAMPLE}}}}
    },
)
def ask_question(request: Request, asked: Asked) -> Reply | StreamingHttpResponse:
    """Answers from the documents that you may see, with citations. An answer that was not found says so.
    A client that hangs up stops the model.

    With `Accept: text/event-stream` the answer comes as it is written: events `sources`, `token`, and at the
    end `finished` with the whole reply, or `error`. A second `sources` means that the text begins anew.
    """
    thread = _conversation(request, asked)
    if asked.all:
        survey = begin(request.auth, asked.question, conversation=thread, leaving=asked.leaving)
        return _surveyed(request, survey, asked)
    question = pose(request.auth, asked.question, conversation=thread, leaving=asked.leaving)
    if request.get_preferred_type([JSON, STREAM]) == STREAM:
        return event_stream(_events(question))
    return reply_to(request, question)


@router.post(
    "/ask/preview",
    response={200: Planned, **error_replies(403, 404, 422, 429, 503)},
    operation_id="preview",
    summary="See what would be sent",
)
def preview_question(request: Request, asked: Asked) -> Planned:
    """Which model would get which text for the question, word for word. Nothing is sent, and nothing is kept."""
    thread = _conversation(request, asked)
    return planned(preview(request.auth, asked.question, conversation=thread, leaving=asked.leaving))


def _surveyed(request: Request, survey: Survey, asked: Asked) -> Reply:
    """Read here and now. What was read when a client hangs up stays read.

    Raises:
        Rejected: nobody has agreed to the cost.
        Unavailable: it could not be answered.
    """
    if not survey.confirmed and not asked.agreed:
        raise Rejected(
            f"This takes about {survey.calls} calls of a language model and {survey.tokens:,} tokens. "
            "Send “agreed”: true to have it done."
        )
    survey.confirm()
    for _progress in run(survey, wanted=partial(listening, request)):
        pass  # Each step is recorded as it is taken.
    survey.answer.refresh_from_db()
    return _finished(survey.answer)


def _conversation(request: Request, asked: Asked) -> Conversation | None:
    if asked.conversation is None:
        return None
    return get_object_or_404(Conversation.objects.visible_to(request.auth), pk=asked.conversation)


def reply_to(request: Request, question: Question) -> Reply:
    """The whole answer, written here and now, for as long as the client is there.

    Raises:
        Unavailable: it could not be made; the message is the sentence that was recorded.
    """
    for event in while_listening(request, ask(question)):
        if isinstance(event, Finished):
            return _finished(event.answer)
    raise Unavailable("The answer was stopped before it was finished. Ask again.")


def _finished(answer: Answer) -> Reply:
    if answer.state != Answer.State.DONE:
        raise Unavailable(answer.failure or "The answer was not finished. Ask again.")
    return Reply(**vars(answered(answer)), conversation=answer.question.conversation_id)


def _events(question: Question) -> Events:
    try:
        for event in ask(question):
            yield _event(event)
    except Unavailable as error:
        yield _error(problem_of(error))
    except Exception:
        # The status line is long sent, so that this is the only way to tell; a reader who left is no Exception.
        told = our_fault()
        log.exception("The answer to %s broke off, as %s", question.pk, told.instance)
        yield _error(told)


def _event(event: Event) -> ServerEvent | None:
    match event:
        case Sources(plan):
            return ServerEvent("sources", as_json(_sources(plan)))
        case Token(text):
            return ServerEvent("token", as_json(TokenEvent(text))) if text else None
        case Finished(answer):
            return ServerEvent("finished", as_json(_finished(answer)))


def _error(problem: Problem) -> ServerEvent:
    return ServerEvent("error", json.dumps(problem.body(), ensure_ascii=False))


def _sources(plan: Plan) -> SourcesEvent:
    return SourcesEvent(
        sources=[
            Source(each.shown.marker, each.hit.document, each.hit.title, each.hit.pages)
            for each in plan.packed
        ],
        location=plan.location,
        model=plan.model,
        reason=plan.reason,
    )
