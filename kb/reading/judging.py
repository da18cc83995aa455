"""Saying whether an answer, or one of its citations, is any good: for the person who asked."""

from uuid import UUID

from django.http import Http404
from django.shortcuts import get_object_or_404

from kb.models import Answer, Chunk, Citation, Feedback, Person


def answer_to(person: Person, answer_id: UUID) -> Answer:
    """A finished answer that this person asked for and may still read.

    Raises:
        Http404: it is none.
    """
    mine = Answer.objects.readable_by(person).filter(
        question__conversation__person=person, state=Answer.State.DONE
    )
    return get_object_or_404(mine.select_related("question__conversation"), pk=answer_id)


def citation_of(answer: Answer, marker: int, person: Person) -> Citation:
    """
    Raises:
        Http404: it has none that the person may see now.
    """
    return get_object_or_404(answer.citations, marker=marker, chunk__in=Chunk.objects.visible_to(person))


def judge(answer: Answer, citation: Citation | None, *, helpful: bool, reason: str, note: str) -> None:
    """Notes the thumb, or changes it. A complaint has a reason.

    Raises:
        Http404: an answer that found nothing has nothing to confirm.
    """
    if helpful and citation is None and not answer.found:
        raise Http404
    Feedback.give(answer, citation, helpful=helpful, reason=reason, note=note)


def take_back(answer: Answer, citation: Citation | None) -> None:
    Feedback.objects.filter(answer=answer, citation=citation).delete()
