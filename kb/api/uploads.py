"""Uploads of many files: what is said of all of them, how far they are, and what came in before."""

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from ninja import Query, Router, Status

from ingestion.batches import KEPT, counts, retry_failed
from ingestion.jobs import prioritise_batch
from ingestion.sources.upload import check_declared
from ingestion.transfers import Announced, declared_of, held_already
from kb.api.administering import ADMINISTRATORS
from kb.api.auth import Request
from kb.api.errors import error_replies
from kb.api.fields import refuse_unknown
from kb.api.found import collection_named, editor_named
from kb.api.listing import Listed
from kb.api.paging import Window, part_of
from kb.api.steering import NewPriority, Turn
from kb.api.upload_sheets import (
    Counted,
    FileSheet,
    Known,
    KnownFile,
    NewUpload,
    Refused,
    Resent,
    UploadSheet,
)
from kb.errors import Denied
from kb.models import Batch, Document, Transfer, Version

router = Router(tags=["Uploads"])


@router.post(
    "/uploads",
    response={201: UploadSheet, **error_replies(404, 422)},
    operation_id="beginUpload",
    summary="Begin an upload of one or many files",
)
def begin_upload(request: Request, new: NewUpload, response: HttpResponse) -> Status[UploadSheet]:
    """Send the files to its `files`, each by tus 1.0.0: they go on after a lost connection."""
    if new.priority != Turn.NORMAL and not request.auth.administers:
        raise Denied("Only administrators say what is read first. Leave the priority out.")
    collection = collection_named(request, new.collection)
    batch = Batch(
        person=request.auth,
        collection=collection,
        name=new.name,
        door=Batch.Door.API,
        sensitivity=new.sensitivity,
        least_sensitivity=new.least_sensitivity,
        owner=editor_named(collection, new.owner) if new.owner else None,
        tags=list(new.tags),
        priority=new.priority.priority,
    )
    check_declared(request.auth, collection, declared_of(batch))
    batch.save(force_insert=True)
    response["Location"] = f"{request.path}/{batch.pk}"
    return Status(201, _sheet(batch, request))


@router.get(
    "/uploads",
    response={200: Listed[UploadSheet], **error_replies(422)},
    operation_id="listUploads",
    summary="List your uploads",
)
def list_uploads(request: Request, window: Query[Window]) -> Listed[UploadSheet]:
    """The newest first, through whichever door they came."""
    refuse_unknown(request, Window)
    mine = Batch.objects.filter(person=request.auth).select_related("collection")
    part = part_of(mine, window, by="-created_at")
    return Listed(items=[_sheet(batch, request) for batch in part.rows], next=part.next)


@router.get(
    "/uploads/{uuid:upload_id}",
    response={200: UploadSheet, **error_replies(404, 422)},
    operation_id="getUpload",
    summary="Follow an upload",
)
def get_upload(request: Request, upload_id: UUID) -> UploadSheet:
    """Yours; administrators follow those of others too."""
    return _sheet(_followed(request, upload_id), request)


@router.get(
    "/uploads/{uuid:upload_id}/documents",
    response={200: Listed[FileSheet], **error_replies(404, 422)},
    operation_id="listUploadDocuments",
    summary="List the files of an upload that came in",
)
def list_upload_documents(request: Request, upload_id: UUID, window: Query[Window]) -> Listed[FileSheet]:
    """Of your own upload, or those that you may see."""
    refuse_unknown(request, Window)
    batch = _followed(request, upload_id)
    versions = batch.versions.filter(KEPT)
    if batch.person_id != request.auth.pk:
        versions = versions.filter(document__in=Document.objects.visible_to(request.auth))
    part = part_of(versions, window, by="created_at")
    return Listed(items=[_file(version) for version in part.rows], next=part.next)


@router.get(
    "/uploads/{uuid:upload_id}/not-taken",
    response={200: Listed[Refused], **error_replies(404, 422)},
    operation_id="listUploadRefusals",
    summary="List the files of your upload that did not become documents",
)
def list_refusals(request: Request, upload_id: UUID, window: Query[Window]) -> Listed[Refused]:
    """With the reason, or because the collection had them."""
    refuse_unknown(request, Window)
    ended = [Transfer.State.REFUSED, Transfer.State.KNOWN]
    transfers = _mine(request, upload_id).transfers.filter(state__in=ended)
    part = part_of(transfers, window, by="created_at")
    return Listed(items=[Refused(each.path, each.state, each.failure) for each in part.rows], next=part.next)


@router.post(
    "/uploads/{uuid:upload_id}/known",
    response={200: Known, **error_replies(404, 422)},
    operation_id="checkKnownFile",
    summary="Ask whether a file is there already, before sending it",
)
def check_known(request: Request, upload_id: UUID, file: KnownFile) -> Known:
    """By its sha256, in the upload's collection. The upload notes that it was there."""
    batch = _mine(request, upload_id)
    document = held_already(batch, Announced(file.path, file.size, file.sha256))
    return Known(document.pk, document.title) if document else Known(None, None)


@router.post(
    "/uploads/{uuid:upload_id}/retry",
    response={202: Resent, **error_replies(404, 422)},
    operation_id="retryUpload",
    summary="Send again what failed of an upload",
)
def retry_upload(request: Request, upload_id: UUID) -> Status[Resent]:
    """As far as you may change it."""
    return Status(202, Resent(retry_failed(_followed(request, upload_id), request.auth)))


@router.put(
    "/uploads/{uuid:upload_id}/priority",
    response={200: UploadSheet, **error_replies(404, 422)},
    auth=ADMINISTRATORS,
    operation_id="prioritiseUpload",
    summary="Have an upload read before or after others",
)
def prioritise_upload(request: Request, upload_id: UUID, new: NewPriority) -> UploadSheet:
    """For administrators. Also what has not come in yet."""
    batch = _followed(request, upload_id)
    prioritise_batch(batch, request.auth, new.priority.priority)
    return _sheet(batch, request)


def _mine(request: Request, upload_id: UUID) -> Batch:
    return get_object_or_404(Batch.objects.filter(person=request.auth), pk=upload_id)


def _followed(request: Request, upload_id: UUID) -> Batch:
    return get_object_or_404(Batch.objects.visible_to(request.auth), pk=upload_id)


def _sheet(batch: Batch, request: Request) -> UploadSheet:
    held = counts(batch)
    root = request.path.partition("/uploads")[0]
    return UploadSheet(
        id=batch.pk,
        name=batch.name,
        collection=batch.collection.name,
        files=f"{root}/uploads/{batch.pk}/files",
        progress=Counted(
            sending=held.sending,
            opening=held.opening,
            waiting=held.waiting,
            working=held.working,
            ready=held.ready,
            failed=held.failed,
            known=held.known,
            refused=held.refused,
        ),
        settled=held.settled,
        created_at=batch.created_at,
    )


def _file(version: Version) -> FileSheet:
    return FileSheet(version.document_id, version.path or version.name, version.stage, version.failure)
