"""Documents: bring in, list, look at, follow, send again, tag, label, move, delete."""

from typing import Annotated, BinaryIO, Literal, cast
from uuid import UUID

from django.shortcuts import get_object_or_404
from ninja import File, Form, Query, Router, Schema, Status, UploadedFile
from pydantic import Field

from ingestion import tasks
from ingestion.delete import delete
from ingestion.label import label
from ingestion.move import move_one
from ingestion.sources.receive import receive
from ingestion.sources.upload import Declared, Origin
from ingestion.tags import tag
from kb.api.archives import ArchiveSheet, archive_sheet
from kb.api.auth import Request
from kb.api.errors import error_replies
from kb.api.etags import unchanged
from kb.api.fields import Body, Label, Tags, Text, refuse_unknown
from kb.api.filters import Filters, matching
from kb.api.found import collection_named, latest, visible
from kb.api.listing import Listed
from kb.api.paging import Window, part_of
from kb.api.sheets import (
    DocumentCount,
    DocumentSheet,
    Progress,
    document_sheet,
    document_sheets,
    progress,
)
from kb.models import Document

router = Router(tags=["Documents"])

Order = Literal["-updated_at", "updated_at", "-created_at", "created_at", "title", "-title"]


class NewDocument(Schema):
    collection: Annotated[Text, Field(description="The collection's name.", examples=["Handbook"])]
    title: Annotated[Text | None, Field(description="What to call it until it is read.")] = None
    sensitivity: Annotated[Label | None, Field(description="Left out, it is decided while ingesting.")] = None
    tags: Annotated[Tags, Field(description="Give it once for each, or part them by commas.")] = ()


class NewTags(Body):
    tags: Annotated[Tags, Field(description="All that it is to have.", examples=[["2026", "travel"]])]


class NewLabel(Body):
    """The label that it has already confirms it."""

    sensitivity: Annotated[Label, Field(examples=["CONFIDENTIAL"])]
    reason: Annotated[
        str,
        Field(
            description="Needed for a laxer label, which only the owner and administrators may decide.",
            max_length=400,
            examples=["It names salaries."],
        ),
    ] = ""


class Destination(Body):
    collection: Annotated[Text, Field(description="The collection's name.", examples=["Handbook"])]


class Listing(Window, Filters):
    order: Annotated[Order, Field(description="“-” in front: the highest or latest first.")] = "-updated_at"


@router.post(
    "/documents",
    response={
        201: DocumentSheet,
        200: DocumentSheet,
        202: ArchiveSheet,
        **error_replies(404, 413, 422, 503),
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
        collection_named(request, new.collection),
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
    response={200: Listed[DocumentSheet], **error_replies(422)},
    operation_id="listDocuments",
    summary="List the documents that you may see",
)
def list_documents(request: Request, listing: Query[Listing]) -> Listed[DocumentSheet]:
    """The latest changed first, unless `order` says otherwise."""
    refuse_unknown(request, Listing)
    part = part_of(matching(Document.objects.visible_to(request.auth), listing), listing, by=listing.order)
    return Listed(items=document_sheets(part.rows, request.auth), next=part.next)


@router.get(
    "/documents/count",
    response={200: DocumentCount, **error_replies(422)},
    operation_id="countDocuments",
    summary="Count the documents that you may see",
)
def count_documents(request: Request, filters: Query[Filters]) -> DocumentCount:
    """Of those that fit the filters."""
    refuse_unknown(request, Filters)
    return DocumentCount(matching(Document.objects.visible_to(request.auth), filters).count())


@router.get(
    "/documents/{uuid:document_id}",
    response={200: DocumentSheet, **error_replies(404, 422)},
    operation_id="getDocument",
    summary="Look at a document",
)
def get_document(request: Request, document_id: UUID) -> DocumentSheet:
    return document_sheet(visible(request, document_id), request.auth)


@router.get(
    "/documents/{uuid:document_id}/status",
    response={200: Progress, **error_replies(404, 422)},
    operation_id="getDocumentStatus",
    summary="Follow a document on its way",
)
def get_status(request: Request, document_id: UUID) -> Progress:
    """Also for a document that you uploaded and that turned out to be above your clearance."""
    followed = Document.objects.visible_to(request.auth) | Document.objects.uploaded_by(request.auth)
    return progress(latest(get_object_or_404(followed, pk=document_id)), request.auth)


@router.post(
    "/documents/{uuid:document_id}/retry",
    response={202: Progress, **error_replies(404, 422)},
    operation_id="retryDocument",
    summary="Send a failed document on its way again",
)
def retry_document(request: Request, document_id: UUID) -> Status[Progress]:
    version = latest(visible(request, document_id))
    tasks.retry(version, request.auth)
    version.refresh_from_db()
    return Status(202, progress(version, request.auth))


@router.put(
    "/documents/{uuid:document_id}/tags",
    response={200: DocumentSheet, **error_replies(404, 412, 422)},
    operation_id="tagDocument",
    summary="Replace a document's tags",
)
def tag_document(request: Request, document_id: UUID, new: NewTags) -> DocumentSheet:
    """A search that is kept to a tag knows the new ones within a moment."""
    document = visible(request, document_id)
    with unchanged(request, document):
        tag(document, request.auth, new.tags)
    return document_sheet(document, request.auth)


@router.put(
    "/documents/{uuid:document_id}/label",
    response={200: DocumentSheet, **error_replies(404, 412, 422)},
    operation_id="labelDocument",
    summary="Decide or confirm a document's sensitivity",
)
def label_document(request: Request, document_id: UUID, new: NewLabel) -> DocumentSheet:
    """A laxer label needs the right and a reason; none is laxer than its collection's minimum."""
    document = visible(request, document_id)
    with unchanged(request, document):
        label(document, request.auth, new.sensitivity, reason=new.reason)
    return document_sheet(document, request.auth)


@router.put(
    "/documents/{uuid:document_id}/collection",
    response={200: DocumentSheet, **error_replies(404, 412, 422)},
    operation_id="moveDocument",
    summary="Move a document to another collection",
)
def move_document(request: Request, document_id: UUID, new: Destination) -> DocumentSheet:
    """What came in inside it goes along. Who may read it changes at once, and the target's minimum holds."""
    document, target = visible(request, document_id), collection_named(request, new.collection)
    with unchanged(request, document):
        move_one(document, target, request.auth)
    return document_sheet(document, request.auth)


@router.delete(
    "/documents/{uuid:document_id}",
    response={204: None, **error_replies(404, 412)},
    operation_id="deleteDocument",
    summary="Delete a document",
)
def delete_document(request: Request, document_id: UUID) -> Status[None]:
    """It is gone for everybody at once; its file and chunks follow within a minute."""
    document = visible(request, document_id)
    with unchanged(request, document):
        delete(document, request.auth)
    return Status(204, None)
