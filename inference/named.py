"""Which documents a query calls by name, and what it asks of them.

“What is the notice period of the Sundholt supply contract?” asks for a notice period, in one document. The name is in
the header of each of that document's chunks, where it tells none from another, and drowns what is asked for. What is
asked may also be the document itself: its date, its parties, what it is called. Its opening says so.
"""

from collections.abc import Iterator, Sequence, Set
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
OPENING = 2
"""Chunks with which a document opens."""
OPENING_PLACE = 4
"""Hits before the opening of a named document, which is put there when it is not found by itself."""
_OF_THE_TEXT = """
    about according clause clauses contain contained contains include included includes mention mentioned mentions
    paragraph paragraphs provision provisions said say says section sections there
    absatz abschnitt bestimmung bestimmungen enthalten enthält erwähnt klausel klauseln laut paragraf sagt steht
"""
OF_THE_TEXT = frozenset(_OF_THE_TEXT.split())
"""Words that speak of a document as a text: “does it contain a clause on notice?” asks for notice. English, German."""


@dataclass(frozen=True, slots=True)
class Called:
    """Documents that a query names, their versions, and the query without their names."""

    documents: frozenset[UUID]
    versions: frozenset[UUID]
    rest: str


def called(query: str, hits: Sequence[Scored], person: Person, language: str) -> Called | None:
    """None where no document is named, or nothing is asked of it. One query, of what the person may see."""
    asked = content_terms(query, language)
    documents: set[UUID] = set()
    versions: set[UUID] = set()
    taken: set[int] = set()
    for document, version, name in _names(hits[:AMONG], person):
        terms = content_terms(_spoken(name), language)
        if len(terms) >= SHORTEST and len(terms & asked) >= SHARE * len(terms):
            documents.add(document)
            versions.add(version)
            taken |= terms
    rest = _without(query, taken, language)
    return Called(frozenset(documents), frozenset(versions), rest) if documents and rest else None


def with_opening(hits: Sequence[Scored], versions: Set[UUID]) -> list[Scored]:
    """The hits with the opening of the best of the named versions among the first, if it is not there yet."""
    best = next((hit.version for hit in hits if hit.version in versions), None)
    if best is None or len(hits) <= OPENING_PLACE:
        return list(hits)
    before, after = hits[:OPENING_PLACE], hits[OPENING_PLACE:]
    score = after[0].score
    opening = [
        Scored(best, ordinal, score)
        for ordinal in range(OPENING)
        if (best, ordinal) not in {(hit.version, hit.ordinal) for hit in before}
    ]
    rest = [hit for hit in after if hit.version != best or hit.ordinal >= OPENING]
    return [*before, *opening, *rest]


def _names(hits: Sequence[Scored], person: Person) -> Iterator[tuple[UUID, UUID, str]]:
    """Document, version, and a name: titles, and file names without their endings."""
    visible = Version.objects.filter(
        pk__in={hit.version for hit in hits}, document__in=Document.objects.visible_to(person)
    )
    for document, version, title, file in visible.values_list("document", "pk", "document__title", "name"):
        yield document, version, title
        yield document, version, PurePath(file).stem


def _without(query: str, taken: Set[int], language: str) -> str:
    """What the query asks, without names and without words that speak of the text; empty when nothing is left."""
    unnamed = [word for word in query.split() if not _is_of(word, taken, language)]
    asked = [word for word in unnamed if word.casefold().strip("?.,:;!\"'“”„«»") not in OF_THE_TEXT]
    for words in (asked, unnamed):
        if content_terms(rest := " ".join(words), language):
            return rest
    return ""


def _is_of(word: str, taken: Set[int], language: str) -> bool:
    terms = content_terms(_spoken(word), language)
    return bool(terms) and terms <= taken


def _spoken(name: str) -> str:
    """“supply_contract-2026” in words, because names are not always written as they are asked for."""
    return name.replace("_", " ").replace("-", " ")
