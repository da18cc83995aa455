"""How well questions are answered: asked through the product's own flow, and thrown away."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Sum

from inference.ask import Token, ask, pose
from inference.cite import MARKER
from ingestion.evaluate.expected import Expected, Said, hits, is_right, leaks, score
from ingestion.evaluate.judged import LookUp, Tracked, untracked
from kb.models import Answer, Citation, ModelCall, Person, Question

SUPPORTED = "supported"
"""What the support check says of a sentence that its sources hold."""


@dataclass(frozen=True, slots=True)
class Asker:
    """Who asks, and the chunks that he may see as they are judged."""

    person: Person
    look_up: LookUp


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a question. Times are wall time in seconds.

    `hit`: a citation stands on what answers; None where nothing is named or it was refused. `supported`: the share of
    sentences that the support check calls so; None where there was none. `failure` is empty when it was answered.
    """

    question: str
    ask_as: str
    refuse: bool
    refused: bool
    right: bool
    score: float
    hit: bool | None
    leaked: bool
    supported: float | None
    seconds: float
    first_token: float | None
    cost_usd: float
    failure: str = ""


@dataclass(frozen=True, slots=True)
class _Place:
    version: UUID
    ordinal: int


def ask_all(
    expected: Sequence[Expected], asker: Callable[[Expected], Asker], *, tracked: Tracked = untracked
) -> list[Outcome]:
    """Asks every question in a conversation of its own. The first is asked twice: it loads what others find loaded."""
    _asked(expected[0], asker(expected[0]))
    return [_asked(each, asker(each)) for each in tracked(expected, "Asking")]


def _asked(expected: Expected, asker: Asker) -> Outcome:
    question = pose(asker.person, expected.query.text)
    try:
        began, first = time.perf_counter(), None
        for event in ask(question):
            if first is None and isinstance(event, Token) and event.text:
                first = time.perf_counter() - began
        return _outcome(expected, question, asker.look_up, (time.perf_counter() - began, first))
    finally:
        question.conversation.delete()


def _outcome(
    expected: Expected, question: Question, look_up: LookUp, times: tuple[float, float | None]
) -> Outcome:
    answer = Answer.objects.get(question=question)
    said = _said(answer, look_up)
    failed = answer.state != Answer.State.DONE
    worth = 0.0 if failed else score(expected, said)
    judged = bool(expected.query.gold) and not said.refused
    return Outcome(
        question=expected.query.text,
        ask_as=expected.ask_as,
        refuse=expected.refuse,
        refused=said.refused and not failed,
        right=is_right(expected, worth),
        score=worth,
        hit=hits(expected.query.gold, said.cited) if judged else None,
        leaked=leaks(expected, said),
        supported=_supported(answer),
        seconds=times[0],
        first_token=times[1],
        cost_usd=_cost(answer),
        failure=(answer.failure or "It was not finished.") if failed else "",
    )


def _said(answer: Answer, look_up: LookUp) -> Said:
    citations = list(Citation.objects.filter(answer=answer).select_related("chunk"))
    chunks = [each.chunk for each in citations if each.chunk]
    places = [_Place(chunk.version_id, chunk.ordinal) for chunk in chunks]
    return Said(
        MARKER.sub("", answer.text),
        cited=tuple(look_up(places)),
        quotes=tuple(each.quote for each in citations),
        refused=not answer.found,
    )


def _supported(answer: Answer) -> float | None:
    verdicts = [each["verdict"] for each in getattr(answer, "support", ())]
    return verdicts.count(SUPPORTED) / len(verdicts) if verdicts else None


def _cost(answer: Answer) -> float:
    """In US dollars, as far as prices are known."""
    spent = ModelCall.objects.filter(subject=answer.pk).aggregate(sum=Sum("cost_usd"))["sum"]
    return float(spent or 0.0)
