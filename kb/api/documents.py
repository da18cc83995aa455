"""Documents: bring in, list, look at, follow, send again, tag, delete."""

from typing import Annotated, BinaryIO, cast
from uuid import UUID

from django.db.models import OuterRef, QuerySet, Subquery
from django.http import Http404
from django.shortcuts import get_object_or_404
from ninja import File, Form, Query, Router, Schema, Status, UploadedFile
from ninja.errors import HttpError
from pydantic import Field

from ingestion import tasks
from ingestion.delete import delete
from ingestion.sources.receive import receive
from ingestion.sources.upload import Declared, Origin
from ingestion.tags import tag
from kb.api.archives import ArchiveSheet, archive_sheet
from kb.api.auth import Request
from kb.api.errors import error_replies
from kb.api.fields import Label, Tags, Text, refuse_unknown
from kb.api.sheets import DocumentPage, DocumentSheet, Progress, document_sheet, document_sheets, progress
from kb.models import Collection, Document, Version
from kb.models.library import Stage
from kb.models.tags import as_tag

router = Router(tags=["Documents"])

LONGEST_PAGE = 200
"""Documents that one call lists."""


class NewDocument(Schema):
    collection: Annotated[Text, Field(description="The collection's name.", examples=["Handbook"])]
    title: Annotated[Text | None, Field(description="What to call it until it is read.")] = None
    sensitivity: Annotated[Label | None, Field(description="Left out, it is decided while ingesting.")] = None
    tags: Annotated[Tags, Field(description="Give it once for each, or part them by commas.")] = ()


class NewTags(Schema):
    tags: Annotated[Tags, Field(description="All that it is to have.", examples=[["2026", "travel"]])]


class Filters(Schema):
    collection: Annotated[Text | None, Field(description="A collection's name.")] = None
    category: Annotated[Text | None, Field(description="A category's name.")] = None
    tag: Annotated[Text | None, Field(description="One of its tags.")] = None
    sensitivity: Label | None = None
    stage: Annotated[Stage | None, Field(description="Of the newest version.")] = None
    q: Annotated[Text | None, Field(description="Words in the title.", max_length=300)] = None
    limit: Annotated[int, Field(ge=1, le=LONGEST_PAGE)] = 50
    offset: Annotated[int, Field(ge=0, le=10_000_000)] = 0


@router.post(
    "/documents",
    response={
        201: DocumentSheet,
        200: DocumentSheet,
        202: ArchiveSheet,
        **error_replies(403, 404, 413, 422, 429, 503),
    },
    operation_id="uploadDocument",
    summary="Upload a document, or an archive of documents",
)
def upload_document(
    request: Request, new: Form[NewDocument], file: File[UploadedFile]
) -> Status[DocumentSheet | ArchiveSheet]:
    """Stores the file and sends it on its way. 201 says that it is new, 200 that the collection held it already.

    202 says that it is an archive or a mailbox, whose files become documents: follow it at `/archives/{archive}`.
    They have its sensitivity and tags, and titles of their own.

    Until its sensitivity is decided, a document counts as RESTRICTED for all but the person who uploaded it.
    """
    arrival = receive(
        request.auth,
        _collection(request, new.collection),
        cast(BinaryIO, file.file),
        name=file.name or "",
        declared=Declared(new.title or "", new.sensitivity, new.tags),
        origin=Origin(),
    )
    if arrival.container:
        return Status(202, archive_sheet(arrival.container, request.auth))
    assert arrival.version  # noqa: S101  # It is one of the two.
    return Status(200 if arrival.duplicate else 201, document_sheet(arrival.version.document, request.auth))


@router.get(
    "/documents",
    response={200: DocumentPage, **error_replies(422)},
    operation_id="listDocuments",
    summary="List the documents that you may see",
)
def list_documents(request: Request, filters: Query[Filters]) -> DocumentPage:
    """The latest changed first. `count` is of all that match."""
    refuse_unknown(request, Filters)
    found = _matching(Document.objects.visible_to(request.auth), filters)
    page = found[filters.offset : filters.offset + filters.limit]
    return DocumentPage(count=found.count(), documents=document_sheets(page, request.auth))


@router.get(
    "/documents/{uuid:document_id}",
    response={200: DocumentSheet, **error_replies(404)},
    operation_id="getDocument",
    summary="Look at a document",
)
def get_document(request: Request, document_id: UUID) -> DocumentSheet:
    return document_sheet(_visible(request, document_id), request.auth)


@router.get(
    "/documents/{uuid:document_id}/status",
    response={200: Progress, **error_replies(404)},
    operation_id="getDocumentStatus",
    summary="Follow a document on its way",
)
def get_status(request: Request, document_id: UUID) -> Progress:
    """Also for a document that you uploaded and that turned out to be above your clearance."""
    followed = Document.objects.visible_to(request.auth) | Document.objects.uploaded_by(request.auth)
    return progress(_latest(get_object_or_404(followed, pk=document_id)), request.auth)


@router.post(
    "/documents/{uuid:document_id}/retry",
    response={202: Progress, **error_replies(403, 404, 422)},
    operation_id="retryDocument",
    summary="Send a failed document on its way again",
)
def retry_document(request: Request, document_id: UUID) -> Status[Progress]:
    version = _latest(_visible(request, document_id))
    tasks.retry(version, request.auth)
    version.refresh_from_db()
    return Status(202, progress(version, request.auth))


@router.put(
    "/documents/{uuid:document_id}/tags",
    response={200: DocumentSheet, **error_replies(403, 404, 422)},
    operation_id="tagDocument",
    summary="Replace a document's tags",
)
def tag_document(request: Request, document_id: UUID, new: NewTags) -> DocumentSheet:
    """A search that is kept to a tag knows the new ones within a moment."""
    document = _visible(request, document_id)
    tag(document, request.auth, new.tags)
    return document_sheet(document, request.auth)


@router.delete(
    "/documents/{uuid:document_id}",
    response={204: None, **error_replies(403, 404)},
    operation_id="deleteDocument",
    summary="Delete a document",
)
def delete_document(request: Request, document_id: UUID) -> Status[None]:
    """It is gone for everybody at once; its file and chunks follow within a minute."""
    delete(_visible(request, document_id), request.auth)
    return Status(204, None)


def _collection(request: Request, name: str) -> Collection:
    collection = Collection.objects.readable_by(request.auth).filter(name=name).first()
    if collection is None:
        raise HttpError(
            404, "There is no such collection, or none that you may see. GET /collections lists yours."
        )
    return collection


def _visible(request: Request, document_id: UUID) -> Document:
    return get_object_or_404(Document.objects.visible_to(request.auth), pk=document_id)


def _latest(document: Document) -> Version:
    if document.latest is None:
        raise Http404
    return document.latest


def _matching(documents: QuerySet[Document], filters: Filters) -> QuerySet[Document]:
    wanted = {
        "collection__name": filters.collection,
        "category__name": filters.category,
        "tags__name": filters.tag and as_tag(filters.tag),
        "sensitivity": filters.sensitivity,
        "stage": filters.stage,
        "title__icontains": filters.q,
    }
    newest = Version.objects.filter(document=OuterRef("pk")).order_by("-created_at")
    staged = documents.annotate(stage=Subquery(newest.values("stage")[:1]))
    return staged.filter(**{name: value for name, value in wanted.items() if value is not None})
