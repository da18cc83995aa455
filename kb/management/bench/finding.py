"""How fast chunks are found, and answers begin."""

import time
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from inference.ask import Token, ask, pose
from inference.retrieve import retrieve
from kb.management.bench.report import Answering, Searching
from kb.models import Chunk, Person
from kb.sample.golden import GoldenQuestion, golden_questions

ROUNDS = 4
"""Times that each question is searched for; the first of all is not counted, as it loads the embedder."""


@dataclass(frozen=True, slots=True)
class _Timed:
    """Seconds from a question to the first token, None where nothing was found, and to the end."""

    first: float | None
    whole: float


def measure_search() -> Searching:
    """The questions of the sample, each by the person who asks it there, through all of `retrieve`."""
    questions = golden_questions()
    people = _people()
    retrieve(questions[0].question, people[questions[0].ask_as])
    seconds = [
        _search(question.question, people[question.ask_as]) for _ in range(ROUNDS) for question in questions
    ]
    return Searching(
        chunks=Chunk.objects.count(),
        searches=len(seconds),
        p50_ms=round(float(np.percentile(seconds, 50)) * 1000, 1),
        p95_ms=round(float(np.percentile(seconds, 95)) * 1000, 1),
    )


def measure_answers() -> Answering:
    """The sample's questions that have an answer, asked once each."""
    people = _people()
    asked = [question for question in golden_questions() if question.expect == "answer"]
    found = [
        timed for question in asked if (timed := _ask(question, people[question.ask_as])).first is not None
    ]
    first = [timed.first for timed in found if timed.first is not None]
    return Answering(
        chunks=Chunk.objects.count(),
        questions=len(asked),
        found=len(found),
        first_token_p50=_percentile(first, 50),
        first_token_p95=_percentile(first, 95),
        whole_p50=_percentile([timed.whole for timed in found], 50),
    )


def _people() -> dict[str, Person]:
    return {person.username: person for person in Person.objects.all()}


def _search(query: str, person: Person) -> float:
    begun = time.perf_counter()
    retrieve(query, person)
    return time.perf_counter() - begun


def _ask(question: GoldenQuestion, person: Person) -> _Timed:
    begun = time.perf_counter()
    first = None
    for event in ask(pose(person, question.question)):
        if first is None and isinstance(event, Token) and event.text:
            first = time.perf_counter() - begun
    return _Timed(first, time.perf_counter() - begun)


def _percentile(seconds: Sequence[float], percent: int) -> float:
    return round(float(np.percentile(seconds, percent)), 3) if seconds else 0.0
