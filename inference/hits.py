"""What retrieval finds: chunks with their scores."""

from dataclasses import dataclass
from uuid import UUID

from inference.personal import Finding, unpacked
from kb.models import Chunk, Sensitivity

FIELDS = (
    "ordinal",
    "text",
    "header",
    "first_page",
    "last_page",
    "sensitivity",
    "personal",
    "instruction",
    "version__id",
    "version__cleared_at",
    "version__document__title",
    "version__document__sensitivity",
    "version__document__collection",
)
"""Of a chunk and its document, all that a hit is made of: half the time of reading everything."""


@dataclass(frozen=True, slots=True)
class Hit:
    """A chunk that was found.

    `score` is the fused one: comparable within one query only, higher is better. `similarity` is the cosine
    between question and chunk (-1..1), and `matched` the BM25 score (0 and up): both are comparable across queries.
    """

    chunk: int
    document: UUID
    collection: int
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
    personal: tuple[Finding, ...] | None = None
    """What was found in the text when it was read; None where nobody looked."""
    instructs: bool = False
    """Whether it speaks to language models, and nobody has cleared it."""

    @property
    def pages(self) -> list[int]:
        if self.first_page is None or self.last_page is None:
            return []
        return list(range(self.first_page, self.last_page + 1))


def hit_of(chunk: Chunk, *, score: float, similarity: float, matched: float) -> Hit:
    document = chunk.version.document
    return Hit(
        chunk=chunk.pk,
        document=document.pk,
        collection=document.collection_id,
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
        personal=None if chunk.personal is None else unpacked(chunk.personal),
        instructs=chunk.instructs,
    )
