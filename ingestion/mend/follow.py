"""The points of changed chunks, made to say what SQL says. Safe to run twice, and two at once."""

from collections.abc import Sequence
from uuid import UUID

from django.utils import timezone

from inference.retrieve import chunk_index
from ingestion.index import BATCH, describe, write
from kb.models import Chunk, Version
from kb.models.library import Stage

Written = list[tuple[int, str, str]]
"""Ordinal, header and text of what was embedded."""


def follow(version_id: UUID) -> None:
    """Embeds the chunks that are marked as changed, and no others; drops the points of ordinals that are gone.

    Raises:
        ModelUnavailable, IndexUnavailable: they stay marked, and are sent again.
    """
    ready = Version.objects.filter(pk=version_id, retired=False, stage=Stage.READY)
    version = ready.select_related("document").first()
    if version is None:
        return
    _drop_stale(version)
    while marked := list(version.chunks.unindexed().order_by("ordinal")[:BATCH]):
        _write(version, [chunk.ordinal for chunk in marked])
        for chunk in marked:
            # Only the mark that was seen: who has changed it again meanwhile has sent another message.
            seen = version.chunks.filter(pk=chunk.pk, unindexed_since=chunk.unindexed_since)
            seen.update(unindexed_since=None)
    describe(version.document)


def _write(version: Version, ordinals: Sequence[int]) -> None:
    """Asks SQL again after each write, so that of two who write at once none leaves an older text's vectors."""
    written: Written = []
    while (said := _said(chunks := _at(version, ordinals))) != written:
        write(version, chunks)
        written = said


def _at(version: Version, ordinals: Sequence[int]) -> list[Chunk]:
    return list(version.chunks.filter(ordinal__in=ordinals).order_by("ordinal"))


def _said(chunks: Sequence[Chunk]) -> Written:
    return [(chunk.ordinal, chunk.header, chunk.text) for chunk in chunks]


def _drop_stale(version: Version) -> None:
    held = version.chunks.count()
    chunk_index().delete_stale(version.pk, keep=held)
    # Points that a split has added meanwhile are gone too.
    version.chunks.filter(ordinal__gte=held).update(unindexed_since=timezone.now())
