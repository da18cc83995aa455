"""What is known to answer which question: golden questions, and answers that the person who asked confirmed."""

import hashlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from ingestion.evaluate.golden import line_of, resolved
from ingestion.evaluate.judged import WORD, Query
from ingestion.evaluate.readers import as_expected, queries_in
from kb.errors import Rejected
from kb.models import Answer, Chunk, Citation, Feedback, GoldenQuestion, GoldenSet, Person
from kb.models.golden import GoldenSetQuerySet

HELD_OUT = 30
"""Percent of the golden questions: they measure, and never teach."""


@dataclass(frozen=True, slots=True)
class Confirmed:
    """A question, and the chunks that its confirmed answer cites: those that the person may see."""

    text: str
    chunks: tuple[Chunk, ...]


def golden(person: Person, names: Sequence[str]) -> tuple[Query, ...]:
    """The questions of the person's sets, or of those named, each with the ids of the documents that answer it.

    Raises:
        Rejected: there is no such set, or a document that the person cannot see.
    """
    sets = _sets(person, names)
    rows = GoldenQuestion.objects.filter(golden_set__in=sets)
    queries = queries_in(as_expected(line_of(row) for row in rows))
    return tuple(resolved(queries, person))


def split(queries: Sequence[Query]) -> tuple[list[Query], list[Query]]:
    """Those that teach, and those that are held out; a question is on the same side each time, in any set."""
    teaching = [query for query in queries if not is_held_out(query.text)]
    return teaching, [query for query in queries if is_held_out(query.text)]


def is_held_out(question: str) -> bool:
    return int(hashlib.sha256(wording(question).encode()).hexdigest(), 16) % 100 < HELD_OUT


def wording(question: str) -> str:
    """The same for questions that differ only in case, spaces and punctuation."""
    return " ".join(WORD.findall(question.casefold()))


def confirmed(person: Person, *, but_for: Collection[str]) -> list[Confirmed]:
    """What people confirmed, of answers that this person could read too, without the questions `but_for`.

    A follow-up is left out: what it asks is only said by the questions before it.
    """
    excluded = {wording(question) for question in but_for}
    confirming = Feedback.objects.confirming().select_related("answer__question").order_by("given_at")
    answers = (each.answer for each in confirming)
    readable = (
        answer
        for answer in answers
        if wording(answer.question.text) not in excluded and answer.readable_by(person) and _began(answer)
    )
    found = (Confirmed(answer.question.text, _cited(answer, person)) for answer in readable)
    return [each for each in found if each.chunks]


def _sets(person: Person, names: Sequence[str]) -> GoldenSetQuerySet:
    mine = GoldenSet.objects.visible_to(person)
    if not names:
        return mine
    known = set(mine.values_list("name", flat=True))
    if unknown := [name for name in names if name not in known]:
        there = f"The sets are: {', '.join(sorted(known))}." if known else "There is none yet."
        raise Rejected(f"{person.username} has no set of golden questions named “{unknown[0]}”. {there}")
    return mine.filter(name__in=names)


def _began(answer: Answer) -> bool:
    return answer.question.conversation.questions.first() == answer.question


def _cited(answer: Answer, person: Person) -> tuple[Chunk, ...]:
    cited = Citation.objects.filter(answer=answer, supported=True, chunk__in=Chunk.objects.visible_to(person))
    chunks = (citation.chunk for citation in cited.select_related("chunk__version__document"))
    return tuple(chunk for chunk in chunks if chunk is not None)
