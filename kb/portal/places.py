"""Where an address points into a document: a citation in a conversation that the person may read, or a chunk."""

from dataclasses import dataclass

from django.urls import reverse

from kb.models import Chunk, Citation, Conversation, Document
from kb.portal.address import number
from kb.visitor import PersonRequest

BEFORE = 80
"""Characters of the chunk that stand before a quote; they tell it from its like on the same page."""


@dataclass(frozen=True, slots=True)
class Place:
    """A chunk, and the words of it that are cited; none where the chunk itself is meant."""

    chunk: Chunk
    query: str
    """How an address points here: “citation=7”."""
    quote: str = ""
    start: int | None = None
    """Where the quote stands in the chunk's text, in characters; None where it does not, letter for letter."""

    @property
    def outdated(self) -> bool:
        """Whether the document has a newer version by now."""
        return self.chunk.version_id != self.chunk.version.document.current_version_id

    @property
    def before(self) -> str:
        start = self.start or 0
        return self.chunk.text[max(start - BEFORE, 0) : start]


def place_in(document: Document, request: PersonRequest) -> Place | None:
    """None when the address points nowhere, or at what this person may not see."""
    chunks = Chunk.objects.open_to(request.user).filter(version__document=document)
    if (key := number(request.GET, "citation")) is not None:
        threads = Conversation.objects.readable_by(request.user)
        read = Citation.objects.filter(answer__question__conversation__in=threads)
        found = read.filter(pk=key, chunk__in=chunks).select_related("chunk__version__document").first()
        return _cited(found, found.chunk) if found and found.chunk else None
    if (ordinal := number(request.GET, "chunk")) is not None:
        current = chunks.filter(version=document.current_version_id, ordinal=ordinal)
        chunk = current.select_related("version__document").first()
        return Place(chunk, f"chunk={ordinal}") if chunk else None
    return None


def _cited(citation: Citation, chunk: Chunk) -> Place:
    quote, start = citation.quote, citation.start
    if start is None or not chunk.text.startswith(quote, start):
        found = chunk.text.find(quote)
        start = found if found >= 0 else None
    return Place(chunk, f"citation={citation.pk}", quote, start)


def address_of(citation: Citation, chunk: Chunk) -> str:
    """What opens the citation's document there: a PDF page by page, all else as text."""
    version = chunk.version
    page = reverse("original" if version.is_pdf else "document", args=[version.document_id])
    return f"{page}?citation={citation.pk}#quote"
