"""A document's versions and their files, and whether one document is a new version of another."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, BinaryIO, cast
from uuid import UUID

from django.http import Http404, HttpResponseBase
from django.shortcuts import get_object_or_404
from ninja import File, Query, Router, Status, UploadedFile
from pydantic import Field

from ingestion.sources.likeness import versions_offered
from ingestion.sources.versions import answer, revise, take_back
from ingestion.store import path_of
from kb.api.auth import Request
from kb.api.errors import error_replies
from kb.api.fields import Body, refuse_unknown
from kb.api.files import BYTES, FILE_REPLIES
from kb.api.found import editable, visible
from kb.api.listing import Listed
from kb.api.paging import Window, part_of
from kb.download import HARMLESS, StoredFile, attachment
from kb.models import Document, Likeness, Version
from kb.models.library import Stage
from kb.openable import whole

router = Router(tags=["Versions"])


@dataclass(frozen=True, slots=True)
class VersionSheet:
    """`current` is the version that readers find: the newest one that is ready."""

    id: UUID
    name: Annotated[str, Field(description="The file's name.", examples=["travel-policy.pdf"])]
    media_type: Annotated[str, Field(examples=["application/pdf"])]
    size: Annotated[int, Field(description="Bytes.", examples=[48_213])]
    sha256: Annotated[
        str, Field(examples=["9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"])
    ]
    stage: Annotated[str, Field(examples=["ready"])]
    failure: Annotated[str, Field(examples=[""])]
    current: bool
    pages: Annotated[int | None, Field(examples=[12])]
    language: Annotated[str, Field(examples=["en"])]
    parser: Annotated[str, Field(description="What read it.", examples=["LayoutPdf"])]
    created_at: datetime
    ready_at: datetime | None


@dataclass(frozen=True, slots=True)
class LikenessSheet:
    """“Is this document a new version of that one?”"""

    document: UUID
    title: str
    like: Annotated[UUID, Field(description="The document that it may be a new version of.")]
    like_title: str
    share: Annotated[float, Field(description="How much of the texts is the same, 0 to 1.", examples=[0.82])]


class LikenessAnswer(Body):
    is_new_version: Annotated[bool, Field(description="Yes makes it a version of the other document.")]


@router.get(
    "/documents/{uuid:document_id}/versions",
    response={200: Listed[VersionSheet], **error_replies(404, 422)},
    operation_id="listVersions",
    summary="List a document's versions",
)
def list_versions(request: Request, document_id: UUID, window: Query[Window]) -> Listed[VersionSheet]:
    """The newest first."""
    refuse_unknown(request, Window)
    document = visible(request, document_id)
    part = part_of(document.versions.filter(retired=False), window, by="-created_at")
    return Listed(items=[_sheet(version, document) for version in part.rows], next=part.next)


@router.post(
    "/documents/{uuid:document_id}/versions",
    response={201: VersionSheet, **error_replies(404, 413, 422, 503)},
    operation_id="addVersion",
    summary="Upload a document's new version",
)
def add_version(request: Request, document_id: UUID, file: File[UploadedFile]) -> Status[VersionSheet]:
    """Until it is ready, readers find the version before."""
    document = visible(request, document_id)
    version = revise(document, request.auth, cast(BinaryIO, file.file), name=file.name or "")
    return Status(201, _sheet(version, document))


@router.get(
    "/documents/{uuid:document_id}/file",
    response=FILE_REPLIES,
    operation_id="downloadDocument",
    summary="Download the file of the current version",
    openapi_extra=BYTES,
)
def download_document(request: Request, document_id: UUID) -> HttpResponseBase:
    """For those who may see every part of the document. Takes a `Range` of bytes."""
    document = get_object_or_404(whole(request.auth), pk=document_id)
    return _file(request, document.current_version or document.latest)


@router.get(
    "/documents/{uuid:document_id}/versions/{uuid:version_id}/file",
    response=FILE_REPLIES,
    operation_id="downloadVersion",
    summary="Download the file of a version",
    openapi_extra=BYTES,
)
def download_version(request: Request, document_id: UUID, version_id: UUID) -> HttpResponseBase:
    """The same of a version that is, or has been, what readers find."""
    document = get_object_or_404(whole(request.auth), pk=document_id)
    return _file(request, get_object_or_404(document.versions.filter(stage=Stage.READY), pk=version_id))


@router.get(
    "/likenesses",
    response={200: Listed[LikenessSheet], **error_replies(422)},
    operation_id="listLikenesses",
    summary="List the documents that may be new versions of others",
)
def list_likenesses(request: Request, window: Query[Window]) -> Listed[LikenessSheet]:
    """Those whose question you may answer."""
    refuse_unknown(request, Window)
    part = part_of(versions_offered(request.auth), window, by="-id")
    sheets = [
        _asked(each.version.document, each.like.document, each.share) for each in part.rows if each.like
    ]
    return Listed(items=sheets, next=part.next)


@router.put(
    "/documents/{uuid:document_id}/likeness",
    response={204: None, **error_replies(404, 422)},
    operation_id="answerLikeness",
    summary="Say whether a document is a new version of another",
)
def answer_likeness(request: Request, document_id: UUID, said: LikenessAnswer) -> Status[None]:
    """If it is, it becomes a version of the other document, and its own address ends."""
    question = get_object_or_404(versions_offered(request.auth), version__document=document_id)
    answer(question, request.auth, is_new_version=said.is_new_version)
    return Status(204, None)


@router.delete(
    "/documents/{uuid:document_id}/likeness",
    response={204: None, **error_replies(404, 422)},
    operation_id="takeBackLikeness",
    summary="Take the answer about a document's current version back",
)
def take_back_likeness(request: Request, document_id: UUID) -> Status[None]:
    """What had become a version is a document of its own again."""
    document = editable(request, document_id)
    take_back(get_object_or_404(Likeness, version=document.current_version_id), request.auth)
    return Status(204, None)


def _file(request: Request, version: Version | None) -> HttpResponseBase:
    if version is None or not (path := path_of(version.sha256)).exists():
        raise Http404
    media_type = version.media_type if version.is_pdf else HARMLESS
    file = StoredFile(path, version.name, version.size, media_type)
    return attachment(file, asked=request.headers.get("Range", ""))


def _sheet(version: Version, document: Document) -> VersionSheet:
    return VersionSheet(
        id=version.pk,
        name=version.name,
        media_type=version.media_type,
        size=version.size,
        sha256=version.sha256,
        stage=version.stage,
        failure=version.failure,
        current=version.pk == document.current_version_id,
        pages=version.pages,
        language=version.language,
        parser=version.parser,
        created_at=version.created_at,
        ready_at=version.ready_at,
    )


def _asked(document: Document, like: Document, share: float) -> LikenessSheet:
    return LikenessSheet(document.pk, document.title, like.pk, like.title, round(share, 3))
