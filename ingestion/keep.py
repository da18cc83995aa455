"""What a run of the pipeline found, written to SQL: the version's facts, the document's label, the chunks."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import transaction

from inference import registry
from inference.personal import Finding, packed
from ingestion.chunk import ChunkDraft
from ingestion.classify import Label
from ingestion.lease import Lease
from ingestion.mend.again import Reread
from ingestion.mend.judge import floored
from ingestion.mend.remake import keep_mendings
from ingestion.mend.state import State
from ingestion.parse.elements import Parsed
from ingestion.passages import OwnLabel, own_labels
from ingestion.strictness import keep_to_declared, keep_to_mail, keep_to_minimum, raise_answers
from ingestion.summarise import Summary
from ingestion.suspicion import Suspicion
from kb.models import Category, Chunk, Collection, Document, LabelVotes, Sensitivity, Version
from kb.models.library import Stage

REPLACED = (
    "text", "headings", "header", "first_page", "last_page", "start", "end",
    "sensitivity", "own_sensitivity", "sensitivity_by", "sensitivity_reason", "personal", "instruction",
    "excluded", "edited_by", "edited_at", "unindexed_since",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Reading:
    """All that reading one file gave."""

    parsed: Parsed
    title: str
    reread: Reread
    """Its chunks, with what people had changed of them."""
    language: str | None
    label: Label
    personal: tuple[tuple[Finding, ...], ...]
    """What was found in each chunk."""
    suspicion: Suspicion
    summary: Summary


def keep(lease: Lease, reading: Reading) -> list[Chunk]:
    """Writes a reading in one transaction, and gives the version's chunks in order.

    Raises:
        LeaseLost: the version is no longer this worker's; nothing was written.
    """
    version = lease.version
    with transaction.atomic():
        lease.renew()
        _keep_version(version, reading)
        _keep_suspicion(version, reading.suspicion)
        document = _keep_label(version, reading)
        _keep_votes(document, reading.label)
        chunks = _replace_chunks(version, reading, Sensitivity(document.sensitivity))
        keep_mendings(reading.reread)
        raise_answers(document)
        return chunks


def _keep_version(version: Version, reading: Reading) -> None:
    parsed = reading.parsed
    version.summary = reading.summary.text
    version.pages = parsed.pages
    version.language = reading.language or ""
    version.parser = parsed.parser
    version.warnings = list(dict.fromkeys([*version.warnings, *parsed.warnings]))
    version.save(update_fields=["summary", "pages", "language", "parser", "warnings"])


def _keep_suspicion(version: Version, suspicion: Suspicion) -> None:
    """What a person has cleared stays cleared while nothing else is found."""
    found = (suspicion.hidden_rows, sorted(filter(None, suspicion.instructions)))
    chunks = version.chunks.exclude(instruction="").values_list("instruction", flat=True)
    if (version.hidden, sorted(chunks)) != found:
        version.cleared_at = None
    version.hidden, version.suspicious = suspicion.hidden_rows, suspicion.any
    version.save(update_fields=["hidden", "suspicious", "cleared_at"])


def _keep_label(version: Version, reading: Reading) -> Document:
    """Title, category and sensitivity. What a person has decided stands, but for a new version that is stricter."""
    # The collection first, as everybody who changes labels does: its minimum may have been raised meanwhile.
    collection = Collection.objects.select_for_update().get(pk=version.collection_id)
    document = Document.objects.select_for_update().get(pk=version.document_id)
    label = reading.label
    document.title = reading.title
    document.category = Category.objects.filter(name=label.category).first()
    if _has_earlier(version):
        _keep_stricter(document, label)
    elif document.sensitivity_by != Document.DecidedBy.PERSON:
        _keep_decision(document, label)
        document.needs_review = label.needs_review
        keep_to_declared(document)
    keep_to_mail(document)
    keep_to_minimum(document, collection)
    document.save()
    version.document = document
    return document


def _has_earlier(version: Version) -> bool:
    """Whether readers have, or had, another version of the document: its label is about all of them."""
    return version.document.versions.filter(stage=Stage.READY).exclude(pk=version.pk).exists()


def _keep_stricter(document: Document, label: Label) -> None:
    """A new version makes its document stricter, never laxer; only a person does that."""
    if label.sensitivity > document.sensitivity:
        _keep_decision(document, label)
        document.needs_review = True


def _keep_decision(document: Document, label: Label) -> None:
    document.sensitivity = label.sensitivity
    document.sensitivity_by = label.decided_by
    document.sensitivity_reason = label.reason
    document.sensitivity_confidence = label.confidence


def _keep_votes(document: Document, label: Label) -> None:
    """Also when a person has decided: his label is what the votes are compared with, and learn from."""
    LabelVotes.objects.filter(document=document).delete()
    if label.ballot is None:
        return
    LabelVotes.objects.create(
        document=document,
        votes={judge.value: vote.tolist() for judge, vote in label.ballot.votes.items()},
        passage=label.passage,
        vector=label.ballot.vector.astype("<f4").tobytes(),
        embedder=registry.embedder().fingerprint,
    )


def _replace_chunks(version: Version, reading: Reading, sensitivity: Sensitivity) -> list[Chunk]:
    """Updates in place by ordinal, so that citations of an unchanged document stay valid when it is read again."""
    drafts, states = reading.reread.drafts, reading.reread.states
    labels = _own_labels(version, drafts)
    rows = [
        chunk_row(version, draft, sensitivity, own, personal=personal, instruction=instruction)
        for draft, own, personal, instruction in zip(
            drafts, labels, reading.personal, reading.suspicion.instructions, strict=True
        )
    ]
    for ordinal, state in states.items():
        _as_mended(rows[ordinal], state)
    Chunk.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["version", "ordinal"],
        update_fields=REPLACED,
        batch_size=500,
    )
    version.chunks.filter(ordinal__gte=len(drafts)).delete()
    return list(version.chunks.order_by("ordinal"))


def _as_mended(row: Chunk, state: State) -> None:
    """Left out or edited as it was, and no laxer than the change left it."""
    row.excluded, row.edited_by_id, row.edited_at = state.excluded, state.edited_by, state.edited_at
    own = floored(State.of(row), state.label)
    row.own_sensitivity = own.own_sensitivity
    row.sensitivity = Sensitivity.strictest([row.sensitivity, own.label.sensitivity])
    row.sensitivity_by, row.sensitivity_reason = own.sensitivity_by, own.sensitivity_reason


def _own_labels(version: Version, drafts: Sequence[ChunkDraft]) -> list[OwnLabel]:
    """What the passages demand by themselves. What a person has decided of a passage stands while its text does."""
    by_person = version.chunks.filter(sensitivity_by=Document.DecidedBy.PERSON)
    decided = {(chunk.ordinal, chunk.text): chunk for chunk in by_person}
    return [
        _decided(decided[key]) if (key := (draft.ordinal, draft.text)) in decided else own
        for draft, own in zip(drafts, own_labels(drafts), strict=True)
    ]


def _decided(chunk: Chunk) -> OwnLabel:
    own = Sensitivity(chunk.own_sensitivity or Sensitivity.PUBLIC)
    return OwnLabel(own, Document.DecidedBy.PERSON, chunk.sensitivity_reason)


def chunk_row(
    version: Version,
    draft: ChunkDraft,
    sensitivity: Sensitivity,
    own: OwnLabel,
    *,
    personal: Sequence[Finding] | None = None,
    instruction: str = "",
) -> Chunk:
    """`sensitivity` is the document's. Without `personal` as one in which nobody has looked for personal data."""
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
        sensitivity=Sensitivity.strictest([sensitivity, own.sensitivity]),
        own_sensitivity=own.sensitivity,
        sensitivity_by=own.decided_by,
        sensitivity_reason=own.reason,
        personal=None if personal is None else packed(personal),
        instruction=instruction,
    )
