"""What is suspicious of a document: text that it conceals, and sentences that speak to models; and clearing it."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone

from inference.injection import instruction_in
from ingestion.parse.elements import CONCEALED, Hidden
from kb.errors import Denied
from kb.models import Document, Event, Person, Version
from kb.models.chunks import INSTRUCTION_LENGTH

HiddenRow = list[str | int | None]
"""How, text and page, as a version keeps it."""


@dataclass(frozen=True, slots=True)
class Suspicion:
    """`instructions` has the sentence of each passage that speaks to a model, or an empty one, in their order.

    `ordered` says whether some of the hidden text speaks to a model.
    """

    hidden: tuple[Hidden, ...]
    instructions: tuple[str, ...]
    ordered: bool

    @property
    def any(self) -> bool:
        """Whether a person should look. Comments, properties and hidden sheets are no reason by themselves."""
        return self.ordered or any(self.instructions) or any(each.how in CONCEALED for each in self.hidden)

    @property
    def hidden_rows(self) -> list[HiddenRow]:
        return [[each.how.value, each.text, each.page] for each in self.hidden]


def suspicion_of(hidden: Sequence[Hidden], passages: Sequence[str]) -> Suspicion:
    """Runs no model: some milliseconds a passage."""
    return Suspicion(
        hidden=tuple(hidden),
        instructions=tuple(instruction_in(text)[:INSTRUCTION_LENGTH] for text in passages),
        ordered=any(instruction_in(each.text) for each in hidden),
    )


def clear(document: Document, person: Person) -> None:
    """Says that what is suspicious of the document is harmless, so that language models may read all of it.

    Raises:
        Denied: the person may not change the document, does not see the whole of it, or there is nothing to clear.
    """
    with transaction.atomic():
        if not Document.objects.suspicious_to(person).filter(pk=document.pk).exists():
            raise Denied("There is nothing in this document that you could clear.")
        current = Document.objects.filter(pk=document.pk).values("current_version")
        Version.objects.filter(pk__in=current).update(cleared_at=timezone.now())
        Event.objects.create(person=person, verb=Event.Verb.CLEAR, subject=document.pk)
