"""The vector index on a Qdrant server: one Qdrant collection an index."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from http import HTTPStatus
from uuid import UUID

import numpy as np
import numpy.typing as npt
from qdrant_client import QdrantClient, models
from qdrant_client.common.client_exceptions import QdrantException
from qdrant_client.http.exceptions import ApiException, UnexpectedResponse

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

TIMEOUT = 30
"""Seconds that one request may take."""

EXACT = 10_000
"""Points that a filter may leave to be compared one by one: milliseconds, and nothing is missed."""

FIELD_KINDS = (
    # All filters name collections, so each one's points lie together on disk and have a graph of their own.
    ((TENANT_FIELD,), models.KeywordIndexParams(type=models.KeywordIndexType.KEYWORD, is_tenant=True)),
    (KEYWORD_FIELDS, models.PayloadSchemaType.KEYWORD),
    (INTEGER_FIELDS, models.PayloadSchemaType.INTEGER),
    (ID_FIELDS, models.PayloadSchemaType.UUID),
)


def connect(url: str, api_key: str) -> QdrantClient:
    """A client for the server at `url`; nothing is sent before the first call."""
    return QdrantClient(url=url, api_key=api_key or None, timeout=TIMEOUT, check_compatibility=False)


def is_there(client: QdrantClient) -> bool:
    try:
        client.get_collections()
    except (ApiException, QdrantException):
        return False
    return True


class ServerIndex:
    """A `VectorIndex` in the Qdrant collection `name`, which the first write makes and gives its dimension."""

    def __init__(self, client: QdrantClient, name: str) -> None:
        self._client = client
        self._name = name
        self._seen = False
        self._prepared = False

    def upsert(self, points: Sequence[Point]) -> None:
        if not points:
            return
        with self._server():
            self._prepare(dimension=len(points[0].dense))
            for batch in batches(points):
                self._client.upsert(self._name, [_server_point(point) for point in batch], wait=True)

    def delete_version(self, version: UUID) -> None:
        self._delete(models.Filter(must=[_is_of(version)]))

    def delete_stale(self, version: UUID, *, keep: int) -> None:
        beyond = models.FieldCondition(key="ordinal", range=models.Range(gte=keep))
        self._delete(models.Filter(must=[_is_of(version), beyond]))

    def relabel(self, version: UUID, sensitivities: Sequence[int]) -> None:
        with self._server():
            if not self._exists():
                return
            for sensitivity, ordinals in ordinals_by_sensitivity(sensitivities).items():
                among = models.FieldCondition(key="ordinal", match=models.MatchAny(any=ordinals))
                points = models.Filter(must=[_is_of(version), among])
                self._client.set_payload(self._name, {"sensitivity": sensitivity}, points=points, wait=True)

    def describe(self, version: UUID, facts: Facts) -> None:
        self._set_payload(version, described(facts))

    def shelve(self, version: UUID, collection: int) -> None:
        self._set_payload(version, shelved(collection))

    def _set_payload(self, version: UUID, fields: Payload) -> None:
        with self._server():
            if self._exists():
                points = models.Filter(must=[_is_of(version)])
                self._client.set_payload(self._name, fields, points=points, wait=True)

    def search(
        self, query: DenseQuery | SparseQuery, *, scope: Scope, narrowing: Narrowing, limit: int
    ) -> list[Scored]:
        access = access_filter(scope, narrowing)
        if access.matches_nothing:
            return []
        with self._server():
            if not self._exists():
                return []
            vector, using = _nearest(query)
            allowed = _server_filter(access, query)
            response = self._client.query_points(
                self._name,
                query=vector,
                using=using,
                query_filter=allowed,
                search_params=self._params(query, allowed),
                with_payload=ANSWER_FIELDS,
                limit=limit,
            )
        return [scored(hit.payload or {}, hit.score) for hit in response.points]

    def vectors(self, points: Sequence[UUID]) -> list[npt.NDArray[np.float32]]:
        with self._server():
            if not self._exists():
                return []
            ids = [str(point) for point in points]
            records = self._client.retrieve(self._name, ids, with_payload=False, with_vectors=[DENSE])
        return [unit_vector(record.vector) for record in records]

    def count(self) -> int:
        with self._server():
            return self._client.count(self._name, exact=True).count if self._exists() else 0

    def versions(self) -> list[tuple[UUID, int]]:
        most = self.count()
        if most == 0:
            return []
        with self._server():
            hits = self._client.facet(self._name, key="version", limit=most, exact=True).hits
        return [(UUID(str(hit.value)), hit.count) for hit in hits if hit.count]

    def clear(self) -> None:
        """Deletes the points and keeps the collection, which other processes may be writing to."""
        self._delete(models.Filter(must=[]))

    def close(self) -> None:
        self._client.close()

    def _delete(self, points: models.Filter) -> None:
        with self._server():
            if self._exists():
                self._client.delete(self._name, models.FilterSelector(filter=points), wait=True)

    def _params(self, query: DenseQuery | SparseQuery, allowed: models.Filter) -> models.SearchParams | None:
        """Exact where the filter leaves little, with ACORN where it leaves more. Sparse search is exact anyhow.

        Without either, the graph finds a fraction of what two narrow filters leave. The engine estimates from its
        payload indexes how much is left: a wrong guess costs milliseconds, not hits.
        """
        if isinstance(query, SparseQuery):
            return None
        estimate = self._client.count(self._name, count_filter=allowed, exact=False).count
        if estimate <= EXACT:
            return models.SearchParams(exact=True)
        return models.SearchParams(acorn=models.AcornSearchParams(enable=True))

    def _exists(self) -> bool:
        self._seen = self._seen or self._client.collection_exists(self._name)
        return self._seen

    def _prepare(self, *, dimension: int) -> None:
        """Safe to run in several processes at once, and again after one died half-way."""
        if self._prepared:
            return
        if not self._exists():
            self._create(dimension)
        for fields, kind in FIELD_KINDS:
            for field in fields:
                self._client.create_payload_index(self._name, field, kind)
        self._prepared = True

    def _create(self, dimension: int) -> None:
        dense = models.VectorParams(
            size=dimension, distance=models.Distance.COSINE, datatype=models.Datatype.FLOAT16
        )
        try:
            self._client.create_collection(
                self._name,
                vectors_config={DENSE: dense},
                sparse_vectors_config={SPARSE: models.SparseVectorParams(modifier=models.Modifier.IDF)},
            )
        except UnexpectedResponse as error:
            if error.status_code != HTTPStatus.CONFLICT:
                raise
            # Another process made it in the meantime.

    @contextmanager
    def _server(self) -> Iterator[None]:
        """The client's errors as ours."""
        try:
            yield
        except (ApiException, QdrantException, ValueError) as error:
            raise IndexUnavailable(
                f"The Qdrant server failed on the index {self._name} ({error}). "
                "Check that it runs, and QDRANT_URL and QDRANT_API_KEY."
            ) from error


def _server_point(point: Point) -> models.PointStruct:
    sparse = models.SparseVector(indices=list(point.sparse_indices), values=list(point.sparse_values))
    return models.PointStruct(
        id=str(point.id),
        vector={DENSE: point.dense.tolist(), SPARSE: sparse},
        payload=payload(point),
    )


def _server_filter(access: AccessFilter, query: DenseQuery | SparseQuery) -> models.Filter:
    one_of = [
        models.FieldCondition(key=field, match=models.MatchAny(any=values))
        for field, values in alternatives(access).items()
    ]
    within = [
        models.FieldCondition(key=field, range=models.Range(gte=span.least, lte=span.most))
        for field, span in spans(access).items()
    ]
    among = query.among if isinstance(query, DenseQuery) else None
    ids = [] if among is None else [models.HasIdCondition(has_id=sorted(map(str, among)))]
    return models.Filter(must=[*one_of, *within, *ids])


def _nearest(query: DenseQuery | SparseQuery) -> tuple[list[float] | models.SparseVector, str]:
    """The query as the engine takes it, and the name of the vector that it is compared with."""
    if isinstance(query, DenseQuery):
        return query.vector.tolist(), DENSE
    return models.SparseVector(indices=list(query.indices), values=list(query.values)), SPARSE


def _is_of(version: UUID) -> models.FieldCondition:
    return models.FieldCondition(key="version", match=models.MatchValue(value=str(version)))
