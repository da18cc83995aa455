"""THE FLOW: a question and the person who asks → events, and at the end an answer with citations that hold.

authorise ─▶ retrieve ─▶ route ─▶ synthesise ─▶ cite ─▶ record
"""

import logging
from collections.abc import Generator, Iterable, Sequence
from dataclasses import dataclass, replace

from django.conf import settings
from django.db import transaction

from inference import gateway
from inference.cite import CitedAnswer, Written, cite
from inference.conflicts import conflicts
from inference.evidence import suffices
from inference.evidence.missing import look_into
from inference.followup import standalone
from inference.hits import Hit
from inference.plan import Asked, Part, Plan, asked_of, on_premises, plan
from inference.protocols import Turn
from inference.pseudonyms import Pseudonyms, restored
from inference.recheck import check_sources
from inference.record import Clock, pin, record, record_nothing, settle
from inference.retrieve import ANYWHERE, retrieve
from inference.selection import LOOKED_AT, select
from kb.errors import ModelUnavailable, Rejected, RouteRefused, StrongroomError
from kb.index.protocol import Narrowing
from kb.models import Answer, Conversation, Leaving, ModelCall, Person, Question, RouteRule, RouteTable
from kb.models.answers import TITLE_LENGTH

log = logging.getLogger("strongroom.ask")

ANSWER_TOKENS = 700
TURNS = 3
"""Earlier exchanges that are sent along."""
BETWEEN = "\n\n"
"""What stands between two parts of an answer."""


@dataclass(frozen=True, slots=True)
class Sources:
    """What the answer will be made from, and where. A second one means that the text begins anew."""

    plan: Plan


@dataclass(frozen=True, slots=True)
class Token:
    """The next piece of the answer's text."""

    text: str


@dataclass(frozen=True, slots=True)
class Finished:
    """The answer is recorded, whatever became of it."""

    answer: Answer


Event = Sources | Token | Finished


def pose(
    person: Person, text: str, *, conversation: Conversation | None = None, leaving: Leaving = Leaving.FREELY
) -> Question:
    """Writes the question down, with the answer that it waits for. Runs nothing.

    `leaving` is the person's own wish: at most this, whatever the routes allow.

    Raises:
        Rejected: the question is empty or too long.
    """
    text = _checked(text)
    with transaction.atomic():
        thread = conversation or Conversation.objects.create(person=person, title=text[:TITLE_LENGTH])
        question = Question.objects.create(conversation=thread, text=text, leaving=leaving)
        Answer.objects.create(question=question)
    return question


def _checked(text: str) -> str:
    text = text.strip()
    if not text:
        raise Rejected("The question is empty. Type what you would like to know.")
    if len(text) > settings.QUESTION_LIMIT:
        raise Rejected(
            f"The question has {len(text):,} characters; at most {settings.QUESTION_LIMIT:,} are read. "
            "Shorten it, or upload the long text as a document."
        )
    return text


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
    table = RouteRule.objects.table()
    asked, hits = find(question, table, narrowing=narrowing)
    clock.lap("retrieve")
    if not hits:
        missing = look_into(asked.query, asked.person, narrowing=narrowing)
        record_nothing(answer, asked.sensitivity, missing, clock)
        return
    chosen, cited = yield from _synthesise(answer, plan(asked, hits, table), hits, table)
    clock.lap("generate")
    answer.conflicts = [each.kept() for each in conflicts(asked.query, cited.citations, chosen.packed)]
    record(answer, cited, chosen, clock)


def find(
    question: Question, table: RouteTable, *, narrowing: Narrowing = ANYWHERE
) -> tuple[Asked, Sequence[Hit]]:
    """What is asked, and the evidence for an answer, the best first; none where what was found does not suffice."""
    person = question.conversation.person
    history = _history(question)
    query = standalone(question.text, history)
    found = retrieve(query, person, narrowing=narrowing, limit=LOOKED_AT)
    asked = replace(asked_of(question, query, history, table), language=found.language)
    hits = select(query, found.hits)
    return asked, hits if suffices(query, hits, language=found.language) else ()


def preview(
    person: Person, text: str, *, conversation: Conversation | None = None, leaving: Leaving = Leaving.FREELY
) -> Plan | None:
    """What would be sent for a question, and where; None where no source is near enough, so that nothing would be.

    Nothing is sent, and nothing stays written down: neither the question nor an alias.

    Raises:
        Rejected: the question is empty or too long.
    """
    thread = conversation or Conversation(person=person)
    question = Question(conversation=thread, text=_checked(text), leaving=leaving)
    table = RouteRule.objects.table()
    asked, hits = find(question, table)
    if not hits:
        return None
    with transaction.atomic():
        thread.save()  # For as long as aliases need a conversation that they belong to.
        planned = plan(asked, hits, table)
        transaction.set_rollback(True)
    return planned


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


def _synthesise(
    answer: Answer, chosen: Plan, hits: Sequence[Hit], table: RouteTable
) -> Generator[Event, None, tuple[Plan, CitedAnswer]]:
    """Writes the answer by the plan, and by quotes alone should the language model fail. Never the other way round."""
    try:
        cited = yield from _write(answer, chosen, table)
        if len(chosen.parts) == 1 or cited.parts[0].cites:
            return chosen, cited
        why = "the language model found nothing in what it was shown"
    except (ModelUnavailable, RouteRefused) as error:
        if chosen.only_quotes:
            raise
        log.warning("The sources are quoted instead: %s", error)
        refused = isinstance(error, RouteRefused)
        why = "a label was raised meanwhile" if refused else "the language model could not be reached"
    instead = on_premises(chosen.asked, hits, f"Answered on-premises because {why}.")
    return instead, (yield from _write(answer, instead, table))


def _write(answer: Answer, chosen: Plan, table: RouteTable) -> Generator[Event, None, CitedAnswer]:
    pin(answer, chosen, table)
    check_sources(answer, [source.hit for source in chosen.packed])
    yield Sources(chosen)
    written: list[Written] = []
    for place, part in enumerate(chosen.parts):
        if place:
            yield Token(BETWEEN)
        text = yield from _write_part(answer, chosen, part)
        written.append(Written(text, part.packed))
    return cite(written, between=BETWEEN)


def _write_part(answer: Answer, chosen: Plan, part: Part) -> Generator[Event, None, str]:
    call = gateway.Call(
        purpose=ModelCall.Purpose.ANSWER,
        model=part.model,
        prompt=part.prompt,
        text_sensitivity=chosen.asked.sensitivity,
        text_leaving=chosen.asked.leaving,
        reason=chosen.reason,
        chunks=tuple(source.hit.chunk for source in part.packed),
        person=chosen.asked.person,
        subject=answer.pk,
        pseudonyms=part.pseudonyms,
    )
    pieces: list[str] = []
    for piece in _readable(gateway.generate(call, max_tokens=ANSWER_TOKENS), part.pseudonyms):
        pieces.append(piece)
        yield Token(piece)
    return "".join(pieces)


def _readable(pieces: Iterable[str], pseudonyms: Pseudonyms | None) -> Iterable[str]:
    """With what stands behind the aliases, if the model was given any."""
    return restored(pieces, pseudonyms.restorer()) if pseudonyms else pieces
