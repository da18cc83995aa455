"""Chunks → points of the vector index. A cache: whatever is here can be made again from SQL."""

from collections.abc import Iterator, Sequence
from uuid import uuid5

from inference import registry
from inference.protocols import Passage, SparseVector, Vector
from inference.retrieve import chunk_index
from ingestion.naming import called
from kb.index.protocol import Point
from kb.models import Chunk, Sensitivity, Version

BATCH = 64
"""Chunks that are embedded and indexed at a time."""


def passages(version: Version, chunks: Sequence[Chunk]) -> list[Passage]:
    """What is embedded and indexed of each chunk: a contract's clause is found by the contract's name."""
    name = called(version.name, version.document.title)
    return [Passage(f"{name}\n{chunk.header}".strip(), chunk.text, version.language) for chunk in chunks]


def embed(version: Version, chunks: Sequence[Chunk]) -> list[Vector]:
    """One unit vector a chunk."""
    return list(registry.embedder().embed_passages([str(each) for each in passages(version, chunks)]))


def index(version: Version, chunks: Sequence[Chunk], vectors: Sequence[Vector]) -> None:
    """Writes the version's points, and removes those that an earlier, longer run left."""
    keeper = chunk_index()
    for start in range(0, len(chunks), BATCH):
        batch = chunks[start : start + BATCH]
        keeper.upsert(points_of(version, batch, vectors[start : start + BATCH]))
    keeper.delete_stale(version.pk, keep=len(chunks))


def reindex(version: Version) -> None:
    """Makes a version's points anew from its chunks in SQL."""
    chunks = list(version.chunks.order_by("ordinal"))
    index(version, chunks, embed(version, chunks))
    Version.objects.filter(pk=version.pk).update(embedder=registry.embedder().fingerprint)


def points_of(version: Version, chunks: Sequence[Chunk], vectors: Sequence[Vector]) -> list[Point]:
    terms = registry.sparse_encoder().encode_passages(passages(version, chunks))
    return list(_points(version, chunks, vectors, terms))


def _points(
    version: Version, chunks: Sequence[Chunk], vectors: Sequence[Vector], terms: Sequence[SparseVector]
) -> Iterator[Point]:
    document = version.document
    for chunk, dense, sparse in zip(chunks, vectors, terms, strict=True):
        yield Point(
            id=uuid5(version.pk, f"{chunk.ordinal} {registry.embedder().fingerprint}"),
            dense=dense,
            sparse_indices=sparse.indices,
            sparse_values=sparse.values,
            collection=document.collection_id,
            document=document.pk,
            version=version.pk,
            ordinal=chunk.ordinal,
            sensitivity=Sensitivity.strictest([chunk.sensitivity, document.sensitivity]),
        )
