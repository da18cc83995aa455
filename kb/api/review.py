"""The review queues, for administrators: labels to decide, and texts that hide something or speak to models."""

from enum import StrEnum
from typing import Annotated
from uuid import UUID

from django.core.exceptions import ValidationError
from django.shortcuts import get_object_or_404
from ninja import Query, Router, Status
from pydantic import Field

from ingestion import review
from ingestion.suspicion import clear
from kb.api.administering import ADMINISTRATORS
from kb.api.auth import Request
from kb.api.errors import error_replies
from kb.api.fields import Id, refuse_unknown
from kb.api.listing import Listed
from kb.api.paging import Window, part_of
from kb.api.review_sheets import (
    DecidedSheet,
    SuspectSheet,
    Undo,
    UndoneSheet,
    Verdict,
    WaitingSheet,
    opened,
)
from kb.errors import Rejected
from kb.models import Document
from kb.reading.suspects import suspect

router = Router(tags=["Review"], auth=ADMINISTRATORS)


class QueueName(StrEnum):
    DOCUMENTS = "documents"
    PASSAGES = "passages"


QUEUES = {QueueName.DOCUMENTS: review.DOCUMENTS, QueueName.PASSAGES: review.PASSAGES}
ORDERS = {QueueName.DOCUMENTS: "created_at", QueueName.PASSAGES: "id"}


class ReviewFilters(Window):
    collection: Annotated[Id | None, Field(description="A collection's id.")] = None


@router.get(
    "/review/{queue}",
    response={200: Listed[WaitingSheet], **error_replies(404, 422)},
    operation_id="listReview",
    summary="List documents or passages of which a person should decide the label",
)
def list_review(request: Request, queue: QueueName, filters: Query[ReviewFilters]) -> Listed[WaitingSheet]:
    """Of what you may see and change, the longest held first."""
    refuse_unknown(request, ReviewFilters)
    chosen = QUEUES[queue]
    waiting = chosen.waiting(request.auth)
    if filters.collection is not None:
        waiting = waiting.filter(**{chosen.collection: filters.collection})
    part = part_of(waiting, filters, by=ORDERS[queue])
    items = [WaitingSheet.of(chosen.shown(each, request.auth)) for each in part.rows]
    return Listed(items=items, next=part.next)


@router.post(
    "/review/{queue}/decide",
    response={200: DecidedSheet, **error_replies(404, 422)},
    operation_id="decideReview",
    summary="Decide labels",
)
def decide_review(request: Request, queue: QueueName, verdict: Verdict) -> DecidedSheet:
    """Of what you may see and change; an id of anything else refuses the whole call."""
    chosen = QUEUES[queue]
    mine = chosen.mine(request.auth)
    try:
        found = list(mine.filter(pk__in=set(verdict.items)))
    except (ValidationError, ValueError) as error:
        raise Rejected("One of “items” is no id. Take them from the queue.") from error
    if len(found) != len(set(verdict.items)):
        raise Rejected("Some of “items” are not there, or not for you to decide. List the queue again.")
    done = review.decide_all(chosen, found, request.auth, verdict.sensitivity, reason=verdict.reason)
    return DecidedSheet.of(done, chosen, request.auth)


@router.post(
    "/review/decisions/undo",
    response={200: UndoneSheet, **error_replies(404, 422)},
    operation_id="undoReview",
    summary="Take decisions of yours back",
)
def undo_review(request: Request, undo: Undo) -> UndoneSheet:
    """Where somebody has decided otherwise since, nothing is changed."""
    name, decisions = opened(undo.undo, request.auth)
    return UndoneSheet.of(review.take_back(review.QUEUES[name], decisions, request.auth))


@router.get(
    "/suspicious",
    response={200: Listed[SuspectSheet], **error_replies(404, 422)},
    operation_id="listSuspicious",
    summary="List documents that hide text or speak to language models",
)
def list_suspicious(request: Request, window: Query[Window]) -> Listed[SuspectSheet]:
    """Those that you may change and see the whole of, and that nobody has cleared; the longest held first."""
    refuse_unknown(request, Window)
    waiting = Document.objects.suspicious_to(request.auth).select_related("current_version")
    part = part_of(waiting, window, by="created_at")
    items = [SuspectSheet.of(suspect(document, request.auth)) for document in part.rows]
    return Listed(items=items, next=part.next)


@router.post(
    "/suspicious/{uuid:document_id}/clear",
    response={204: None, **error_replies(404)},
    operation_id="clearSuspicious",
    summary="Say that what is suspicious of a document is harmless",
)
def clear_suspicious(request: Request, document_id: UUID) -> Status[None]:
    """From then on language models may read all of it."""
    clear(get_object_or_404(Document.objects.suspicious_to(request.auth), pk=document_id), request.auth)
    return Status(204, None)
