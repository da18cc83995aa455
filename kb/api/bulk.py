"""One act on many documents, as a job."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Literal, Self
from uuid import UUID

from django.db.models import Count
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from ninja import Query, Router, Status
from pydantic import ConfigDict, Field, model_validator

from ingestion.bulk import MOST, begin
from kb.api.auth import Request
from kb.api.errors import error_replies
from kb.api.fields import Body, Label, Line, Tags, Text, refuse_unknown
from kb.api.filters import Filters, matching
from kb.api.found import collection_named
from kb.api.listing import Listed
from kb.api.paging import Window, part_of
from kb.models import BulkItem, BulkJob, Document

router = Router(tags=["Bulk jobs"])

Action = BulkJob.Action
State = Literal["waiting", "done", "failed"]
NEEDS = {Action.TAG: "tags", Action.LABEL: "sensitivity", Action.MOVE: "collection"}
"""What an action cannot do without."""


class Which(Filters):
    """As `GET /documents` takes them. At least one, so that nobody means all by accident."""

    model_config = ConfigDict(extra="forbid")


class NewJob(Body):
    """`documents` or `filter`; and what the action needs."""

    action: Action
    documents: Annotated[list[UUID] | None, Field(min_length=1, max_length=MOST)] = None
    filter: Which | None = None
    tags: Annotated[Tags | None, Field(description="For “tag”: all that each is to have.")] = None
    sensitivity: Annotated[Label | None, Field(description="For “label”.")] = None
    reason: Annotated[Line, Field(description="For “label”, where it is laxer.", max_length=400)] = ""
    collection: Annotated[Text | None, Field(description="For “move”: its name.")] = None
    parser: Annotated[Line, Field(description="For “parse”; empty for the usual ones.", max_length=100)] = ""

    @model_validator(mode="after")
    def whole(self) -> Self:
        if (self.documents is None) == (self.filter is None):
            raise ValueError("Send either “documents” or “filter”.")
        if self.filter is not None and self.filter.empty:
            raise ValueError("The filter fits every document. Name what it keeps to.")
        need = NEEDS.get(self.action)
        if need and getattr(self, need) is None:
            raise ValueError(f"The action “{self.action}” needs “{need}”.")
        return self


@dataclass(frozen=True, slots=True)
class Job:
    """`waiting`, `done` and `failed` count documents. It has ended when `ended_at` says when."""

    id: UUID
    action: Annotated[str, Field(examples=["tag"])]
    documents: Annotated[int, Field(examples=[120])]
    waiting: Annotated[int, Field(examples=[20])]
    done: Annotated[int, Field(examples=[98])]
    failed: Annotated[int, Field(examples=[2])]
    created_at: datetime
    ended_at: datetime | None


@dataclass(frozen=True, slots=True)
class BulkOutcome:
    document: UUID
    state: Annotated[str, Field(description="waiting, done or failed.", examples=["failed"])]
    failure: Annotated[str, Field(examples=["You may not change this document."])]


class Outcomes(Window):
    state: State | None = None


@router.post(
    "/documents/bulk",
    response={202: Job, **error_replies(404, 422)},
    operation_id="beginBulkJob",
    summary="Do one thing with many documents",
)
def begin_job(request: Request, new: NewJob, response: HttpResponse) -> Status[Job]:
    """Each document by the same rule as by itself, and by the rights that you have at that moment.

    What cannot be done with one is told there, and holds up none of the others.
    """
    job = begin(request.auth, new.action, _said(request, new), _documents(request, new))
    response["Location"] = f"{request.path.removesuffix('documents/bulk')}bulk-jobs/{job.pk}"
    return Status(202, _jobs([job])[0])


@router.get(
    "/bulk-jobs",
    response={200: Listed[Job], **error_replies(422)},
    operation_id="listBulkJobs",
    summary="List your bulk jobs",
)
def list_jobs(request: Request, window: Query[Window]) -> Listed[Job]:
    """The newest first."""
    refuse_unknown(request, Window)
    part = part_of(BulkJob.objects.visible_to(request.auth), window, by="-created_at")
    return Listed(items=_jobs(part.rows), next=part.next)


@router.get(
    "/bulk-jobs/{uuid:job_id}",
    response={200: Job, **error_replies(404, 422)},
    operation_id="getBulkJob",
    summary="Follow a bulk job",
)
def get_job(request: Request, job_id: UUID) -> Job:
    return _jobs([_mine(request, job_id)])[0]


@router.get(
    "/bulk-jobs/{uuid:job_id}/documents",
    response={200: Listed[BulkOutcome], **error_replies(404, 422)},
    operation_id="listBulkOutcomes",
    summary="List what became of each document of a bulk job",
)
def list_outcomes(request: Request, job_id: UUID, outcomes: Query[Outcomes]) -> Listed[BulkOutcome]:
    refuse_unknown(request, Outcomes)
    items = _mine(request, job_id).items.all()
    part = part_of(items.filter(state=outcomes.state) if outcomes.state else items, outcomes, by="id")
    return Listed(
        items=[BulkOutcome(item.document, item.state, item.failure) for item in part.rows], next=part.next
    )


def _mine(request: Request, job_id: UUID) -> BulkJob:
    return get_object_or_404(BulkJob.objects.visible_to(request.auth), pk=job_id)


def _documents(request: Request, new: NewJob) -> Sequence[UUID]:
    if new.filter is None:
        return new.documents or []
    found = matching(Document.objects.visible_to(request.auth), new.filter)
    return list(found.order_by("-updated_at").values_list("pk", flat=True)[: MOST + 1])


def _said(request: Request, new: NewJob) -> dict[str, Any]:
    match new.action:
        case Action.TAG:
            return {"tags": list(new.tags or ())}
        case Action.LABEL:
            return {"sensitivity": new.sensitivity, "reason": new.reason}
        case Action.MOVE:
            return {"collection": collection_named(request, new.collection or "").pk}
        case Action.PARSE:
            return {"parser": new.parser}
        case _:
            return {}


def _jobs(jobs: Sequence[BulkJob]) -> list[Job]:
    """In the same order. One query, however many there are."""
    states = BulkItem.objects.filter(job__in=jobs).order_by().values_list("job", "state")
    counts = {(job, state): count for job, state, count in states.annotate(count=Count("pk"))}
    return [
        _job(job, {state: counts.get((job.pk, state), 0) for state in BulkItem.State.values}) for job in jobs
    ]


def _job(job: BulkJob, counts: dict[str, int]) -> Job:
    return Job(
        id=job.pk,
        action=job.action,
        documents=sum(counts.values()),
        **counts,
        created_at=job.created_at,
        ended_at=job.ended_at,
    )
