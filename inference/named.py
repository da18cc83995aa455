"""Which documents a query calls by name, and what it asks of them.

“What is the notice period of the Sundholt supply contract?” asks for a notice period, in one document. The name is in
the header of each of that document's chunks, where it tells none from another, and drowns what is asked for.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import PurePath
from uuid import UUID

from inference.terms import content_terms
from kb.index.protocol import Scored
from kb.models import Document, Person, Version

AMONG = 20
"""Hits whose documents may be meant."""
SHARE = 0.7
"""Of the words of a name that the query must hold."""
SHORTEST = 2
"""Words. One alone is a subject more often than a name."""


@dataclass(frozen=True, slots=True)
class Called:
    """Documents that a query names, and the query without their names."""

    documents: frozenset[UUID]
    rest: str


def called(query: str, hits: Sequence[Scored], person: Person, language: str) -> Called | None:
    """None where no document is named, or nothing is asked of it. One query, of what the person may see."""
    asked = content_terms(query, language)
    documents: set[UUID] = set()
    taken: set[int] = set()
    for document, name in _names(hits[:AMONG], person):
        terms = content_terms(_spoken(name), language)
        if len(terms) >= SHORTEST and len(terms & asked) >= SHARE * len(terms):
            documents.add(document)
            taken |= terms
    rest = " ".join(word for word in query.split() if not _is_of(word, taken, language))
    return Called(frozenset(documents), rest) if documents and content_terms(rest, language) else None


def _names(hits: Sequence[Scored], person: Person) -> Iterator[tuple[UUID, str]]:
    """Titles and file names, without their endings."""
    visible = Version.objects.filter(
        pk__in={hit.version for hit in hits}, document__in=Document.objects.visible_to(person)
    )
    for document, title, file in visible.values_list("document", "document__title", "name"):
        yield document, title
        yield document, PurePath(file).stem


def _is_of(word: str, taken: set[int], language: str) -> bool:
    terms = content_terms(_spoken(word), language)
    return bool(terms) and terms <= taken


def _spoken(name: str) -> str:
    """“supply_contract-2026” in words, because names are not always written as they are asked for."""
    return name.replace("_", " ").replace("-", " ")
