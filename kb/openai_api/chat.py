"""POST /v1/chat/completions: the last message is the question, those before it say what it follows."""

from collections.abc import Iterable

from django.http import StreamingHttpResponse
from ninja import Router

from inference.ask import Event, Finished, ask, pose
from kb.api.auth import Request
from kb.errors import Unavailable
from kb.hung_up import while_listening
from kb.index.protocol import Narrowing
from kb.models import Answer, Leaving, Person, Question, Sensitivity
from kb.openai_api.asked import AskedCompletion, exchanges
from kb.openai_api.auth import key_for
from kb.openai_api.history import Thread, thread_of
from kb.openai_api.models import narrowing_to
from kb.openai_api.replies import ChatCompletion, completion_of, finished
from kb.openai_api.stream import Stream, chunks
from kb.sse import event_stream

router = Router()


@router.post(
    "/chat/completions",
    response=ChatCompletion,
    operation_id="createChatCompletion",
    auth=key_for("createChatCompletion"),
)
def complete(request: Request, asked: AskedCompletion) -> ChatCompletion | StreamingHttpResponse:
    """Answers from the documents of the model that the person may read, with citations as annotations.

    A client that hangs up stops the model, whether it streams or not.
    """
    narrowing = narrowing_to(asked.model, request.auth)
    thread = thread_of(request.auth, exchanges(asked.messages))
    question = _posed(request.auth, asked, thread, narrowing)
    events = ask(question, following=thread.following)
    site = request.build_absolute_uri
    if asked.stream:
        return event_stream(chunks(Stream(question, asked.model, site, asked.with_usage), events))
    return completion_of(_answer(while_listening(request, events)), model=asked.model, site=site)


def _posed(person: Person, asked: AskedCompletion, thread: Thread, narrowing: Narrowing) -> Question:
    """Words that are not known to be ours may be of any label: they are left out, and what follows them stays in."""
    question = pose(
        person,
        asked.messages[-1].content,
        conversation=thread.conversation,
        leaving=asked.strongroom.leaving,
        narrowing=narrowing,
    )
    if not thread.whole:
        question.conversation.tighten(Sensitivity.PUBLIC, Leaving.NEVER)
    return question


def _answer(events: Iterable[Event]) -> Answer:
    for event in events:
        if isinstance(event, Finished):
            return finished(event.answer)
    raise Unavailable("The answer was stopped before it was finished. Ask again.")
