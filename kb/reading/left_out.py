"""What did not fit into a model's window, as one person may know it."""

from collections.abc import Sequence
from dataclasses import dataclass

from kb.models import Answer, Document, Person


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Passages of documents that the person may see now, in all, and these documents."""

    passages: int
    documents: Sequence[Document]


def left_out(answer: Answer, person: Person) -> LeftOut | None:
    """None where all fitted. One query at most."""
    if not answer.left_out:
        return None
    passages = dict(answer.left_out)
    documents = list(Document.objects.visible_to(person).filter(pk__in=passages).order_by("title"))
    return LeftOut(sum(passages[str(each.pk)] for each in documents), documents) if documents else None
