"""What a person holds in his library: the documents he may see, found by words, with what may be told of each."""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Case, IntegerField, Q, QuerySet, Value, When

from inference.hits import Hit
from inference.retrieve import ANYWHERE, retrieve
from kb.errors import Unavailable
from kb.index.protocol import Narrowing
from kb.models import Document, Person
from kb.models.library import holds_more_than

log = logging.getLogger("strongroom.library")

NEAR = 0.25
"""Cosine. Below it a passage that shares no word with the search is about something else."""
BY_TITLE, BY_SUMMARY = 0, 1_000
"""Ranks: titles that hold the words come first, then the passages found, then the summaries."""


@dataclass(frozen=True, slots=True)
class Found:
    """Documents in the order in which they fit, and the passage that fits best of those found by a passage."""

    documents: QuerySet[Document]
    passages: Mapping[UUID, str]
    by_title_only: bool = False
    lexical_only: bool = False
    """The texts were searched by words alone, because the embedder is down."""


def holdings(person: Person) -> QuerySet[Document]:
    """The documents that this person may see, each with `partly_hidden`.

    Where it is true, neither summary nor file may be shown: both hold what stands in parts above his clearance.
    """
    return Document.objects.visible_to(person).annotate(partly_hidden=holds_more_than(person))


def find(words: str, person: Person, narrowing: Narrowing = ANYWHERE) -> Found:
    """Documents whose title, passages or summary fit the words. Without words: all, the newest first.

    They are not kept to `narrowing`, but none of the best inside it is missing.
    """
    documents = holdings(person)
    if not words:
        return Found(documents.order_by("-updated_at"), {})
    try:
        # Of those inside the narrowing, few or none may be among the best of all: they are looked for by themselves.
        inside = () if narrowing == ANYWHERE else retrieve(words, person, narrowing=narrowing).hits
        anywhere = retrieve(words, person)
    except Unavailable as error:
        log.warning("The library was searched by titles only: %s", error)
        return Found(_ranked(documents, words, {}), {}, by_title_only=True)
    passages = _passages((*inside, *anywhere.hits))
    return Found(_ranked(documents, words, passages), passages, lexical_only=anywhere.lexical_only)


def _passages(hits: Sequence[Hit]) -> Mapping[UUID, str]:
    """The best passage of each document that has one near enough, the best document first."""
    best: dict[UUID, str] = {}
    for hit in hits:
        if fits(hit):
            best.setdefault(hit.document, hit.text)
    return best


def fits(hit: Hit) -> bool:
    """Whether it is about what was searched for at all: there is a nearest passage to anything."""
    return hit.similarity >= NEAR or hit.matched > 0


def _ranked(documents: QuerySet[Document], words: str, passages: Mapping[UUID, str]) -> QuerySet[Document]:
    in_title = Q(title__icontains=words)
    in_summary = Q(current_version__summary__icontains=words, partly_hidden=False)
    places = [When(pk=document, then=Value(place)) for place, document in enumerate(passages, BY_TITLE + 1)]
    rank = Case(
        When(in_title, then=Value(BY_TITLE)),
        *places,
        default=Value(BY_SUMMARY),
        output_field=IntegerField(),
    )
    fitting = documents.filter(in_title | in_summary | Q(pk__in=list(passages)))
    return fitting.annotate(rank=rank).order_by("rank", "-updated_at")
