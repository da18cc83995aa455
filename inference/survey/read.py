"""One step: the chunks of a document or section → what they say about the question, with markers."""

import logging
from collections.abc import Callable, Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass

from inference import circuit, gateway, registry
from inference.cite import MARKER
from inference.hidden import hide
from inference.hits import Hit, hit_of
from inference.pack import Packed, pack
from inference.plan import Asked
from inference.prompts import NOTHING, step_prompt
from inference.pseudonyms import Pseudonyms, restored
from inference.registry import QUOTED
from inference.survey.readers import STEP_TOKENS, is_hidden, readers, room_of_step
from inference.terms import content_terms
from kb.errors import ModelUnavailable, RouteRefused, StrongroomError
from kb.models import Chunk, ModelCall, Person, RouteTable, Survey, SurveyStep

log = logging.getLogger("strongroom.survey")

SHARED = 0.5
"""Of the topic's words that a document's title and quotes must hold, to be about it."""
WITHDRAWN = "It was withdrawn, or you may no longer see it."
Wanted = Callable[[], bool]
"""Whether the answer is still waited for."""


class Stopped(Exception):
    """Nobody waits for the answer any more."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What a model wrote of some chunks, and those that it was shown."""

    text: str
    packed: tuple[Packed, ...]
    model: str


def take(step: SurveyStep, asked: Asked, table: RouteTable, wanted: Wanted) -> None:
    """Takes the step, and writes down how it ended. What the person may not see at this moment is not read.

    Raises:
        Stopped: nobody waits for the answer any more; the step is as before.
    """
    hits = visible_hits(step.chunks, asked.person)
    if not hits:
        step.settle(SurveyStep.State.WITHDRAWN, failure=WITHDRAWN, chunks=[])
        return
    try:
        finding = _read(step, hits, asked, table, wanted)
    except StrongroomError as error:
        step.settle(SurveyStep.State.FAILED, failure=str(error)[:500])
        return
    markers = {int(number) for _space, number in MARKER.findall(finding.text)}
    step.settle(
        SurveyStep.State.DONE,
        text=finding.text,
        cited=[
            [source.shown.marker, source.hit.chunk]
            for source in finding.packed
            if source.shown.marker in markers
        ],
        chunks=[source.hit.chunk for source in finding.packed],
        model=finding.model,
        failure="",
    )


def visible_hits(chunks: Iterable[int], person: Person) -> tuple[Hit, ...]:
    """Those that the person may see at this moment, in order."""
    rows = Chunk.objects.visible_to(person).filter(pk__in=list(chunks)).order_by("version", "ordinal")
    return tuple(
        hit_of(chunk, score=0.0, similarity=0.0, matched=0.0)
        for chunk in rows.select_related("version__document")
    )


def _read(step: SurveyStep, hits: Sequence[Hit], asked: Asked, table: RouteTable, wanted: Wanted) -> Finding:
    """By the first model that may, and does; at last by quotes.

    Raises:
        StrongroomError: not even quotes could be taken.
        Stopped: nobody waits for the answer any more.
    """
    for model in readers(asked, hits, table):
        try:
            return _written(model, step, hits, asked, table, wanted)
        except (ModelUnavailable, RouteRefused) as error:
            if model == QUOTED:
                raise
            log.warning("The next model reads “%s”: %s", step.pk, error)
    raise AssertionError("The last reader quotes.")


def _written(
    model: str, step: SurveyStep, hits: Sequence[Hit], asked: Asked, table: RouteTable, wanted: Wanted
) -> Finding:
    hidden = is_hidden(asked, hits, table, model)
    question = _question_for(model, step, asked)
    room = room_of_step(model, question, hidden=hidden)
    packed = pack(hits, room=room, count_tokens=registry.generator(model).count_tokens).shown
    pseudonyms = Pseudonyms(asked.conversation) if hidden else None
    shown = [source.shown for source in packed]
    if pseudonyms:
        said = hide(question, (), packed, pseudonyms)
        question, shown = said.query, list(said.shown)
    call = gateway.Call(
        purpose=ModelCall.Purpose.ANSWER,
        model=model,
        prompt=step_prompt(question, shown, language=asked.language, aliases=hidden),
        text_sensitivity=asked.sensitivity,
        text_leaving=asked.leaving,
        reason=f"Step {step.ordinal} of {step.survey.size} of reading all.",
        chunks=tuple(source.hit.chunk for source in packed),
        person=asked.person,
        subject=step.survey.answer_id,
        pseudonyms=pseudonyms,
    )
    text = said_by(call, STEP_TOKENS, wanted)
    return Finding("" if _says_nothing(text, model, step) else text, packed, model)


def said_by(call: gateway.Call, max_tokens: int, wanted: Wanted) -> str:
    """All that the model says, with what stands behind aliases.

    Raises:
        RouteRefused, ModelUnavailable: as the gateway's.
        Stopped: nobody waits for it any more; the model was stopped.
    """
    stream = gateway.generate(call, max_tokens=max_tokens)
    pieces = stream if call.model == QUOTED else circuit.watched(call.model, stream)
    said = list[str]()
    with closing(stream):
        for piece in restored(pieces, call.pseudonyms.restorer()) if call.pseudonyms else pieces:
            said.append(piece)
            if not wanted():
                raise Stopped
    return "".join(said).strip()


def _question_for(model: str, step: SurveyStep, asked: Asked) -> str:
    """Quotes of a section are those that are nearest to what it is headed by."""
    if step.survey.kind == Survey.Kind.COMPARE:
        return step.survey.topic
    return step.heading if model == QUOTED else asked.query


def _says_nothing(text: str, model: str, step: SurveyStep) -> bool:
    """A model says so; quotes are about something else when they share too few words with the topic."""
    if model != QUOTED:
        return not text or NOTHING in text
    asked = content_terms(step.survey.topic)
    shared = asked & content_terms(f"{step.heading} {text}")
    return step.survey.kind == Survey.Kind.COMPARE and len(shared) < SHARED * len(asked)
