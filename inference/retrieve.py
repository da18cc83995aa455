"""Question and person → the chunks that answer best, of those that the person may see.

    rank (by meaning and by words, fused; then closer, and inside what is named) ─▶ authorise ─▶ rerank

The index filters so that recall does not suffer; SQL decides, before any text is given to anybody.
"""

import logging
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import cache
from uuid import UUID

import numpy as np
from django.conf import settings

from inference import registry
from inference.hits import FIELDS, Hit, hit_of
from inference.named import called, with_opening
from inference.narrowing import kept_to
from inference.protocols import Vector
from inference.terms import languages_for
from kb.errors import ModelUnavailable
from kb.index import index_name, open_index
from kb.index.protocol import DenseQuery, Narrowing, Scope, Scored, SparseQuery, VectorIndex, point_id
from kb.index.query import FUSION_DEPTH, fuse
from kb.models import Chunk, Collection, Person, Version
from kb.models.chunks import Place

log = logging.getLogger("strongroom.retrieve")

WANTED = 20
"""Hits, unless somebody says how many."""
SPARE = 10
"""Further ones that are looked up, because the index may not know yet that some are no longer to be seen."""
RERANKED = 20
"""Hits that a reranker sees: always as many, so that asking for more never changes the top."""
FEEDBACK, FEEDBACK_WEIGHT = 2, 0.2
"""The best hits whose mean is added to the query's vector, and by how much, for a second look by meaning: Rocchio,
Relevance Feedback in Information Retrieval (1971). Cranfield +.010 nDCG@10, five other sets as before."""
LEXICAL_WEIGHT = 1.0
DENSE_WEIGHT, DENSE_WEIGHT_UNREAD = 0.9, 0.45
"""Of the dense leg: for a query in a language that the embedder reads, and for any other (docs/quality.md)."""
INSIDE = 1.5
"""What the legs inside a document that the query names count, beside those in the whole library."""
ANYWHERE = Narrowing()


@dataclass(frozen=True, slots=True)
class Ranking:
    """What the index gave for one query, each leg the best first. `dense` is None when the embedder is down.

    `fused` is dense and lexical together; `final` adds a second look at them by meaning that is drawn towards the best,
    and of documents that the query calls by name what is found inside them, and how they open.

    `language` is the one that the query was understood in (ISO 639-1); empty where the library does not say.
    """

    dense: Sequence[Scored] | None = ()
    lexical: Sequence[Scored] = ()
    fused: Sequence[Scored] = ()
    final: Sequence[Scored] = ()
    language: str = ""
    rest: str = ""
    """What the query asks of the documents that it calls by name, without their names; empty where it calls none."""


@dataclass(frozen=True, slots=True)
class Found:
    """What a search gave, the best hit first. `lexical_only`: by words alone, because the embedder is down."""

    hits: tuple[Hit, ...] = ()
    lexical_only: bool = False
    language: str = ""
    """The one that the query was understood in (ISO 639-1), where the library says."""
    rest: str = ""
    """As `Ranking.rest`."""


def retrieve(query: str, person: Person, *, narrowing: Narrowing = ANYWHERE, limit: int = WANTED) -> Found:
    """Nothing when nothing matches, or nothing that the person may see.

    Raises:
        IndexUnavailable: the index could not be reached.
    """
    ranking = rank(query, person, narrowing=narrowing, depth=limit + SPARE)
    allowed = _authorised(ranking, person, narrowing, most=limit + SPARE)
    hits = _reranked(query, allowed)[:limit]
    return Found(hits, lexical_only=ranking.dense is None, language=ranking.language, rest=ranking.rest)


def rank(query: str, person: Person, *, narrowing: Narrowing = ANYWHERE, depth: int = WANTED) -> Ranking:
    """The legs and their fusion, as the index sees them: filtered for the person, but not yet decided by SQL.

    Raises:
        IndexUnavailable: the index could not be reached.
    """
    scope = scope_of(person)
    if not scope.collections:
        return Ranking()
    wanted = _Wanted(_index_without_embedder(), scope, narrowing, max(depth, FUSION_DEPTH))
    languages = languages_for(query)
    language = next(iter(languages), "")
    with ThreadPoolExecutor(max_workers=1) as beside:
        words = beside.submit(wanted.holding, query, languages)
        vector = _embedded(query)
        dense = None if vector is None else wanted.nearest_to(vector)
        lexical = words.result()
    if vector is None or dense is None:
        return Ranking(None, lexical, lexical, lexical, language)
    weights = leg_weights(languages)
    fused = fuse([dense, lexical], weights=weights, limit=wanted.depth)
    legs = [wanted.nearest_to(_with_feedback(vector, fused), among=_points([*dense, *lexical])), lexical]
    named = called(query, fused, person, language)
    if named is None:
        final = fuse(legs, weights=weights, limit=wanted.depth)
        return Ranking(dense, lexical, fused, final, language)
    inside = wanted.within(named.documents)
    legs += [
        inside.nearest_to(registry.embedder().embed_query(named.rest)),
        inside.holding(named.rest, languages),
    ]
    final = fuse(legs, weights=(*weights, *(INSIDE * weight for weight in weights)), limit=wanted.depth)
    return Ranking(dense, lexical, fused, with_opening(final, named.versions), language, named.rest)


def scope_of(person: Person) -> Scope:
    """What the index may return for this person. One query."""
    readable = Collection.objects.readable_by(person).values_list("pk", flat=True)
    return Scope(collections=frozenset(readable), clearance=int(person.clearance))


@cache
def chunk_index() -> VectorIndex:
    """The index of the configured encoders, opened once a process."""
    return _opened(registry.embedder().fingerprint)


def _opened(embedder: str) -> VectorIndex:
    name = index_name(embedder, registry.sparse_encoder().fingerprint)
    return open_index(name, may_own=settings.MAY_OWN_INDEX)


@dataclass(frozen=True, slots=True)
class _Wanted:
    """What every search for one query is kept to."""

    index: VectorIndex
    scope: Scope
    narrowing: Narrowing
    depth: int

    def within(self, documents: frozenset[UUID]) -> "_Wanted":
        """The same, kept to these documents as well."""
        allowed = self.narrowing.documents
        inside = documents if allowed is None else documents & allowed
        return replace(self, narrowing=replace(self.narrowing, documents=inside))

    def nearest_to(self, vector: Vector, *, among: Iterable[UUID] | None = None) -> list[Scored]:
        return self._search(DenseQuery(vector, None if among is None else frozenset(among)))

    def holding(self, words: str, languages: Sequence[str]) -> list[Scored]:
        """Empty when there is no term among the words: only symbols, or only stop words."""
        terms = registry.sparse_encoder().encode_query(words, languages=languages)
        if not terms.indices:
            return []
        return self._search(SparseQuery(terms.indices, terms.values))

    def _search(self, query: DenseQuery | SparseQuery) -> list[Scored]:
        return self.index.search(query, scope=self.scope, narrowing=self.narrowing, limit=self.depth)


def _embedded(query: str) -> Vector | None:
    """None when the embedder is down: words alone still find most."""
    try:
        return registry.embedder().embed_query(query)
    except ModelUnavailable as error:
        log.warning("The search goes by words alone: %s", error)
        return None


def _with_feedback(vector: Vector, best: Sequence[Scored]) -> Vector:
    return drawn_towards(vector, chunk_index().vectors(_points(best[:FEEDBACK])))


def _points(hits: Sequence[Scored]) -> list[UUID]:
    embedder = registry.embedder().fingerprint
    return [point_id(hit.version, hit.ordinal, embedder) for hit in hits]


def drawn_towards(vector: Vector, found: Sequence[Vector]) -> Vector:
    """The query's vector, nearer to those of the best hits; shape (d,), unit length."""
    if not found:
        return vector
    drawn: Vector = vector + FEEDBACK_WEIGHT * np.mean(found, axis=0)
    return drawn / np.linalg.norm(drawn)


def _index_without_embedder() -> VectorIndex:
    """The same index, known by the newest document when the embedder cannot say its fingerprint."""
    try:
        return chunk_index()
    except ModelUnavailable:
        return _opened(Version.objects.latest_embedder())


def leg_weights(languages: Sequence[str]) -> tuple[float, float]:
    """Of the dense and the lexical leg, for a query in the first of these languages."""
    read = settings.EMBEDDER_LANGUAGES
    reads = not languages or "*" in read or languages[0] in read
    return (DENSE_WEIGHT if reads else DENSE_WEIGHT_UNREAD, LEXICAL_WEIGHT)


def _scores(leg: Sequence[Scored] | None) -> Mapping[Place, float]:
    return {(scored.version, scored.ordinal): scored.score for scored in leg or ()}


def _authorised(ranking: Ranking, person: Person, narrowing: Narrowing, *, most: int) -> tuple[Hit, ...]:
    """Those that SQL agrees the person may see and asked for, in the same order, with their text."""
    best = ranking.final[:most]
    visible = Chunk.objects.visible_to(person).filter(kept_to(narrowing))
    found = visible.at([(scored.version, scored.ordinal) for scored in best]).order_by()
    read = found.select_related("version__document").only(*FIELDS)
    chunks = {(chunk.version_id, chunk.ordinal): chunk for chunk in read}
    similarity, matched = _scores(ranking.dense), _scores(ranking.lexical)
    return tuple(
        hit_of(
            chunks[key],
            score=scored.score,
            similarity=similarity.get(key, 0.0),
            matched=matched.get(key, 0.0),
        )
        for scored in best
        if (key := (scored.version, scored.ordinal)) in chunks
    )


def _reranked(query: str, hits: tuple[Hit, ...]) -> tuple[Hit, ...]:
    """With the first ones put in the reranker's order, where one is configured and at work."""
    if not registry.is_configured("reranker") or not hits:
        return hits
    first, rest = hits[:RERANKED], hits[RERANKED:]
    try:
        scores = registry.reranker().score(query, [f"{hit.header}\n{hit.text}" for hit in first])
    except ModelUnavailable as error:
        log.warning("The hits stay in the order in which they were found: %s", error)
        return hits
    floor = rest[0].score if rest else 0.0
    order = sorted(range(len(first)), key=lambda place: -scores[place])
    # Scores that go on falling, because those of a reranker cannot be compared with fused ones.
    return *(replace(first[place], score=floor + len(first) - at) for at, place in enumerate(order)), *rest
