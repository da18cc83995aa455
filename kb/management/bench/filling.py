"""Makes the library as large as a measurement needs: chunks of random words with random vectors."""

from collections.abc import Iterator, Sequence
from itertools import cycle, islice

import numpy as np

from inference import registry
from inference.protocols import Passage, SparseVector, Vectors
from inference.retrieve import chunk_index
from ingestion.index import facts_of
from kb.index.protocol import Point, point_id
from kb.models import Chunk, Collection, Document, Person, Sensitivity, Version
from kb.models.library import Stage

CHUNKS_A_DOCUMENT = 250
WORDS_A_CHUNK = 120
DISTINCT_TEXTS = 500
"""Encoding words takes longer than all the rest, and repeated ones are found no faster."""
SEED = 20_000


def fill_to(chunks: int) -> None:
    """Adds documents to all collections and of all labels until the library has this many chunks."""
    held = Chunk.objects.count()
    shelves = cycle(Collection.objects.all())
    labels = cycle(Sensitivity)
    owner = Person.objects.order_by("pk")[0]
    random = np.random.default_rng(SEED)
    texts = list(_texts(random))
    terms = registry.sparse_encoder().encode_passages([Passage("", text) for text in texts])
    for start in range(held, chunks, CHUNKS_A_DOCUMENT):
        size = min(CHUNKS_A_DOCUMENT, chunks - start)
        version = _document(owner, next(shelves), next(labels), number=start)
        made = _chunks(version, list(islice(cycle(texts), start, start + size)))
        words = list(islice(cycle(terms), start, start + size))
        chunk_index().upsert(list(_points(made, _unit_vectors(random, size), words)))


def _texts(random: np.random.Generator) -> Iterator[str]:
    """From the words of the documents that are there, so that questions match them."""
    known = " ".join(Chunk.objects.values_list("text", flat=True)[:CHUNKS_A_DOCUMENT]).split()
    for _ in range(DISTINCT_TEXTS):
        yield " ".join(random.choice(known, WORDS_A_CHUNK))


def _document(owner: Person, shelf: Collection, label: Sensitivity, *, number: int) -> Version:
    document = Document.objects.create(
        title=f"Document {number}",
        owner=owner,
        collection=shelf,
        sensitivity=label,
        sensitivity_by=Document.DecidedBy.PERSON,
    )
    version = Version.objects.create(
        document=document,
        collection=shelf,
        sha256=f"{number:064}",
        name=f"{number}.txt",
        media_type="text/plain",
        size=0,
        stage=Stage.READY,
    )
    Document.objects.filter(pk=document.pk).update(current_version=version)
    return version


def _chunks(version: Version, texts: Sequence[str]) -> list[Chunk]:
    document = version.document
    return Chunk.objects.bulk_create(
        Chunk(
            version=version,
            ordinal=ordinal,
            text=text,
            header=document.title,
            start=0,
            end=len(text),
            sensitivity=document.sensitivity,
        )
        for ordinal, text in enumerate(texts)
    )


def _unit_vectors(random: np.random.Generator, size: int) -> Vectors:
    rows = random.standard_normal((size, registry.embedder().dimension), dtype=np.float32)
    vectors: Vectors = rows / np.linalg.norm(rows, axis=1, keepdims=True)
    return vectors


def _points(chunks: Sequence[Chunk], vectors: Vectors, terms: Sequence[SparseVector]) -> Iterator[Point]:
    version = chunks[0].version
    facts, embedder = facts_of(version), registry.embedder().fingerprint
    for chunk, dense, sparse in zip(chunks, vectors, terms, strict=True):
        yield Point(
            id=point_id(version.pk, chunk.ordinal, embedder),
            dense=dense,
            sparse_indices=sparse.indices,
            sparse_values=sparse.values,
            collection=version.collection_id,
            document=version.document_id,
            version=version.pk,
            ordinal=chunk.ordinal,
            sensitivity=chunk.sensitivity,
            facts=facts,
        )
