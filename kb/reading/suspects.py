"""Documents that conceal text or speak to language models, as somebody reads of them who may clear them."""

from dataclasses import dataclass

from kb.hidden import HiddenText, hidden_texts
from kb.models import Chunk, Document, Person

PASSAGES = 5
"""Of each document that are shown; its page has the others."""


@dataclass(frozen=True, slots=True)
class Suspect:
    """A document of `suspicious_to`, and why a person should look at it."""

    document: Document
    speaking: tuple[Chunk, ...]
    """Passages with an `instruction`."""
    further: int
    """Such passages that are not listed."""
    hidden: tuple[HiddenText, ...]


def suspect(document: Document, person: Person) -> Suspect:
    chunks = Chunk.objects.visible_to(person).filter(version=document.current_version_id)
    speaking = chunks.exclude(instruction="").order_by("ordinal")
    version = document.current_version
    return Suspect(
        document=document,
        speaking=tuple(speaking[:PASSAGES]),
        further=max(0, speaking.count() - PASSAGES),
        hidden=hidden_texts(version) if version else (),
    )
