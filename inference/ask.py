"""THE FLOW: a question and the person who asks → events, and at the end an answer with citations that hold.

authorise ─▶ retrieve ─▶ route ─▶ synthesise ─▶ cite ─▶ record
"""

import logging
from collections.abc import Generator, Iterable, Sequence
from dataclasses import dataclass, replace

from django.conf import settings
from django.db import transaction

from inference import budget, circuit, gateway
from inference.cite import CitedAnswer, Written, cite
from inference.conflicts import conflicts
from inference.earlier import Following, earlier
from inference.evidence import suffices
from inference.evidence.missing import look_into
from inference.fallback import Miss, missed, plan_after
from inference.followup import relevant, understood
from inference.narrowing import noted, read
from inference.plan import ANSWER_TOKENS, Asked, Part, Plan, asked_of, on_premises
from inference.pseudonyms import Pseudonyms, restored
from inference.recheck import check_sources
from inference.record import Clock, carry, keep, pin, record, record_nothing, settle
from inference.registry import QUOTED
from inference.retrieve import ANYWHERE, retrieve
from inference.selection import OFFERED, Evidence, evidence
from inference.standing import shortfall
from inference.turns import turn
from kb.errors import ModelUnavailable, Rejected, RouteRefused, StrongroomError
from kb.index.protocol import Narrowing
from kb.models import Answer, Conversation, Leaving, ModelCall, Person, Question, RouteRule, RouteTable
from kb.models.answers import TITLE_LENGTH

log = logging.getLogger("strongroom.ask")

BETWEEN = "\n\n"
"""What stands between two parts of an answer."""


@dataclass(frozen=True, slots=True)
class Sources:
    """What the answer will be made from, and where. A second one means that the text begins anew."""

    plan: Plan


@dataclass(frozen=True, slots=True)
class Token:
    """The next piece of the answer's text; an empty one says that nothing came for a while."""

    text: str


@dataclass(frozen=True, slots=True)
class Gap(Token):
    """What stands between two parts of the answer: the text of the next one follows."""

    text: str = BETWEEN


@dataclass(frozen=True, slots=True)
class Finished:
    """The answer is recorded, whatever became of it."""

    answer: Answer


Event = Sources | Token | Finished


def pose(
    person: Person,
    text: str,
    *,
    conversation: Conversation | None = None,
    leaving: Leaving = Leaving.FREELY,
    narrowing: Narrowing = ANYWHERE,
) -> Question:
    """Writes the question down, with the answer that it waits for. Runs nothing.

    `leaving` is the person's own wish: at most this, whatever the routes allow. The conversation is held to it.
    `narrowing` stays with the question: an answer that is written once more is kept to it, too.

    Raises:
        Rejected: the question is empty or too long.
        BudgetSpent: the person has used up what he, his key or a group of his may.
    """
    text = _checked(text)
    budget.check(person)
    with transaction.atomic():
        thread = conversation or Conversation.objects.create(person=person, title=text[:TITLE_LENGTH])
        question = Question.objects.create(
            conversation=thread,
            text=text,
            leaving=leaving,
            narrowing=noted(narrowing),
            key_id=_key_of(person),
        )
        thread.tighten(thread.sensitivity, leaving)  # Also where nothing will be found to answer from.
        Answer.objects.create(question=question)
    return question


def _key_of(person: Person) -> int | None:
    return person.bounds.key if person.bounds else None


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


def ask(question: Question, *, following: Following = None) -> Generator[Event, None, None]:
    """Answers a question, as the person whose conversation it is in, kept to the key that it was asked
    with. Closing the iterator stops the model.

    It follows what was said before in the conversation, or only the answers of `following`.
    An answer is written once: a caller who comes second gets the recorded one. Failures end in a recorded
    answer too, whose `failure` is a sentence for the person, and which keeps the text that was there by then.
    """
    answer = question.answer
    if not answer.claim():
        answer.refresh_from_db()
        yield Finished(answer)
        return
    try:
        yield from _answer(answer, question, following)
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


def _answer(answer: Answer, question: Question, following: Following) -> Generator[Event, None, None]:
    clock = Clock()
    table = RouteRule.objects.table()
    asked, found = find(question, table, following)
    clock.lap("retrieve")
    carry(answer, asked)
    if not found.best:
        missing = look_into(asked.query, asked.person, narrowing=read(question.narrowing))
        record_nothing(answer, asked.sensitivity, missing, clock)
        return
    chosen, cited = yield from _synthesise(answer, asked, found, table)
    clock.lap("generate")
    answer.conflicts = [each.kept() for each in conflicts(asked.query, cited.citations, chosen.packed)]
    record(answer, cited, chosen, clock)


def find(question: Question, table: RouteTable, following: Following = None) -> tuple[Asked, Evidence]:
    """What is asked, and the evidence for an answer; none where what was found does not suffice."""
    with turn:
        before = earlier(question, following)
        meant = understood(question.text, before)
        found = retrieve(meant.text, question.asker, narrowing=read(question.narrowing), limit=OFFERED)
        asked = asked_of(question, meant.text, relevant(meant, before), table)
        asked = replace(asked, language=found.language, rest=found.rest)
        chosen = evidence(meant.text, found.hits)
        enough = suffices(asked.sought, chosen.best, language=asked.language)
    return asked, chosen if enough else Evidence()


def preview(
    person: Person, text: str, *, conversation: Conversation | None = None, leaving: Leaving = Leaving.FREELY
) -> Plan | None:
    """What would be sent for a question, and where; None where no source is near enough, so that nothing would be.

    Nothing is sent, and nothing stays written down: neither the question nor an alias.

    Raises:
        Rejected: the question is empty or too long.
    """
    thread = conversation or Conversation(person=person)
    question = Question(conversation=thread, text=_checked(text), leaving=leaving, key_id=_key_of(person))
    table = RouteRule.objects.table()
    asked, found = find(question, table)
    if not found.best:
        return None
    with transaction.atomic():
        thread.save()  # For as long as aliases need a conversation that they belong to.
        planned = plan_after((), asked, found, table)
        transaction.set_rollback(True)
    return planned


def _synthesise(
    answer: Answer, asked: Asked, found: Evidence, table: RouteTable
) -> Generator[Event, None, tuple[Plan, CitedAnswer]]:
    """Writes the answer with the first model of the chain that begins to, and by quotes if none does, or if what it
    wrote does not stand on its sources."""
    misses: list[Miss] = []
    while True:
        chosen = plan_after(misses, asked, found, table)
        try:
            cited = yield from _write(answer, chosen, table)
        except (ModelUnavailable, RouteRefused) as error:
            # Words that were shown stay: no other model's take their place.
            if chosen.only_quotes or answer.text:
                raise
            log.warning("The next model is asked: %s", error)
            misses.append(missed(chosen, error))
            continue
        if not (why := shortfall(chosen, cited)):
            return chosen, cited
        instead = on_premises(asked, found.best, f"Answered by quotes because {why}.")
        return instead, (yield from _write(answer, instead, table))


def _write(answer: Answer, chosen: Plan, table: RouteTable) -> Generator[Event, None, CitedAnswer]:
    """Writes the answer by the plan. What there is of one that breaks off is kept."""
    pin(answer, chosen, table)
    check_sources(answer, [source.hit for source in chosen.packed])
    yield Sources(chosen)
    said: list[list[str]] = []
    try:
        for part in chosen.parts:
            if said:
                yield Gap()
            said.append([])
            for piece in _pieces(answer, chosen, part):
                said[-1].append(piece)
                yield Token(piece)
    except (GeneratorExit, StrongroomError):
        keep(answer, _cited(chosen, said), chosen)
        raise
    return _cited(chosen, said)


def _pieces(answer: Answer, chosen: Plan, part: Part) -> Iterable[str]:
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
    pieces = gateway.generate(call, max_tokens=ANSWER_TOKENS)
    if part.model != QUOTED:
        pieces = circuit.watched(part.model, pieces)
    return _readable(pieces, part.pseudonyms)


def _readable(pieces: Iterable[str], pseudonyms: Pseudonyms | None) -> Iterable[str]:
    """With what stands behind the aliases, if the model was given any."""
    return restored(pieces, pseudonyms.restorer()) if pseudonyms else pieces


def _cited(chosen: Plan, said: Sequence[Sequence[str]]) -> CitedAnswer:
    """What was said by the parts that were begun."""
    begun = zip(said, chosen.parts, strict=False)
    written = [Written("".join(pieces), part.packed) for pieces, part in begun]
    return cite(written, between=BETWEEN, question=chosen.asked.query, language=chosen.asked.language)
