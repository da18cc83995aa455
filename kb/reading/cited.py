"""The citations of an answer that one person may see now."""

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from kb.models import Answer, Chunk, Citation, Person

if TYPE_CHECKING:
    from django.db.models import QuerySet


@dataclass(frozen=True, slots=True)
class Edited:
    """Who changed the words of a passage, and when; `since`: after they were quoted."""

    by: Person
    at: datetime
    since: bool


def cited(answer: Answer, person: Person) -> "QuerySet[Citation]":
    """By their markers. Each has its chunk, with the document. Whether the answer itself may be read, ask that."""
    found = answer.citations.filter(chunk__in=Chunk.objects.citable_by(person))
    return found.select_related("chunk__version__document", "chunk__edited_by", "answer__question")


def chunk_of(citation: Citation) -> Chunk:
    """Of a citation that `cited` gave: those of chunks that are gone are not among them."""
    assert citation.chunk is not None  # noqa: S101
    return citation.chunk


def edited(citation: Citation) -> Edited | None:
    """Whether the passage has other words than the file."""
    chunk = chunk_of(citation)
    if chunk.edited_by is None or chunk.edited_at is None:
        return None
    since = chunk.edited_at > citation.answer.question.created_at
    return Edited(chunk.edited_by, chunk.edited_at, since=since)
