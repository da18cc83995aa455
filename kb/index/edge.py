"""The vector index in this process: Qdrant Edge, one folder an index.

One process at a time may open a folder (see `kb.index.owner`). Search is exact: below about 100,000 points
the graph index gains nothing, and building it stops every thread of the process for minutes.
"""

import shutil
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from uuid import UUID

import numpy as np
import numpy.typing as npt
from qdrant_edge import (
    CountRequest,
    Distance,
    EdgeConfig,
    EdgeShard,
    EdgeSparseVectorParams,
    EdgeVectorParams,
    FacetRequest,
    FieldCondition,
    Filter,
    HasIdCondition,
    MatchAny,
    MatchValue,
    Modifier,
    PayloadSchemaType,
    Query,
    QueryRequest,
    RangeFloat,
    SearchParams,
    SparseVector,
    UpdateOperation,
    VectorStorageDatatype,
)
from qdrant_edge import Point as EdgePoint

from kb.errors import IndexUnavailable
from kb.index.payload import (
    ANSWER_FIELDS,
    DENSE,
    ID_FIELDS,
    INTEGER_FIELDS,
    KEYWORD_FIELDS,
    SPARSE,
    TENANT_FIELD,
    Payload,
    alternatives,
    batches,
    described,
    ordinals_by_sensitivity,
    payload,
    scored,
    shelved,
    spans,
    unit_vector,
)
from kb.index.protocol import DenseQuery, Facts, Narrowing, Point, Scope, Scored, SparseQuery
from kb.index.query import AccessFilter, access_filter
from kb.index.shared_lock import SharedLock

SEARCH_THREADS = 1
"""One segment is searched by one thread; more only compete with the models for the cores."""

MUCH = 0.4
"""Share of the points that a filter leaves, above which they are looked at one by one."""

FIELD_KINDS = (
    ((TENANT_FIELD, *KEYWORD_FIELDS), PayloadSchemaType.Keyword),
    (INTEGER_FIELDS, PayloadSchemaType.Integer),
    (ID_FIELDS, PayloadSchemaType.Uuid),
)


class EdgeIndex:
    """A `VectorIndex` in `folder`. It is opened on first use and made by the first write, which sets its dimension.

    Threads may share it: they read at the same time, and each write is alone.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._shard: EdgeShard | None = None
        self._lock = SharedLock()

    def upsert(self, points: Sequence[Point]) -> None:
        if not points:
            return
        with self._writing():
            shard = self._opened() or self._created(dimension=len(points[0].dense))
            for batch in batches(points):
                shard.update(UpdateOperation.upsert_points([_edge_point(point) for point in batch]))
            shard.flush()

    def delete_version(self, version: UUID) -> None:
        self._update([UpdateOperation.delete_points_by_filter(Filter(must=[_is_of(version)]))])

    def delete_stale(self, version: UUID, *, keep: int) -> None:
        stale = Filter(must=[_is_of(version), FieldCondition("ordinal", range=RangeFloat(gte=keep))])
        self._update([UpdateOperation.delete_points_by_filter(stale)])

    def relabel(self, version: UUID, sensitivities: Sequence[int]) -> None:
        self._update(
            UpdateOperation.set_payload_by_filter(
                Filter(must=[_is_of(version), FieldCondition("ordinal", match=MatchAny(ordinals))]),
                {"sensitivity": sensitivity},
            )
            for sensitivity, ordinals in ordinals_by_sensitivity(sensitivities).items()
        )

    def describe(self, version: UUID, facts: Facts) -> None:
        self._set_payload(version, described(facts))

    def shelve(self, version: UUID, collection: int) -> None:
        self._set_payload(version, shelved(collection))

    def _set_payload(self, version: UUID, fields: Payload) -> None:
        self._update([UpdateOperation.set_payload_by_filter(Filter(must=[_is_of(version)]), fields)])

    def search(
        self, query: DenseQuery | SparseQuery, *, scope: Scope, narrowing: Narrowing, limit: int
    ) -> list[Scored]:
        access = access_filter(scope, narrowing)
        if access.matches_nothing:
            return []
        allowed = _edge_filter(access, query)
        with self._reading() as shard:
            if shard is None:
                return []
            request = QueryRequest(
                limit=limit,
                query=_nearest(query),
                filter=_quickest(shard, query, allowed),
                with_payload=ANSWER_FIELDS,
                params=SearchParams(exact=True),
            )
            hits = shard.query(request)
        return [scored(hit.payload or {}, hit.score) for hit in hits]

    def vectors(self, points: Sequence[UUID]) -> list[npt.NDArray[np.float32]]:
        with self._reading() as shard:
            records = shard.retrieve(list(points), with_payload=False, with_vector=[DENSE]) if shard else []
        return [unit_vector(record.vector) for record in records]

    def count(self) -> int:
        with self._reading() as shard:
            return shard.count(CountRequest(exact=True)) if shard else 0

    def versions(self) -> list[tuple[UUID, int]]:
        with self._reading() as shard:
            if shard is None:
                return []
            most = shard.count(CountRequest(exact=True))
            hits = shard.facet(FacetRequest("version", limit=most, exact=True)).hits
        # A version whose points are all deleted is still among the hits, with 0.
        return [(UUID(str(hit.value)), hit.count) for hit in hits if hit.count]

    def clear(self) -> None:
        """Drops the folder, so that a damaged index can be cleared too and its space comes back."""
        with self._writing():
            self._close()
            shutil.rmtree(self._folder, ignore_errors=True)

    def close(self) -> None:
        """Writes everything out and lets go of the files; the next call opens them again."""
        with self._writing():
            self._close()

    def _update(self, operations: Iterable[UpdateOperation]) -> None:
        with self._writing():
            shard = self._opened()
            if shard is None:
                return
            for operation in operations:
                shard.update(operation)
            # The write-ahead log alone survives a killed process, but not a power cut.
            shard.flush()

    @contextmanager
    def _reading(self) -> Iterator[EdgeShard | None]:
        """The opened index, beside other reads; None until something has been written."""
        if self._shard is None:
            with self._writing():
                self._opened()
        with self._lock.reading(), self._engine():
            yield self._shard

    @contextmanager
    def _writing(self) -> Iterator[None]:
        """Beside nothing else."""
        with self._lock.writing(), self._engine():
            yield

    @contextmanager
    def _engine(self) -> Iterator[None]:
        """The engine's errors as ours."""
        try:
            yield
        except Exception as error:  # the engine raises nothing more precise
            raise IndexUnavailable(
                f"The vector index in {self._folder} failed ({error}). "
                "If this does not pass, rebuild it with `manage.py reindex`."
            ) from error

    def _opened(self) -> EdgeShard | None:
        """None until something has been written."""
        if self._shard is None and self._folder.exists():
            self._shard = EdgeShard.load(str(self._folder))
        return self._shard

    def _created(self, *, dimension: int) -> EdgeShard:
        """Made beside its place and then renamed: a process that dies half-way leaves no half an index."""
        draft = self._folder.with_name(f".{self._folder.name}.draft")
        shutil.rmtree(draft, ignore_errors=True)
        draft.mkdir(parents=True)
        shard = EdgeShard.create(str(draft), _layout(dimension))
        for fields, kind in FIELD_KINDS:
            for field in fields:
                shard.update(UpdateOperation.create_field_index(field, kind))
        shard.close()
        draft.rename(self._folder)
        self._shard = EdgeShard.load(str(self._folder))
        return self._shard

    def _close(self) -> None:
        if self._shard is not None:
            self._shard.flush()
            self._shard.close()
            self._shard = None


def _layout(dimension: int) -> EdgeConfig:
    return EdgeConfig(
        vectors={DENSE: _dense(dimension)},
        sparse_vectors={SPARSE: EdgeSparseVectorParams(modifier=Modifier.Idf)},
        max_search_threads=SEARCH_THREADS,
    )


def _dense(dimension: int) -> EdgeVectorParams:
    """In half precision: a scan reads half as much, and the same points come out."""
    return EdgeVectorParams(size=dimension, distance=Distance.Cosine, datatype=VectorStorageDatatype.Float16)


def _edge_point(point: Point) -> EdgePoint:
    sparse = SparseVector(list(point.sparse_indices), list(point.sparse_values))
    return EdgePoint(point.id, {DENSE: point.dense.tolist(), SPARSE: sparse}, payload(point))


def _edge_filter(access: AccessFilter, query: DenseQuery | SparseQuery) -> Filter:
    one_of = [FieldCondition(field, match=MatchAny(values)) for field, values in alternatives(access).items()]
    within = [
        FieldCondition(field, range=RangeFloat(gte=span.least, lte=span.most))
        for field, span in spans(access).items()
    ]
    among = query.among if isinstance(query, DenseQuery) else None
    ids = [] if among is None else [HasIdCondition(set(among))]
    return Filter(must=[*one_of, *within, *ids])


def _quickest(shard: EdgeShard, query: DenseQuery | SparseQuery, allowed: Filter) -> Filter:
    """The same filter, each condition said with two noes where it leaves much to compare vectors with.

    The engine then looks at the fields of each point that it comes to, instead of first gathering the lists of all that
    may be seen, which takes longer than to compare them. How much is left is its estimate: a wrong one costs
    milliseconds, not hits.
    """
    if isinstance(query, SparseQuery):
        return allowed
    left = shard.count(CountRequest(filter=allowed, exact=False))
    if left <= MUCH * shard.count(CountRequest(exact=False)):
        return allowed
    return Filter(must_not=[Filter(must_not=[condition]) for condition in allowed.must or ()])


def _nearest(query: DenseQuery | SparseQuery) -> Query:
    if isinstance(query, DenseQuery):
        return Query.Nearest(query.vector.tolist(), using=DENSE)
    return Query.Nearest(SparseVector(list(query.indices), list(query.values)), using=SPARSE)


def _is_of(version: UUID) -> FieldCondition:
    return FieldCondition("version", match=MatchValue(str(version)))
