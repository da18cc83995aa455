"""What a run of the pipeline found, written to SQL: the version's facts, the document's label, the chunks."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import transaction

from inference.personal import Finding, packed
from ingestion.chunk import ChunkDraft
from ingestion.classify import Label, chunk_sensitivities
from ingestion.lease import Lease
from ingestion.parse.elements import Parsed
from ingestion.summarise import Summary
from kb.models import Category, Chunk, Document, Sensitivity, Version
from kb.models.library import Stage

REPLACED = (
    "text",
    "headings",
    "header",
    "first_page",
    "last_page",
    "start",
    "end",
    "sensitivity",
    "personal",
)


@dataclass(frozen=True, slots=True)
class Reading:
    """All that reading one file gave."""

    parsed: Parsed
    title: str
    chunks: tuple[ChunkDraft, ...]
    language: str | None
    label: Label
    personal: tuple[tuple[Finding, ...], ...]
    """What was found in each chunk."""
    summary: Summary


def keep(lease: Lease, reading: Reading) -> list[Chunk]:
    """Writes a reading in one transaction, and gives the version's chunks in order.

    Raises:
        LeaseLost: the version is no longer this worker's; nothing was written.
    """
    version = lease.version
    with transaction.atomic():
        lease.enter(Stage(version.stage))
        _keep_version(version, reading)
        document = _keep_label(version, reading)
        return _replace_chunks(version, reading, Sensitivity(document.sensitivity))


def _keep_version(version: Version, reading: Reading) -> None:
    parsed = reading.parsed
    version.summary = reading.summary.text
    version.pages = parsed.pages
    version.language = reading.language or ""
    version.parser = parsed.parser
    version.warnings = list(dict.fromkeys([*version.warnings, *parsed.warnings]))
    version.save(update_fields=["summary", "pages", "language", "parser", "warnings"])


def _keep_label(version: Version, reading: Reading) -> Document:
    """Title, category and sensitivity. What a person has decided stands."""
    document = Document.objects.select_for_update().get(pk=version.document_id)
    label = reading.label
    document.title = reading.title
    document.category = Category.objects.filter(name=label.category).first()
    if document.sensitivity_by != Document.DecidedBy.PERSON:
        document.sensitivity = label.sensitivity
        document.sensitivity_by = label.decided_by
        document.sensitivity_reason = label.reason
        document.sensitivity_confidence = label.confidence
        document.needs_review = label.needs_review
    document.save()
    version.document = document
    return document


def _replace_chunks(version: Version, reading: Reading, sensitivity: Sensitivity) -> list[Chunk]:
    """Updates in place by ordinal, so that citations of an unchanged document stay valid when it is read again."""
    labels = chunk_sensitivities(sensitivity, [draft.text for draft in reading.chunks])
    Chunk.objects.bulk_create(
        [
            chunk_row(version, draft, label, personal)
            for draft, label, personal in zip(reading.chunks, labels, reading.personal, strict=True)
        ],
        update_conflicts=True,
        unique_fields=["version", "ordinal"],
        update_fields=REPLACED,
        batch_size=500,
    )
    version.chunks.filter(ordinal__gte=len(reading.chunks)).delete()
    return list(version.chunks.order_by("ordinal"))


def chunk_row(
    version: Version,
    draft: ChunkDraft,
    sensitivity: Sensitivity,
    personal: Sequence[Finding] | None = None,
) -> Chunk:
    """Without `personal` as one in which nobody has looked for personal data."""
    return Chunk(
        version=version,
        ordinal=draft.ordinal,
        text=draft.text,
        headings=list(draft.headings),
        header=draft.header,
        first_page=draft.first_page,
        last_page=draft.last_page,
        start=draft.start,
        end=draft.end,
        sensitivity=sensitivity,
        personal=None if personal is None else packed(personal),
    )
