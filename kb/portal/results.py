"""Hits → what the search page shows of each: where it is, the words found, and why it was found."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from uuid import UUID

from django.urls import reverse
from django.utils.safestring import SafeString

from inference.hits import Hit
from kb.models import Document, Person, Sensitivity
from kb.portal.chunks import chunk_address
from kb.portal.snippets import Words
from kb.templatetags.strongroom import unpiped

SIDE_BY_SIDE = 2
"""Passages of one document that are shown at once; the rest of its neighbours can be unfolded."""
SEPARATOR = " › "
"""Between a header's title and headings, as `ingestion.chunk` writes it."""


@dataclass(frozen=True, slots=True)
class Why:
    """What speaks for a passage. `near` and `worded` are its places by meaning and by words, from 1 on.

    A place is None where that leg did not find it. `similarity` is a cosine, `matched` a BM25 score.
    """

    similarity: float
    near: int | None
    matched: float
    worded: int | None
    held: tuple[str, ...]
    missing: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Result:
    """A passage as it is shown. `address` opens its document there; `number` counts from 1 on in its document.

    `passage` opens it among the passages of its document.
    """

    address: str
    passage: str
    number: int
    path: SafeString
    snippet: SafeString
    first_page: int | None
    last_page: int | None
    sensitivity: Sensitivity
    why: Why
    fresh: bool
    """The first of those that were asked for with “More”."""


@dataclass(frozen=True, slots=True)
class Group:
    """Results that stand next to each other and are of one document."""

    document: Document
    title: SafeString
    results: tuple[Result, ...]

    @property
    def shown(self) -> tuple[Result, ...]:
        return self.results[:SIDE_BY_SIDE]

    @property
    def folded(self) -> tuple[Result, ...]:
        return self.results[SIDE_BY_SIDE:]

    @property
    def unfold(self) -> bool:
        return any(result.fresh for result in self.folded)


@dataclass(frozen=True, slots=True)
class _Search:
    """What all results of one search are compared with. Places are by chunk; `fresh` is a chunk too."""

    words: Words
    near: Mapping[int, int]
    worded: Mapping[int, int]
    fresh: int | None


def groups(words: Words, hits: Sequence[Hit], person: Person, *, shown: int, seen: int) -> list[Group]:
    """The first `shown` hits, of which the person has `seen` so many before. Places count all hits. One query."""
    first = hits[:shown]
    search = _Search(
        words=words,
        near=_places({hit.chunk: hit.similarity for hit in hits}),
        worded=_places({hit.chunk: hit.matched for hit in hits}),
        fresh=first[seen].chunk if 0 < seen < len(first) else None,
    )
    documents = _documents(first, person)
    return [
        _group(documents[document], list(together), search)
        for document, together in groupby(first, key=lambda hit: hit.document)
        if document in documents
    ]


def _documents(hits: Sequence[Hit], person: Person) -> dict[UUID, Document]:
    visible = Document.objects.visible_to(person).select_related("collection", "current_version")
    return visible.in_bulk({hit.document for hit in hits})


def _places(scores: Mapping[int, float]) -> dict[int, int]:
    """The place of each by its score, the highest first; who has none has no place."""
    found = sorted((chunk for chunk, score in scores.items() if score > 0), key=lambda chunk: -scores[chunk])
    return {chunk: place for place, chunk in enumerate(found, 1)}


def _group(document: Document, hits: Sequence[Hit], search: _Search) -> Group:
    title = search.words.marked(document.title)
    return Group(document, title, tuple(_result(hit, search) for hit in hits))


def _result(hit: Hit, search: _Search) -> Result:
    _title, _, headings = hit.header.partition(SEPARATOR)
    return Result(
        address=f"{reverse('document', args=[hit.document])}?chunk={hit.ordinal}#chunk-{hit.ordinal}",
        passage=chunk_address(hit.document, hit.ordinal),
        number=hit.ordinal + 1,
        path=search.words.marked(headings),
        snippet=search.words.snippet(unpiped(_body(hit))),
        first_page=hit.first_page,
        last_page=hit.last_page,
        sensitivity=hit.sensitivity,
        why=_why(hit, search),
        fresh=hit.chunk == search.fresh,
    )


def _body(hit: Hit) -> str:
    """The text without the headings that it begins with, because they are shown above it."""
    headings = frozenset(hit.header.split(SEPARATOR))
    lines = (line for line in hit.text.splitlines() if line.strip() not in headings)
    return "\n".join(lines).strip() or hit.text


def _why(hit: Hit, search: _Search) -> Why:
    held = search.words.held_by(f"{hit.header} {hit.text}")
    return Why(
        similarity=hit.similarity,
        near=search.near.get(hit.chunk),
        matched=hit.matched,
        worded=search.worded.get(hit.chunk),
        held=held,
        missing=search.words.beside(held),
    )
