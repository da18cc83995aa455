"""What the API says of a document, and of where it stands on its way."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from django.db.models import Count
from pydantic import Field

from kb.models import Chunk, Document, Person, Sensitivity, Version
from kb.models.library import UNDONE, holds_more_than

STEPS = 7
"""From waiting to ready."""


@dataclass(frozen=True, slots=True)
class DocumentSheet:
    """`stage`, `failure` and the file's facts are of the newest version; `chunks` counts those that you may see.

    `partly_hidden` says that some of it is above your clearance: there is no summary and no file for you then.
    """

    id: UUID
    title: Annotated[str, Field(examples=["Travel policy 2026"])]
    collection: Annotated[str, Field(examples=["Handbook"])]
    owner: Annotated[str, Field(description="The username.", examples=["dana"])]
    category: Annotated[str | None, Field(examples=["Policy"])]
    tags: Annotated[Sequence[str], Field(examples=[["2026", "travel"]])]
    sensitivity: Annotated[str, Field(examples=["INTERNAL"])]
    sensitivity_by: Annotated[str, Field(description="Who or what decided it.", examples=["model"])]
    sensitivity_reason: str
    sensitivity_confidence: Annotated[float | None, Field(description="0 to 1.", examples=[0.87])]
    needs_review: bool
    valid_until: Annotated[date | None, Field(description="The last day on which it is valid.")]
    name: Annotated[str, Field(description="The file's name.", examples=["travel-policy.pdf"])]
    media_type: Annotated[str, Field(examples=["application/pdf"])]
    size: Annotated[int, Field(description="Bytes.", examples=[48_213])]
    stage: Annotated[str, Field(examples=["ready"])]
    failure: Annotated[str, Field(description="Why it failed, in a sentence.", examples=[""])]
    warnings: Sequence[str]
    summary: str
    partly_hidden: bool
    language: Annotated[str, Field(examples=["en"])]
    pages: Annotated[int | None, Field(examples=[12])]
    chunks: Annotated[int, Field(examples=[31])]
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class DocumentCount:
    count: Annotated[int, Field(examples=[12])]


@dataclass(frozen=True, slots=True)
class Progress:
    """`step` of `steps` is null when it failed or was set aside; `seconds` are wall time by stage."""

    document: UUID
    stage: Annotated[str, Field(examples=["embedding"])]
    step: Annotated[int | None, Field(examples=[5])]
    steps: Annotated[int, Field(examples=[STEPS])]
    failure: Annotated[str, Field(examples=[""])]
    attempts: Annotated[int, Field(examples=[1])]
    chunks: Annotated[int, Field(description="Those that you may see.", examples=[31])]
    pages: Annotated[int | None, Field(examples=[12])]
    seconds: Annotated[Mapping[str, float], Field(examples=[{"parsing": 0.9, "chunking": 0.1}])]


def document_sheet(document: Document, person: Person) -> DocumentSheet:
    return document_sheets([document], person)[0]


def document_sheets(documents: Sequence[Document], person: Person) -> list[DocumentSheet]:
    """In the same order, as they are by now. Five queries, however many there are."""
    pks = [document.pk for document in documents]
    rows = Document.objects.select_related("collection", "category", "owner").prefetch_related("tags")
    found = rows.in_bulk(pks)
    page = [found[pk] for pk in pks if pk in found]
    hidden = Document.objects.filter(holds_more_than(person), pk__in=pks)
    partly_hidden = set(hidden.values_list("pk", flat=True))
    versions = _newest_versions(page)
    chunks = _visible_chunks(list(versions.values()), person)
    return [
        _sheet(document, version, chunks.get(version.pk, 0), partly_hidden=document.pk in partly_hidden)
        for document in page
        if (version := versions.get(document.pk))
    ]


def progress(version: Version, person: Person) -> Progress:
    return Progress(
        document=version.document_id,
        stage=version.stage,
        step=None if version.stage in UNDONE else version.step,
        steps=STEPS,
        failure=version.failure,
        attempts=version.attempts,
        chunks=_visible_chunks([version], person).get(version.pk, 0),
        pages=version.pages,
        seconds=version.seconds,
    )


def _newest_versions(documents: Sequence[Document]) -> dict[UUID, Version]:
    versions = Version.objects.filter(document__in=documents).order_by("created_at")
    return {version.document_id: version for version in versions}


def _visible_chunks(versions: Sequence[Version], person: Person) -> dict[UUID, int]:
    visible = Chunk.objects.visible_to(person).filter(version__in=versions).order_by()
    return dict(visible.values_list("version").annotate(chunks=Count("pk")))


def _sheet(document: Document, version: Version, chunks: int, *, partly_hidden: bool) -> DocumentSheet:
    return DocumentSheet(
        id=document.pk,
        title=document.title,
        collection=document.collection.name,
        owner=document.owner.username,
        category=document.category.name if document.category else None,
        tags=[tag.name for tag in document.tags.all()],
        sensitivity=Sensitivity(document.sensitivity).name,
        sensitivity_by=document.sensitivity_by,
        sensitivity_reason=document.sensitivity_reason,
        sensitivity_confidence=document.sensitivity_confidence,
        needs_review=document.needs_review,
        valid_until=document.valid_until,
        name=version.name,
        media_type=version.media_type,
        size=version.size,
        stage=version.stage,
        failure=version.failure,
        warnings=version.warnings,
        summary="" if partly_hidden else version.summary,
        partly_hidden=partly_hidden,
        language=version.language,
        pages=version.pages,
        chunks=chunks,
        created_at=document.created_at,
        updated_at=document.updated_at,
    )
