"""What was said before in a conversation, and what an answer that builds on it stands on as well."""

from uuid import UUID

from django.db.models import Q, QuerySet

from inference.protocols import Turn
from kb.models import Answer, Chunk, Document, Question

LOOKED_AT = 8
"""Exchanges, the last ones, that are looked at for what bears on a question."""

Following = frozenset[UUID] | None
"""The answers of a conversation that a question follows, by their ids; None: all before it."""


def earlier(question: Question, following: Following = None) -> tuple[Turn, ...]:
    """The exchanges before, in order, that the person may still read: what was withdrawn since does not come back.

    Their questions are as they were understood, so that each stands alone.
    """
    person = question.asker
    answers = (
        Answer.objects.filter(question__conversation=question.conversation, state=Answer.State.DONE)
        .filter(question__created_at__lt=question.created_at)
        .filter(Q() if following is None else Q(pk__in=following))
        .select_related("question")
        .order_by("-question__created_at")[:LOOKED_AT]
    )
    return tuple(turn_of(answer) for answer in reversed(answers) if answer.readable_by(person))


def turn_of(answer: Answer) -> Turn:
    return Turn(answer.understood_as or answer.question.text, answer.text, source=answer.pk)


def documents_of(turns: tuple[Turn, ...]) -> QuerySet[Document]:
    """All that the answers of these exchanges were made from."""
    return Document.objects.filter(pk__in=_answers(turns).values("drew_on"))


def chunks_of(turns: tuple[Turn, ...]) -> QuerySet[Chunk]:
    """All chunks that these answers were made from."""
    return Chunk.objects.filter(pk__in=_answers(turns).values("shown"))


def _answers(turns: tuple[Turn, ...]) -> QuerySet[Answer]:
    return Answer.objects.filter(pk__in=[turn.source for turn in turns])
