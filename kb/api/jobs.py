"""Ingestion, for administrators: its history and what goes on now, pausing it, and acting on many versions."""

from uuid import UUID

from django.shortcuts import get_object_or_404
from django.utils import timezone
from ninja import Query, Router, Status

from ingestion.acts import act_on, act_on_batch
from ingestion.jobs import pause, read_again, resume
from ingestion.jobs_found import jobs_found
from ingestion.jobs_live import live
from ingestion.jobs_shown import jobs_of
from ingestion.jobs_timeline import timeline
from ingestion.parse.registry import PARSERS
from kb.api.administering import ADMINISTRATORS
from kb.api.auth import Request
from kb.api.errors import error_replies
from kb.api.fields import refuse_unknown
from kb.api.jobs_sheets import (
    ActOn,
    AttemptSheet,
    Done,
    JobFilters,
    JobSheet,
    JobTimeline,
    LiveSheet,
    Pausing,
    ReadAgain,
)
from kb.api.listing import Listed
from kb.api.paging import part_of
from kb.models import Batch, Document, Version

router = Router(tags=["Jobs"], auth=ADMINISTRATORS)


@router.get(
    "/jobs",
    response={200: Listed[JobSheet], **error_replies(404, 422)},
    operation_id="listJobs",
    summary="List what came in, and how it gets on",
)
def list_jobs(request: Request, filters: Query[JobFilters]) -> Listed[JobSheet]:
    """The newest first."""
    refuse_unknown(request, JobFilters)
    versions = jobs_found(filters.wish(), request.auth)
    part = part_of(
        versions.select_related("document__owner", "document__collection"), filters, by="-created_at"
    )
    return Listed(items=[JobSheet.of(job) for job in jobs_of(part.rows, request.auth)], next=part.next)


@router.get(
    "/jobs/live",
    response={200: LiveSheet, **error_replies(404)},
    operation_id="getLiveJobs",
    summary="See what goes on now",
)
def get_live(request: Request) -> LiveSheet:
    return LiveSheet.of(live(request.auth))


@router.get(
    "/jobs/{uuid:version_id}",
    response={200: JobTimeline, **error_replies(404)},
    operation_id="getJob",
    summary="See how one version got on, stage by stage",
)
def get_job(request: Request, version_id: UUID) -> JobTimeline:
    return _timeline(request, _found(version_id))


@router.post(
    "/jobs/pause",
    response={200: LiveSheet, **error_replies(404, 422)},
    operation_id="pauseJobs",
    summary="Pause ingestion",
)
def pause_jobs(request: Request, pausing: Pausing) -> LiveSheet:
    """What is being worked on goes on to its end."""
    pause(request.auth, pausing.reason)
    return LiveSheet.of(live(request.auth))


@router.post(
    "/jobs/resume",
    response={200: LiveSheet, **error_replies(404)},
    operation_id="resumeJobs",
    summary="Go on with ingestion",
)
def resume_jobs(request: Request) -> LiveSheet:
    resume(request.auth)
    return LiveSheet.of(live(request.auth))


@router.post(
    "/jobs/act",
    response={200: Done, **error_replies(404, 422)},
    operation_id="actOnJobs",
    summary="Prioritise, set aside or retry",
)
def act_on_jobs(request: Request, wanted: ActOn) -> Done:
    """Where it makes no sense any more, as with what is ready already, nothing is done and nothing counted."""
    if wanted.batch is not None:
        batch = get_object_or_404(Batch, pk=wanted.batch)
        return Done(act_on_batch(batch, wanted.act, request.auth))
    versions = (
        jobs_found(wanted.where.wish(), request.auth)
        if wanted.where is not None
        else Version.objects.filter(pk__in=wanted.items)
    )
    return Done(act_on(versions, wanted.act, request.auth))


@router.post(
    "/jobs/{uuid:version_id}/read-again",
    response={202: JobTimeline, **error_replies(403, 404, 422)},
    operation_id="readAgain",
    summary="Have a version read again, by another parser",
)
def read_version_again(request: Request, version_id: UUID, wanted: ReadAgain) -> Status[JobTimeline]:
    """Until the new reading is whole, readers find what was found before."""
    read_again(_found(version_id), request.auth, wanted.parser)
    return Status(202, _timeline(request, _found(version_id)))


def _found(version_id: UUID) -> Version:
    versions = Version.objects.select_related("document__owner", "document__collection", "batch")
    return get_object_or_404(versions, pk=version_id, retired=False)


def _timeline(request: Request, version: Version) -> JobTimeline:
    [job] = jobs_of([version], request.auth)
    may_edit = Document.objects.editable_by(request.auth).filter(pk=version.document_id).exists()
    return JobTimeline(
        job=JobSheet.of(job),
        attempts=[AttemptSheet.of(attempt) for attempt in timeline(job, timezone.now())],
        parsers=PARSERS[version.media_type] if may_edit and version.settled else (),
    )
