"""What a person is told where the documents do not answer: what is missing, what comes nearest, and whom to ask."""

from collections.abc import Sequence
from dataclasses import dataclass

from inference.evidence.missing import Missing
from kb.models import Answer, Document, Person


@dataclass(frozen=True, slots=True)
class Refusal:
    """`nearest` are documents that the person may see now, the nearest first."""

    sentences: Sequence[str]
    nearest: Sequence[Document]


def refusal_of(answer: Answer, person: Person) -> Refusal | None:
    """None where the answer is no refusal. One query."""
    if not answer.missing:
        return None
    missing = Missing.read(answer.missing)
    among = Document.objects.visible_to(person).filter(pk__in=missing.documents).select_related("owner")
    nearest = sorted(among, key=lambda document: missing.documents.index(document.pk))
    return Refusal(missing.sentences(), nearest)
