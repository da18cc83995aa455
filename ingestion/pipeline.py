"""THE FLOW: a version → searchable.

    parse ─▶ chunk ─▶ look for instructions, classify, find personal data ─▶ summarise ─▶ compare ─▶ embed ─▶ index

Every step replaces its own earlier result, so that the whole can be run again at any time. The document
stays as it was for readers until the last step has succeeded.
"""

import logging
from collections.abc import Sequence

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from inference import registry
from inference.language import language_of
from inference.personal import find_all
from inference.retrieve import chunk_index
from ingestion import store
from ingestion.chunk import ChunkDraft, chunk
from ingestion.classify import Label, classify
from ingestion.index import embed, index, withdraw
from ingestion.keep import Reading, keep
from ingestion.lease import Lease, LeaseLost
from ingestion.mend.remake import remade
from ingestion.naming import called, title_of
from ingestion.parse.bounds import Bounds
from ingestion.parse.confine import Limits
from ingestion.parse.elements import Parsed
from ingestion.parse.reading import Recognition, Wanted
from ingestion.parse.sandbox import parse
from ingestion.sources.likeness import compare
from ingestion.summarise import summarise
from ingestion.suspicion import suspicion_of
from ingestion.taxonomy import category_options
from kb.errors import Unavailable, Unreadable
from kb.models import Document, Sensitivity, Version
from kb.models.library import Stage

log = logging.getLogger("strongroom.ingest")

SAMPLE = 8
"""Chunks that the language is guessed from."""


def ingest(lease: Lease) -> None:
    """Takes a claimed version from its stored file to READY.

    Raises:
        Unreadable: the file cannot be read; the message is for the person who uploaded it.
        Unavailable: something that is needed is away; the same run may succeed later.
        LeaseLost: the version was deleted or taken over.
    """
    version = lease.version

    lease.enter(Stage.PARSING)
    parsed = _parse(lease)

    lease.enter(Stage.CHUNKING)
    title = title_of(version, parsed.title)
    reread = remade(version, _chunk(version, parsed, title), title)
    drafts = reread.drafts

    lease.enter(Stage.CLASSIFYING)
    texts = [draft.text for draft in drafts]
    suspicion = suspicion_of(parsed.hidden, texts)
    language = _language(parsed, drafts)
    label = _classify(version, title, drafts)
    personal = tuple(find_all(texts, language))

    lease.enter(Stage.SUMMARISING)
    # What speaks to language models is given to none before a person has looked at it.
    reword = settings.SUMMARY_REWORD and not suspicion.any
    summary = summarise(title, reread.searched, subject=version.pk, reword=reword)

    chunks = keep(lease, Reading(parsed, title, reread, language, label, personal, suspicion, summary))

    compare(version, texts)

    lease.enter(Stage.EMBEDDING)
    vectors = embed(version, chunks)

    lease.enter(Stage.INDEXING)
    index(version, chunks, vectors)
    _publish(lease)
    _withdraw_earlier(version)


def _parse(lease: Lease) -> Parsed:
    """Ends at once when the version is taken away meanwhile."""
    version = lease.version
    limits = Limits(
        seconds=settings.PARSE_SECONDS,
        memory=settings.PARSE_MEMORY,
        bounds=Bounds(**settings.PARSE_BOUNDS),
    )
    parsed = parse(
        store.path_of(version.sha256),
        name=version.name,
        media_type=version.media_type,
        limits=limits,
        wanted=Wanted(version.chosen_parser, Recognition(settings.OCR_LANGUAGES, settings.OCR_PAGES)),
        watch=lease,
    )
    lease.note(parsed.parser)
    return parsed


def _chunk(version: Version, parsed: Parsed, title: str) -> tuple[ChunkDraft, ...]:
    embedder = registry.embedder()
    window = embedder.window - embedder.count_tokens(called(version.name, title))
    drafts = chunk(parsed, title=title, window=window, count_tokens=embedder.count_tokens)
    if not drafts:
        raise Unreadable(
            "The file holds no text. If it is a scan, run text recognition on it and upload it again."
        )
    return drafts


def _language(parsed: Parsed, drafts: Sequence[ChunkDraft]) -> str | None:
    """What the text is written in. A file's own word counts for less: a template's is often another language."""
    return language_of(" ".join(draft.text for draft in drafts[:SAMPLE])) or parsed.language


def _classify(version: Version, title: str, drafts: Sequence[ChunkDraft]) -> Label:
    collection = version.collection
    default = collection.default_sensitivity
    return classify(
        title,
        [draft.text for draft in drafts],
        categories=category_options(),
        floor=Sensitivity(collection.minimum_sensitivity),
        default=None if default is None else Sensitivity(default),
        subject=version.pk,
    )


def _publish(lease: Lease) -> None:
    """From here on the version is what readers find, unless they find a later one already."""
    version = lease.version
    fingerprint = registry.embedder().fingerprint
    try:
        with transaction.atomic():
            lease.settle(Stage.READY, failure="", embedder=fingerprint, ready_at=timezone.now())
            document = Document.objects.live().filter(pk=version.document_id)
            document.exclude(current_version__created_at__gt=version.created_at).update(
                current_version=version
            )
    except LeaseLost:
        if Version.objects.filter(pk=version.pk, retired=False).exists():
            raise  # Somebody else is at it, and writes the same points.
        chunk_index().delete_version(version.pk)
        raise


def _withdraw_earlier(version: Version) -> None:
    """SQL serves them no more already; what an index that is away keeps of them, the reconciler removes."""
    try:
        withdraw(version.document_id)
    except Unavailable as error:
        log.warning("Earlier versions of document %s are still in the index: %s", version.document_id, error)
