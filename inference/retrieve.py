"""Question and person → the chunks that answer best, of those that the person may see.

    rank (by meaning, by words, fused) ─▶ authorise ─▶ rerank ─▶ without repetitions

The index filters so that recall does not suffer; SQL decides. No text enters memory before it has.
"""

import logging
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from uuid import UUID

from django.conf import settings
from django.db.models import Q

from inference import registry
from inference.distinct import capped, distinct
from inference.hits import Hit, hit_of
from inference.terms import languages_for
from kb.errors import ModelUnavailable
from kb.index import index_name, open_index
from kb.index.protocol import DenseQuery, Narrowing, Scope, Scored, SparseQuery, VectorIndex
from kb.index.query import FUSION_DEPTH, fuse
from kb.models import Chunk, Collection, Person, Version

log = logging.getLogger("strongroom.retrieve")

WANTED = 20
"""Hits, unless somebody says how many."""
SPARE = 20
"""Further ones that are looked at, because some repeat others and some are no longer to be seen."""
RERANKED = 20
"""Hits that a reranker sees: always as many, so that asking for more never changes the top."""
LEXICAL_WEIGHT = 1.0
DENSE_WEIGHT, DENSE_WEIGHT_UNREAD = 1.0, 0.5
"""Of the dense leg: for a query in a language that the embedder reads, and for any other (docs/quality.md)."""
ANYWHERE = Narrowing()


@dataclass(frozen=True, slots=True)
class Ranking:
    """What the index gave for one query, each leg the best first. `dense` is None when the embedder is down.

    `language` is the one that the query was understood in (ISO 639-1); empty where the library does not say.
    """

    dense: Sequence[Scored] | None = ()
    lexical: Sequence[Scored] = ()
    fused: Sequence[Scored] = ()
    language: str = ""


@dataclass(frozen=True, slots=True)
class Found:
    """What a search gave, the best hit first. `lexical_only`: by words alone, because the embedder is down."""

    hits: tuple[Hit, ...] = ()
    lexical_only: bool = False
    language: str = ""
    """The one that the query was understood in (ISO 639-1), where the library says."""


def retrieve(
    query: str,
    person: Person,
    *,
    narrowing: Narrowing = ANYWHERE,
    limit: int = WANTED,
    per_document: int | None = None,
) -> Found:
    """Nothing when nothing matches, or nothing that the person may see. `per_document` caps the hits of each.

    Raises:
        IndexUnavailable: the index could not be reached.
    """
    ranking = rank(query, person, narrowing=narrowing, depth=limit + SPARE)
    hits = distinct(_reranked(query, _authorised(ranking, person, most=limit + SPARE)))
    kept = capped(hits, per_document)[:limit]
    return Found(kept, lexical_only=ranking.dense is None, language=ranking.language)


def rank(query: str, person: Person, *, narrowing: Narrowing = ANYWHERE, depth: int = WANTED) -> Ranking:
    """The legs and their fusion, as the index sees them: filtered for the person, but not yet decided by SQL.

    Raises:
        IndexUnavailable: the index could not be reached.
    """
    scope = scope_of(person)
    if not scope.collections:
        return Ranking()
    languages = languages_for(query)
    depth = max(depth, FUSION_DEPTH)
    dense = _by_meaning(query, scope, narrowing, depth)
    lexical = _by_words(query, languages, scope, narrowing, depth)
    fused = fuse([dense or [], lexical], weights=leg_weights(languages), limit=depth)
    return Ranking(dense, lexical, fused, next(iter(languages), ""))


def scope_of(person: Person) -> Scope:
    """What the index may return for this person. One query."""
    readable = Collection.objects.readable_by(person).values_list("pk", flat=True)
    return Scope(collections=frozenset(readable), clearance=int(person.clearance))


@cache
def chunk_index() -> VectorIndex:
    """The index of the configured encoders, opened once a process."""
    return _opened(registry.embedder().fingerprint)


@cache
def _opened(embedder: str) -> VectorIndex:
    name = index_name(embedder, registry.sparse_encoder().fingerprint)
    return open_index(name, may_own=settings.MAY_OWN_INDEX)


def _by_meaning(query: str, scope: Scope, narrowing: Narrowing, depth: int) -> list[Scored] | None:
    """None when the embedder is down: words alone still find most."""
    try:
        embedded = DenseQuery(registry.embedder().embed_query(query))
    except ModelUnavailable as error:
        log.warning("The search goes by words alone: %s", error)
        return None
    return chunk_index().search(embedded, scope=scope, narrowing=narrowing, limit=depth)


def _by_words(
    query: str, languages: Sequence[str], scope: Scope, narrowing: Narrowing, depth: int
) -> list[Scored]:
    """Empty when the query holds no term: only symbols, or only stop words."""
    terms = registry.sparse_encoder().encode_query(query, languages=languages)
    if not terms.indices:
        return []
    index = _index_without_embedder()
    return index.search(
        SparseQuery(terms.indices, terms.values), scope=scope, narrowing=narrowing, limit=depth
    )


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


Key = tuple[UUID, int]
"""Version and ordinal: how the index and SQL name the same chunk."""


def _scores(leg: Sequence[Scored] | None) -> Mapping[Key, float]:
    return {(scored.version, scored.ordinal): scored.score for scored in leg or ()}


def _authorised(ranking: Ranking, person: Person, *, most: int) -> tuple[Hit, ...]:
    """Those that SQL agrees the person may see, in the same order, with their text. One query."""
    best = ranking.fused[:most]
    if not best:
        return ()
    visible = Chunk.objects.visible_to(person).filter(_among(best)).select_related("version__document")
    chunks = {(chunk.version_id, chunk.ordinal): chunk for chunk in visible}
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


def _among(scored: Sequence[Scored]) -> Q:
    """These chunks, and no other of the same versions."""
    ordinals: defaultdict[UUID, list[int]] = defaultdict(list)
    for each in scored:
        ordinals[each.version].append(each.ordinal)
    return Q(*(Q(version=version, ordinal__in=own) for version, own in ordinals.items()), _connector=Q.OR)


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
