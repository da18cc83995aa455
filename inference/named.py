"""Which documents a query calls by name, and what it asks of them.

“What is the notice period of the Sundholt supply contract?” asks for a notice period, in one document. The name is in
the header of each of that document's chunks, where it tells none from another, and drowns what is asked for. What is
asked may also be the document itself: its date, its parties, what it is called. Its opening says so.
"""

from collections.abc import Iterable, Iterator, Sequence, Set
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


@dataclass(frozen=True, slots=True)
class _Name:
    """A title, or a file name without its ending, in the ids of its content words."""

    document: UUID
    version: UUID
    terms: frozenset[int]

    def is_in(self, asked: Set[int]) -> bool:
        return len(self.terms) >= SHORTEST and len(self.terms & asked) >= SHARE * len(self.terms)


def called(query: str, hits: Sequence[Scored], person: Person, language: str) -> Called | None:
    """None where no document that the person may see is named, or nothing is asked of it. One query, or two."""
    asked = content_terms(query, language)
    named = [each for each in _names(hits[:AMONG], language) if each.is_in(asked)]
    if not named:
        return None
    visible = set(_visible({each.document for each in named}, person))
    named = [each for each in named if each.document in visible]
    taken = frozenset[int]().union(*(each.terms for each in named))
    rest = _without(query, taken, language)
    if not named or not rest:
        return None
    return Called(frozenset(each.document for each in named), frozenset(each.version for each in named), rest)


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


def _names(hits: Sequence[Scored], language: str) -> Iterator[_Name]:
    """Of whatever the index found: few queries name anything, so that is decided first."""
    found = Version.objects.filter(pk__in={hit.version for hit in hits}).order_by()
    for document, version, title, file in found.values_list("document", "pk", "document__title", "name"):
        for name in (title, PurePath(file).stem):
            yield _Name(document, version, content_terms(_spoken(name), language))


def _visible(documents: Set[UUID], person: Person) -> Iterable[UUID]:
    return Document.objects.visible_to(person).filter(pk__in=documents).values_list("pk", flat=True)


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
