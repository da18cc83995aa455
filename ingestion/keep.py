"""What a run of the pipeline found, written to SQL: the version's facts, the document's label, the chunks."""

from dataclasses import dataclass

from django.db import transaction

from inference.language import language_of
from ingestion.chunk import ChunkDraft
from ingestion.classify import Label, chunk_sensitivities
from ingestion.lease import Lease
from ingestion.parse.elements import Parsed
from ingestion.summarise import Summary
from kb.models import Category, Chunk, Document, Sensitivity, Version
from kb.models.library import Stage

SAMPLE = 8
"""Chunks that the language is guessed from."""
REPLACED = ("text", "headings", "header", "first_page", "last_page", "start", "end", "sensitivity")


@dataclass(frozen=True, slots=True)
class Reading:
    """All that reading one file gave."""

    parsed: Parsed
    title: str
    chunks: tuple[ChunkDraft, ...]
    label: Label
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
    version.language = _language(reading) or ""
    version.parser = parsed.parser
    version.warnings = list(dict.fromkeys([*version.warnings, *parsed.warnings]))
    version.save(update_fields=["summary", "pages", "language", "parser", "warnings"])


def _language(reading: Reading) -> str | None:
    """What the text is written in. A file's own word counts for less: a template's is often another language."""
    return language_of(" ".join(draft.text for draft in reading.chunks[:SAMPLE])) or reading.parsed.language


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
        [_chunk(version, draft, label) for draft, label in zip(reading.chunks, labels, strict=True)],
        update_conflicts=True,
        unique_fields=["version", "ordinal"],
        update_fields=REPLACED,
        batch_size=500,
    )
    version.chunks.filter(ordinal__gte=len(reading.chunks)).delete()
    return list(version.chunks.order_by("ordinal"))


def _chunk(version: Version, draft: ChunkDraft, sensitivity: Sensitivity) -> Chunk:
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
    )
