"""What became of a file, and what a search found."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from inference.hits import Hit
from kb.models import Chunk, Sensitivity, Version


@dataclass(frozen=True, slots=True)
class Ingested:
    """What became of one file. `seconds` is the wall time of all its stages together."""

    document: UUID | None
    title: str
    stage: str
    failure: str
    sensitivity: str | None
    category: str | None
    chunks: int
    pages: int | None
    seconds: float


@dataclass(frozen=True, slots=True)
class FoundChunk:
    """One hit. `score` is comparable within one search only; higher is better."""

    document: UUID
    chunk: int
    score: float
    title: str
    pages: Sequence[int]
    text: str


def ingested(version: Version) -> Ingested:
    """What became of a version, read anew."""
    version = Version.objects.select_related("document__category").get(pk=version.pk)
    document = version.document
    return Ingested(
        document=document.pk,
        title=document.title,
        stage=version.stage,
        failure=version.failure,
        sensitivity=Sensitivity(document.sensitivity).name,
        category=document.category.name if document.category else None,
        chunks=Chunk.objects.filter(version=version).count(),
        pages=version.pages,
        seconds=round(sum(version.seconds.values()), 3),
    )


def not_taken(name: str, failure: str) -> Ingested:
    """A file that could not even be stored."""
    return Ingested(None, name, "failed", failure, None, None, 0, None, 0.0)


def left_out(path: str, reason: str) -> Ingested:
    """Something in an archive or a mail that did not become a document."""
    return Ingested(None, path, "left out", reason, None, None, 0, None, 0.0)


def to_be_opened(name: str) -> Ingested:
    """An archive that waits; its files are documents once it has been opened."""
    return Ingested(None, name, "queued", "", None, None, 0, None, 0.0)


def found_chunk(hit: Hit) -> FoundChunk:
    return FoundChunk(
        document=hit.document,
        chunk=hit.chunk,
        score=round(hit.score, 4),
        title=hit.title,
        pages=hit.pages,
        text=hit.text,
    )
