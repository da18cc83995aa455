"""The passages that fit a search, and the documents that its facets count."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from django.db.models import QuerySet

from inference.hits import Hit
from inference.retrieve import Found as Retrieved
from inference.retrieve import retrieve
from kb.index.protocol import Narrowing
from kb.models import Document, Person
from kb.portal.facets import SENSITIVITY, Trait, Value, narrowed, narrowing
from kb.portal.holdings import fits
from kb.portal.sought import Sought

MOST = 100
"""Passages that one search finds: nobody reads on, and each is looked up in SQL."""


@dataclass(frozen=True, slots=True)
class Finding:
    """The hits that fit, the best first. `documents` are theirs, and those that other filters would give."""

    hits: tuple[Hit, ...]
    documents: QuerySet[Document]
    lexical_only: bool
    language: str
    """In which the search was understood (ISO 639-1); empty where the library does not say."""

    @property
    def full(self) -> bool:
        """Whether there may be more."""
        return len(self.hits) == MOST

    @property
    def in_documents(self) -> int:
        return len({hit.document for hit in self.hits})


def find(sought: Sought, person: Person) -> Finding:
    """Searches once with the filters and, for the facets' sake, once without those that are chosen.

    Raises:
        Unavailable: the index or the models' weights are away.
    """
    found = _retrieved(sought, person, sought.choices)
    hits = tuple(filter(fits, found.hits))
    elsewhere = filter(fits, _retrieved(sought, person, {}).hits) if sought.choices else ()
    ids = {hit.document for hit in (*hits, *elsewhere)}
    documents = Document.objects.visible_to(person).filter(pk__in=ids)
    return Finding(hits, documents, found.lexical_only, found.language)


def _retrieved(sought: Sought, person: Person, choices: Mapping[Trait, Value]) -> Retrieved:
    return retrieve(sought.words, person, narrowing=_narrowing(sought, person, choices), limit=MOST)


def _narrowing(sought: Sought, person: Person, choices: Mapping[Trait, Value]) -> Narrowing:
    """The index knows all but the documents' labels: to these it is narrowed by the documents. One query at most."""
    kept = replace(narrowing(choices), since=sought.since, until=sought.until)
    if SENSITIVITY not in choices:
        return kept
    labelled = narrowed(Document.objects.visible_to(person), {SENSITIVITY: choices[SENSITIVITY]})
    return replace(kept, documents=frozenset(labelled.values_list("pk", flat=True)))
