"""Answers that people have confirmed, as golden questions that they would make."""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from django.db.models import OuterRef, QuerySet, Subquery

from ingestion.evaluate.key_span import key_span
from kb.models import Answer, Chunk, Citation, Feedback, GoldenQuestion, Person, Question


@dataclass(frozen=True, slots=True)
class Confirmed:
    """A confirmed answer, its first source that the person may see, and what of its quote an answer must hold."""

    feedback: Feedback
    citation: Citation
    chunk: Chunk
    words: str

    @property
    def answer(self) -> Answer:
        return self.feedback.answer

    @property
    def question(self) -> str:
        return self.feedback.answer.question.text


def confirmed_for(person: Person) -> QuerySet[Feedback]:
    """Of answers that the person may read, with a source, that began a conversation and are no golden question of his.

    A follow-up is left out: what it asks is only said by the questions before it.
    """
    first = Question.objects.filter(conversation=OuterRef("answer__question__conversation"))
    known = GoldenQuestion.objects.filter(golden_set__owner=person)
    return (
        Feedback.objects.confirming()
        .filter(
            answer__in=Answer.objects.readable_by(person).values("pk"),
            answer__question=Subquery(first.order_by("created_at").values("pk")[:1]),
        )
        .filter(answer__in=_sources(person).values("answer"))
        .exclude(answer__question__text__in=known.values("text"))
        .select_related("answer__question")
    )


def shown(rows: Iterable[Feedback], person: Person) -> list[Confirmed]:
    """In the same order. One query."""
    rows = list(rows)
    cited = _sources(person).filter(answer__in=[each.answer_id for each in rows])
    first: dict[UUID, Citation] = {}
    for citation in cited.select_related("chunk__version__document").order_by("marker"):
        first.setdefault(citation.answer_id, citation)
    return [_confirmed(each, first[each.answer_id]) for each in rows]


def _sources(person: Person) -> QuerySet[Citation]:
    return Citation.objects.filter(supported=True, chunk__in=Chunk.objects.visible_to(person))


def _confirmed(feedback: Feedback, citation: Citation) -> Confirmed:
    assert citation.chunk is not None  # noqa: S101  # Only citations of visible chunks come here.
    words = key_span(feedback.answer.question.text, citation.quote)
    return Confirmed(feedback, citation, citation.chunk, words)
