"""Question and person → the chunks that answer best, of those that the person may see.

The index filters so that recall does not suffer; SQL decides. No text enters memory before it has.
"""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from uuid import UUID

from django.conf import settings

from inference import registry
from inference.narrowing import kept_to
from kb.errors import ModelUnavailable
from kb.index import index_name, open_index
from kb.index.protocol import DenseQuery, Narrowing, Scope, Scored, SparseQuery, VectorIndex
from kb.index.query import fuse
from kb.models import Chunk, Collection, Person, Sensitivity

log = logging.getLogger("strongroom.retrieve")

CANDIDATES = 20
"""Of each leg, at least; what fusion was measured with (docs/answers.md)."""
WEIGHTS = (1.0, 1.0)
"""Of the dense and the lexical leg."""
ANYWHERE = Narrowing()


@dataclass(frozen=True, slots=True)
class Hit:
    """A chunk that was found.

    `score` is the fused one: comparable within one query only, higher is better. `similarity` is the cosine
    between question and chunk (-1..1), and `matched` the BM25 score (0 and up): both are comparable across queries.
    """

    chunk: int
    document: UUID
    version: UUID
    ordinal: int
    title: str
    header: str
    text: str
    first_page: int | None
    last_page: int | None
    sensitivity: Sensitivity
    score: float
    similarity: float
    matched: float

    @property
    def pages(self) -> list[int]:
        if self.first_page is None or self.last_page is None:
            return []
        return list(range(self.first_page, self.last_page + 1))


@dataclass(frozen=True, slots=True)
class Found:
    """What a search gave, the best hit first. `lexical_only`: by words alone, because the embedder is down."""

    hits: tuple[Hit, ...] = ()
    lexical_only: bool = False


@cache
def chunk_index() -> VectorIndex:
    """The index of the configured embedder, opened once a process."""
    return open_index(index_name(registry.embedder().fingerprint), may_own=settings.MAY_OWN_INDEX)


def scope_of(person: Person) -> Scope:
    """What the index may return for this person. One query."""
    readable = Collection.objects.readable_by(person).values_list("pk", flat=True)
    return Scope(collections=frozenset(readable), clearance=int(person.clearance))


def retrieve(
    query: str, person: Person, *, narrowing: Narrowing = ANYWHERE, limit: int = CANDIDATES
) -> Found:
    """Nothing when nothing matches, or nothing that the person may see.

    Raises:
        IndexUnavailable: the index could not be reached.
    """
    scope = scope_of(person)
    if not scope.collections:
        return Found()
    depth = max(limit, CANDIDATES)
    meaning = _embedded(query)
    dense = _searched(meaning, scope, narrowing, depth)
    sparse = _searched(_in_terms(query), scope, narrowing, depth)
    best = fuse([dense, sparse], weights=WEIGHTS, limit=depth)
    hits = _authorised(best, person, narrowing, dense=_scores(dense), sparse=_scores(sparse))[:limit]
    return Found(hits, lexical_only=meaning is None)


def _embedded(query: str) -> DenseQuery | None:
    """None when the embedder is down: words alone still find most."""
    try:
        return DenseQuery(registry.embedder().embed_query(query))
    except ModelUnavailable as error:
        log.warning("The search goes by words alone: %s", error)
        return None


def _in_terms(query: str) -> SparseQuery | None:
    """None when the query holds no term: only symbols, or only stop words."""
    terms = registry.sparse_encoder().encode_query(query)
    return SparseQuery(terms.indices, terms.values) if terms.indices else None


def _searched(
    leg: DenseQuery | SparseQuery | None, scope: Scope, narrowing: Narrowing, depth: int
) -> list[Scored]:
    return chunk_index().search(leg, scope=scope, narrowing=narrowing, limit=depth) if leg else []


Key = tuple[UUID, int]
"""Version and ordinal: how the index and SQL name the same chunk."""


def _scores(leg: Sequence[Scored]) -> Mapping[Key, float]:
    return {(scored.version, scored.ordinal): scored.score for scored in leg}


def _authorised(
    best: Sequence[Scored],
    person: Person,
    narrowing: Narrowing,
    *,
    dense: Mapping[Key, float],
    sparse: Mapping[Key, float],
) -> tuple[Hit, ...]:
    """Those that SQL agrees the person may see and asked for, in the same order, with their text. One query."""
    visible = Chunk.objects.visible_to(person).filter(
        kept_to(narrowing),
        version__in={scored.version for scored in best},
        ordinal__in={scored.ordinal for scored in best},
    )
    chunks = {
        (chunk.version_id, chunk.ordinal): chunk for chunk in visible.select_related("version__document")
    }
    return tuple(
        _hit(chunks[key], scored.score, similarity=dense.get(key, 0.0), matched=sparse.get(key, 0.0))
        for scored in best
        if (key := (scored.version, scored.ordinal)) in chunks
    )


def _hit(chunk: Chunk, score: float, *, similarity: float, matched: float) -> Hit:
    document = chunk.version.document
    return Hit(
        chunk=chunk.pk,
        document=document.pk,
        version=chunk.version_id,
        ordinal=chunk.ordinal,
        title=document.title,
        header=chunk.header,
        text=chunk.text,
        first_page=chunk.first_page,
        last_page=chunk.last_page,
        # A chunk is never laxer than its document, whatever its row says.
        sensitivity=Sensitivity.strictest([chunk.sensitivity, document.sensitivity]),
        score=score,
        similarity=similarity,
        matched=matched,
    )
