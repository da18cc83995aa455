"""THE FLOW: a question and the person who asks → events, and at the end an answer with citations that hold.

authorise ─▶ retrieve ─▶ route ─▶ synthesise ─▶ cite ─▶ record
"""

import logging
from collections.abc import Generator, Sequence
from dataclasses import dataclass

from django.conf import settings
from django.db import transaction

from inference import gateway, registry
from inference.cite import cite
from inference.evidence import suffices
from inference.followup import standalone
from inference.hits import Hit
from inference.pack import Packed, pack
from inference.personal import question_sensitivity
from inference.prompts import answer_prompt
from inference.protocols import Prompt, Turn
from inference.recheck import check_sources
from inference.record import Clock, pin, record, record_nothing, settle
from inference.retrieve import ANYWHERE, retrieve
from inference.route import Route, choose
from inference.selection import LOOKED_AT, select, with_neighbours
from kb.errors import ModelUnavailable, Rejected, StrongroomError
from kb.index.protocol import Narrowing
from kb.models import Answer, Conversation, ModelCall, Person, Question, Sensitivity
from kb.models.answers import TITLE_LENGTH

log = logging.getLogger("strongroom.ask")

ANSWER_TOKENS = 700
TURNS = 3
"""Earlier exchanges that are sent along."""


@dataclass(frozen=True, slots=True)
class Sources:
    """What the answer will be made from, and where. A second one means that the text begins anew."""

    packed: tuple[Packed, ...]
    route: Route


@dataclass(frozen=True, slots=True)
class Token:
    """The next piece of the answer's text."""

    text: str


@dataclass(frozen=True, slots=True)
class Finished:
    """The answer is recorded, whatever became of it."""

    answer: Answer


Event = Sources | Token | Finished


@dataclass(frozen=True, slots=True)
class _Brief:
    """What a model is given to write one answer. `asked` is the label of the question and its conversation."""

    answer: Answer
    asked: Sensitivity
    packed: tuple[Packed, ...]
    prompt: Prompt


def pose(person: Person, text: str, *, conversation: Conversation | None = None) -> Question:
    """Writes the question down, with the answer that it waits for. Runs nothing.

    Raises:
        Rejected: the question is empty or too long.
    """
    text = text.strip()
    if not text:
        raise Rejected("The question is empty. Type what you would like to know.")
    if len(text) > settings.QUESTION_LIMIT:
        raise Rejected(
            f"The question has {len(text):,} characters; at most {settings.QUESTION_LIMIT:,} are read. "
            "Shorten it, or upload the long text as a document."
        )
    with transaction.atomic():
        thread = conversation or Conversation.objects.create(person=person, title=text[:TITLE_LENGTH])
        question = Question.objects.create(conversation=thread, text=text)
        Answer.objects.create(question=question)
    return question


def ask(question: Question, *, narrowing: Narrowing = ANYWHERE) -> Generator[Event, None, None]:
    """Answers a question, as the person whose conversation it is in. Closing the iterator stops the model.

    An answer is written once: a caller who comes second gets the recorded one. Failures end in a recorded
    answer too, whose `failure` is a sentence for the person.
    """
    answer = question.answer
    if not answer.claim():
        answer.refresh_from_db()
        yield Finished(answer)
        return
    try:
        yield from _answer(answer, question, narrowing)
    except GeneratorExit:
        settle(answer, Answer.State.STOPPED)
        raise
    except StrongroomError as error:
        settle(answer, Answer.State.FAILED, failure=str(error))
    except BaseException:
        settle(answer, Answer.State.FAILED, failure="Something went wrong on our side. Ask again.")
        log.exception("Answer %s failed", answer.pk)
        raise
    yield Finished(answer)


def _answer(answer: Answer, question: Question, narrowing: Narrowing) -> Generator[Event, None, None]:
    clock = Clock()
    person = question.conversation.person
    history = _history(question)
    query = standalone(question.text, history)
    asked = Sensitivity.strictest([question_sensitivity(question.text), question.conversation.sensitivity])

    found = retrieve(query, person, narrowing=narrowing, limit=LOOKED_AT)
    hits = select(query, found.hits)
    clock.lap("retrieve")
    if not suffices(query, hits, language=found.language):
        record_nothing(answer, asked, clock)
        return

    route = _route(asked, hits)
    model = registry.generator(route.model)
    packed = pack(with_neighbours(hits, person), window=model.window, count_tokens=model.count_tokens)
    pin(answer, asked, packed)

    shown = [source.shown for source in packed]
    prompt = answer_prompt(query, shown, history, language=found.language)
    brief = _Brief(answer, asked, packed, prompt)
    route, text = yield from _synthesise(brief, route)
    clock.lap("generate")
    record(answer, cite(text, packed), route, clock)


def _history(question: Question) -> tuple[Turn, ...]:
    """The last exchanges that the person may still read: what was withdrawn since does not come back this way."""
    person = question.conversation.person
    answers = (
        Answer.objects.filter(question__conversation=question.conversation, state=Answer.State.DONE)
        .filter(question__created_at__lt=question.created_at)
        .select_related("question")
        .order_by("-question__created_at")[:TURNS]
    )
    return tuple(
        Turn(answer.question.text, answer.text) for answer in reversed(answers) if answer.readable_by(person)
    )


def _route(asked: Sensitivity, hits: Sequence[Hit]) -> Route:
    llm = registry.location("llm") if registry.is_configured("llm") else None
    return choose(asked, [hit.sensitivity for hit in hits], llm=llm, routes=settings.ROUTES)


def _synthesise(brief: _Brief, route: Route) -> Generator[Event, None, tuple[Route, str]]:
    """Writes the answer by the route, and by quotes should the LLM fail. Never the other way round."""
    try:
        text = yield from _write(brief, route)
    except ModelUnavailable as error:
        if route.model == "extractive":
            raise
        log.warning("The language model failed, so the sources are quoted: %s", error)
        route = Route("extractive", "The language model could not be reached.")
        text = yield from _write(brief, route)
    return route, text


def _write(brief: _Brief, route: Route) -> Generator[Event, None, str]:
    check_sources(brief.answer, [source.hit for source in brief.packed])
    yield Sources(brief.packed, route)
    call = gateway.Call(
        purpose=ModelCall.Purpose.ANSWER,
        model=route.model,
        prompt=brief.prompt,
        text_sensitivity=brief.asked,
        reason=route.reason,
        evidence=tuple(gateway.Evidence(source.hit.chunk, source.hit.sensitivity) for source in brief.packed),
        person=brief.answer.question.conversation.person,
        subject=brief.answer.pk,
    )
    pieces: list[str] = []
    for piece in gateway.generate(call, max_tokens=ANSWER_TOKENS):
        pieces.append(piece)
        yield Token(piece)
    return "".join(pieces)
