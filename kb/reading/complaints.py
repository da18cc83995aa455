"""Complaints about answers and citations, as somebody may read them who manages what they stand on."""

from collections.abc import Sequence
from dataclasses import dataclass

from kb.models import Answer, Chunk, Citation, Feedback, Person


@dataclass(frozen=True, slots=True)
class Complaint:
    """Question, answer and note may hold anything that the answer drew on: of a withheld one they are not told.

    `citations` are those that it is about and that the person may see.
    """

    feedback: Feedback
    citations: tuple[Citation, ...]
    withheld: bool


def complaints(waiting: Sequence[Feedback], person: Person) -> list[Complaint]:
    """Of feedback that `to_resolve_by` gave. Two queries."""
    answers = [each.answer_id for each in waiting]
    readable = set(Answer.objects.readable_by(person).filter(pk__in=answers).values_list("pk", flat=True))
    cited = Citation.objects.filter(answer__in=answers, chunk__in=Chunk.objects.citable_by(person))
    citations = list(cited.select_related("chunk__version__document"))
    return [
        Complaint(
            each,
            tuple(citation for citation in citations if _is_about(each, citation)),
            withheld=each.answer_id not in readable,
        )
        for each in waiting
    ]


def _is_about(feedback: Feedback, citation: Citation) -> bool:
    if feedback.citation_id is None:
        return citation.answer_id == feedback.answer_id
    return citation.pk == feedback.citation_id
