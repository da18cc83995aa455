"""Chunks → points of the vector index. A cache: whatever is here can be made again from SQL."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC
from uuid import UUID

from django.db.models import Case, Value, When
from django.db.models.functions import Greatest

from inference import registry
from inference.protocols import Passage, SparseVector, Vector
from inference.retrieve import chunk_index
from ingestion.naming import called
from kb.index.protocol import Facts, Point, point_id
from kb.models import Chunk, Document, Sensitivity, Tag, Version

BATCH = 64
"""Chunks that are embedded and indexed at a time."""
OUT_OF_REACH = 1_000
"""What points say instead of a label when their chunk is left out of the search: no clearance is as high."""


def passages(version: Version, chunks: Sequence[Chunk]) -> list[Passage]:
    """What is embedded and indexed of each chunk: a contract's clause is found by the contract's name."""
    name = called(version.name, version.document.title)
    return [Passage(f"{name}\n{chunk.header}".strip(), chunk.text, version.language) for chunk in chunks]


def embed(version: Version, chunks: Sequence[Chunk]) -> list[Vector]:
    """One unit vector a chunk."""
    return list(registry.embedder().embed_passages([str(each) for each in passages(version, chunks)]))


@dataclass(frozen=True, slots=True)
class Said:
    """What a version's points are to say besides their vectors: where they stand, facts, and each label, by ordinal."""

    collection: int
    facts: Facts
    labels: tuple[int, ...]

    @classmethod
    def of(cls, version: Version) -> "Said":
        """As SQL has it now, because people change it meanwhile. Four queries."""
        label = Greatest("sensitivity", "version__document__sensitivity")
        reach = Case(When(excluded=True, then=Value(OUT_OF_REACH)), default=label)
        labels = version.chunks.annotate(label=reach)
        shelf = Document.objects.filter(pk=version.document_id).values_list("collection", flat=True).first()
        return cls(
            shelf or version.collection_id,  # It may be gone meanwhile; then its points are removed next.
            facts_of(version),
            tuple(labels.order_by("ordinal").values_list("label", flat=True)),
        )


def index(version: Version, chunks: Sequence[Chunk], vectors: Sequence[Vector]) -> None:
    """Writes the version's points, and removes those that an earlier, longer run left."""
    keeper, facts = chunk_index(), facts_of(version)
    for start in range(0, len(chunks), BATCH):
        batch = chunks[start : start + BATCH]
        keeper.upsert(points_of(version, batch, vectors[start : start + BATCH], facts))
    keeper.delete_stale(version.pk, keep=len(chunks))
    labels = tuple(label_of(version, chunk) for chunk in chunks)
    _catch_up(version, written=Said(version.document.collection_id, facts, labels))


def write(version: Version, chunks: Sequence[Chunk]) -> None:
    """Makes the points of these chunks anew, and leaves the version's others as they are. A batch at most."""
    chunk_index().upsert(points_of(version, chunks, embed(version, chunks), facts_of(version)))


def withdraw(document_id: UUID) -> None:
    """Removes the points of the document's earlier versions."""
    for version in Version.objects.superseded().filter(document=document_id):
        chunk_index().delete_version(version.pk)


def describe(document: Document) -> None:
    """Makes the points of a document say what SQL says of it now."""
    for version in document.versions.filter(retired=False):
        _catch_up(version, written=None)


def _catch_up(version: Version, *, written: Said | None) -> None:
    """Asks SQL again after each write, so that of two who write at once none leaves the points as they were before."""
    while (said := Said.of(version)) != written:
        chunk_index().describe(version.pk, said.facts)
        chunk_index().relabel(version.pk, said.labels)
        chunk_index().shelve(version.pk, said.collection)
        written = said


def facts_of(version: Version) -> Facts:
    """Two queries."""
    document = Document.objects.filter(pk=version.document_id)
    return Facts(
        category=document.values_list("category", flat=True).first(),
        tags=frozenset(Tag.objects.filter(document=version.document_id).values_list("name", flat=True)),
        language=version.language or None,
        added=version.created_at.astimezone(UTC).date(),
    )


def reindex(version: Version) -> None:
    """Makes a version's points anew from its chunks in SQL."""
    chunks = list(version.chunks.order_by("ordinal"))
    index(version, chunks, embed(version, chunks))
    Version.objects.filter(pk=version.pk).update(embedder=registry.embedder().fingerprint)


def points_of(
    version: Version, chunks: Sequence[Chunk], vectors: Sequence[Vector], facts: Facts
) -> list[Point]:
    """What the index holds of these chunks: each no laxer than its document."""
    terms = registry.sparse_encoder().encode_passages(passages(version, chunks))
    return list(points(version, chunks, vectors, terms, facts))


def points(
    version: Version,
    chunks: Sequence[Chunk],
    vectors: Sequence[Vector],
    terms: Sequence[SparseVector],
    facts: Facts,
) -> Iterator[Point]:
    document, embedder = version.document, registry.embedder().fingerprint
    for chunk, dense, sparse in zip(chunks, vectors, terms, strict=True):
        yield Point(
            id=point_id(version.pk, chunk.ordinal, embedder),
            dense=dense,
            sparse_indices=sparse.indices,
            sparse_values=sparse.values,
            collection=document.collection_id,
            document=document.pk,
            version=version.pk,
            ordinal=chunk.ordinal,
            sensitivity=label_of(version, chunk),
            facts=facts,
        )


def label_of(version: Version, chunk: Chunk) -> int:
    """No laxer than its document's; above every label for a chunk that is left out of the search."""
    if chunk.excluded:
        return OUT_OF_REACH
    return Sensitivity.strictest([chunk.sensitivity, version.document.sensitivity])
