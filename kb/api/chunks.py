"""The chunks of a document, and mending them: what the portal's page of chunks can do."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Self
from uuid import UUID

from django.db.models import Q, QuerySet
from django.shortcuts import get_object_or_404
from ninja import Path, Query, Router
from pydantic import Field, model_validator

from ingestion.mend import make
from ingestion.mend.aim import Aim
from kb.api.auth import Request
from kb.api.errors import error_replies
from kb.api.etags import check_unchanged
from kb.api.fields import Body, Id, refuse_unknown
from kb.api.found import visible
from kb.api.listing import Listed
from kb.api.paging import Window, part_of
from kb.models import Chunk, Sensitivity

router = Router(tags=["Chunks"])

LONGEST = 20_000
"""Characters of a text that is taken in at all; how much a chunk may hold is decided by its tokens."""
REVISION = Field(description="That of the chunk as you saw it.", max_length=16, examples=["5f0c2a9be1d34c77"])
MENDED = {**error_replies(404, 409, 412, 422, 503)}


@dataclass(frozen=True, slots=True)
class ChunkSheet:
    """`revision` is another one whenever its words, its headings or whether it is left out have changed."""

    id: int
    ordinal: Annotated[int, Field(description="From 0 on.", examples=[3])]
    text: Annotated[str, Field(examples=["Trains are booked in second class."])]
    headings: Annotated[Sequence[str], Field(examples=[["Travel", "Trains"]])]
    pages: Annotated[Sequence[int], Field(examples=[[2]])]
    sensitivity: Annotated[str, Field(examples=["INTERNAL"])]
    excluded: Annotated[bool, Field(description="Left out of the search; editors alone see those.")]
    edited_by: Annotated[str | None, Field(description="The username of who changed its words last.")]
    edited_at: datetime | None
    revision: Annotated[str, Field(examples=["5f0c2a9be1d34c77"])]


class Seen(Body):
    revision: Annotated[str, REVISION]


class Edit(Seen):
    """Other words and headings, or `excluded` alone. What is left out stays as it is."""

    text: Annotated[str | None, Field(max_length=LONGEST)] = None
    headings: Annotated[tuple[str, ...] | None, Field(description="The outermost first.")] = None
    excluded: Annotated[bool | None, Field(description="Whether it is left out of the search.")] = None

    @model_validator(mode="after")
    def one_change(self) -> Self:
        words = self.text is not None or self.headings is not None
        if words == (self.excluded is not None):
            raise ValueError("Send either “text” and “headings”, or “excluded”: each is a change of its own.")
        return self


class Split(Seen):
    at: Annotated[int, Field(description="The character before which it is cut.", ge=1, le=LONGEST)]


@router.get(
    "/documents/{uuid:document_id}/chunks",
    response={200: Listed[ChunkSheet], **error_replies(404, 422)},
    operation_id="listChunks",
    summary="List the chunks of a document that you may see",
)
def list_chunks(request: Request, document_id: UUID, window: Query[Window]) -> Listed[ChunkSheet]:
    """In the order of the text. Of the current version."""
    refuse_unknown(request, Window)
    part = part_of(_seen(request, document_id).select_related("edited_by"), window, by="ordinal")
    return Listed(items=[_sheet(chunk) for chunk in part.rows], next=part.next)


@router.get(
    "/documents/{uuid:document_id}/chunks/{int:chunk_id}",
    response={200: ChunkSheet, **error_replies(404, 422)},
    operation_id="getChunk",
    summary="Look at a chunk",
)
def get_chunk(request: Request, document_id: UUID, chunk_id: Path[Id]) -> ChunkSheet:
    return _sheet(_chunk(request, document_id, chunk_id))


@router.patch(
    "/documents/{uuid:document_id}/chunks/{int:chunk_id}",
    response={200: ChunkSheet, **MENDED},
    operation_id="editChunk",
    summary="Edit a chunk, or leave it out of the search",
)
def edit_chunk(request: Request, document_id: UUID, chunk_id: Path[Id], edit: Edit) -> ChunkSheet:
    """The search knows the change within a moment. It can be undone."""
    chunk = _chunk(request, document_id, chunk_id)
    check_unchanged(request, _sheet(chunk))
    aim = Aim(request.auth, chunk.pk, edit.revision)
    if edit.excluded is None:
        text = chunk.text if edit.text is None else edit.text
        make.edit(aim, text=text, headings=chunk.headings if edit.headings is None else edit.headings)
    elif edit.excluded:
        make.exclude(aim)
    else:
        make.include(aim)
    return _sheet(_chunk(request, document_id, chunk_id))


@router.post(
    "/documents/{uuid:document_id}/chunks/{int:chunk_id}/split",
    response={200: Listed[ChunkSheet], **MENDED},
    operation_id="splitChunk",
    summary="Split a chunk in two",
)
def split_chunk(request: Request, document_id: UUID, chunk_id: Path[Id], split: Split) -> Listed[ChunkSheet]:
    """Answers with the two. Those behind them are numbered anew."""
    made = make.split(
        Aim(request.auth, _chunk(request, document_id, chunk_id).pk, split.revision), at=split.at
    )
    return _run(request, document_id, made.ordinal, len(made.after))


@router.post(
    "/documents/{uuid:document_id}/chunks/{int:chunk_id}/merge",
    response={200: Listed[ChunkSheet], **MENDED},
    operation_id="mergeChunk",
    summary="Join a chunk with the next",
)
def merge_chunk(request: Request, document_id: UUID, chunk_id: Path[Id], seen: Seen) -> Listed[ChunkSheet]:
    """Answers with the one that they are now."""
    made = make.merge(Aim(request.auth, _chunk(request, document_id, chunk_id).pk, seen.revision))
    return _run(request, document_id, made.ordinal, len(made.after))


@router.post(
    "/documents/{uuid:document_id}/chunks/{int:chunk_id}/embed",
    response={200: ChunkSheet, **MENDED},
    operation_id="embedChunk",
    summary="Embed a chunk again",
)
def embed_chunk(request: Request, document_id: UUID, chunk_id: Path[Id], seen: Seen) -> ChunkSheet:
    make.embed_again(Aim(request.auth, _chunk(request, document_id, chunk_id).pk, seen.revision))
    return _sheet(_chunk(request, document_id, chunk_id))


@router.post(
    "/documents/{uuid:document_id}/chunks/undo",
    response={200: Listed[ChunkSheet], **MENDED},
    operation_id="undoChunks",
    summary="Take back the last change of a document's chunks",
)
def undo_chunks(request: Request, document_id: UUID) -> Listed[ChunkSheet]:
    """Whoever made it. Answers with the chunks as they were before it."""
    undone = make.undo(visible(request, document_id), request.auth)
    return _run(request, document_id, undone.ordinal, len(undone.before))


def _run(request: Request, document_id: UUID, first: int, length: int) -> Listed[ChunkSheet]:
    """So many chunks from this ordinal on."""
    run = _seen(request, document_id).filter(ordinal__gte=first, ordinal__lt=first + length)
    return Listed(items=[_sheet(chunk) for chunk in run.select_related("edited_by").order_by("ordinal")])


def _chunk(request: Request, document_id: UUID, chunk_id: int) -> Chunk:
    return get_object_or_404(_seen(request, document_id).select_related("edited_by"), pk=chunk_id)


def _seen(request: Request, document_id: UUID) -> QuerySet[Chunk]:
    """Those that the person may find, and for who may change the document those that are left out besides."""
    found, mendable = Chunk.objects.visible_to(request.auth), Chunk.objects.mendable_by(request.auth)
    document = visible(request, document_id)
    either = Q(pk__in=found.values("pk")) | Q(pk__in=mendable.values("pk"))
    return Chunk.objects.filter(either, version__document=document)


def _sheet(chunk: Chunk) -> ChunkSheet:
    return ChunkSheet(
        id=chunk.pk,
        ordinal=chunk.ordinal,
        text=chunk.text,
        headings=chunk.headings,
        pages=chunk.pages,
        sensitivity=Sensitivity(chunk.sensitivity).name,
        excluded=chunk.excluded,
        edited_by=chunk.edited_by.username if chunk.edited_by else None,
        edited_at=chunk.edited_at,
        revision=chunk.revision,
    )
