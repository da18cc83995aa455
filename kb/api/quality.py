"""How well the library is searched and answers, for administrators: sets of golden questions, runs, and gaps."""

from datetime import timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Count
from django.shortcuts import get_object_or_404
from django.utils import timezone
from ninja import Query, Router, Status

from ingestion.evaluate.golden_sets import add_question, add_set
from ingestion.evaluate.readers import as_expected
from ingestion.gaps import gaps
from ingestion.tasks import send_run
from kb.api.administering import ADMINISTRATORS
from kb.api.auth import Request
from kb.api.errors import error_replies
from kb.api.fields import refuse_unknown
from kb.api.listing import Listed, listed, whole
from kb.api.paging import Window, part_of
from kb.api.quality_sheets import (
    ConfirmedSheet,
    GapFilters,
    GapSheet,
    GoldenSetSheet,
    NewGoldenSet,
    NewQuestion,
    NewRun,
    RunSheet,
)
from kb.models import GoldenRun, GoldenSet, Person
from kb.models.golden import GoldenSetQuerySet
from kb.reading.confirmed import confirmed_for, shown

router = Router(tags=["Quality"], auth=ADMINISTRATORS)

NEAREST = 20
"""Gaps of which the nearest documents are looked up, too."""


@router.get(
    "/golden-sets",
    response={200: Listed[GoldenSetSheet], **error_replies(404, 422)},
    operation_id="listGoldenSets",
    summary="List your sets of golden questions",
)
def list_sets(request: Request, window: Query[Window]) -> Listed[GoldenSetSheet]:
    """A set is seen by its owner alone: it names documents that he may see."""
    refuse_unknown(request, Window)
    return listed(part_of(_mine(request.auth), window, by="name"), GoldenSetSheet.of)


@router.get(
    "/golden-sets/{uuid:set_id}",
    response={200: GoldenSetSheet, **error_replies(404)},
    operation_id="getGoldenSet",
    summary="Look at a set of golden questions",
)
def get_set(request: Request, set_id: UUID) -> GoldenSetSheet:
    return GoldenSetSheet.of(_found(request.auth, set_id))


@router.post(
    "/golden-sets",
    response={201: GoldenSetSheet, **error_replies(404, 422)},
    operation_id="createGoldenSet",
    summary="Add a set of golden questions",
)
def create_set(request: Request, new: NewGoldenSet) -> Status[GoldenSetSheet]:
    expected = as_expected(question.line() for question in new.questions)
    added = add_set(request.auth, new.name, expected)
    return Status(201, GoldenSetSheet.of(_found(request.auth, added.pk)))


@router.post(
    "/golden-sets/{uuid:set_id}/questions",
    response={201: GoldenSetSheet, **error_replies(404, 422)},
    operation_id="addGoldenQuestion",
    summary="Add a question to a set",
)
def add_golden_question(request: Request, set_id: UUID, new: NewQuestion) -> Status[GoldenSetSheet]:
    add_question(
        _found(request.auth, set_id),
        new.question,
        document=new.document or "",
        page=new.page,
        words=new.words,
        refuse=new.refuse,
    )
    return Status(201, GoldenSetSheet.of(_found(request.auth, set_id)))


@router.delete(
    "/golden-sets/{uuid:set_id}",
    response={204: None, **error_replies(404)},
    operation_id="deleteGoldenSet",
    summary="Delete a set and its runs",
)
def delete_set(request: Request, set_id: UUID) -> Status[None]:
    _found(request.auth, set_id).delete()
    return Status(204, None)


@router.get(
    "/golden-sets/{uuid:set_id}/runs",
    response={200: Listed[RunSheet], **error_replies(404, 422)},
    operation_id="listRuns",
    summary="List how a set was answered",
)
def list_runs(request: Request, set_id: UUID, window: Query[Window]) -> Listed[RunSheet]:
    """The latest first."""
    refuse_unknown(request, Window)
    return listed(part_of(_found(request.auth, set_id).runs.all(), window, by="-created_at"), RunSheet.of)


@router.post(
    "/golden-sets/{uuid:set_id}/runs",
    response={202: RunSheet, **error_replies(404, 422)},
    operation_id="beginRun",
    summary="Ask all questions of a set",
)
def begin_run(request: Request, set_id: UUID, new: NewRun) -> Status[RunSheet]:
    """A worker does it, as its owner. While one is not over yet, that one is answered."""
    run = _found(request.auth, set_id).begin(new.kind)
    transaction.on_commit(lambda: send_run(run.pk))
    return Status(202, RunSheet.of(run))


@router.post(
    "/golden-sets/{uuid:set_id}/runs/{uuid:run_id}/accept",
    response={200: RunSheet, **error_replies(404)},
    operation_id="acceptRun",
    summary="Make a run of answers the one that later ones are compared with",
)
def accept_run(request: Request, set_id: UUID, run_id: UUID) -> RunSheet:
    done = _found(request.auth, set_id).runs.of_answers().filter(state=GoldenRun.State.DONE)
    run = get_object_or_404(done, pk=run_id)
    run.accept()
    return RunSheet.of(run)


@router.get(
    "/gaps",
    response={200: Listed[GapSheet], **error_replies(404, 422, 503)},
    operation_id="listGaps",
    summary="List questions without a good answer",
)
def list_gaps(request: Request, filters: Query[GapFilters]) -> Listed[GapSheet]:
    """The 20 most frequent, of questions that you may read, alike ones together. Takes seconds. `next` is null."""
    refuse_unknown(request, GapFilters)
    found = gaps(request.auth, timezone.now() - timedelta(days=filters.days))
    return whole(GapSheet.of(gap, request.auth) for gap in found[:NEAREST])


@router.get(
    "/confirmed-answers",
    response={200: Listed[ConfirmedSheet], **error_replies(404, 422)},
    operation_id="listConfirmedAnswers",
    summary="List answers that people have confirmed",
)
def list_confirmed(request: Request, window: Query[Window]) -> Listed[ConfirmedSheet]:
    """The latest first: those that you may read, with a source, and that are no golden question of yours yet.

    Whoever asked confirms an answer, and takes that back, by its feedback.
    """
    refuse_unknown(request, Window)
    part = part_of(confirmed_for(request.auth), window, by="-given_at")
    return Listed(items=[ConfirmedSheet.of(each) for each in shown(part.rows, request.auth)], next=part.next)


def _mine(person: Person) -> GoldenSetQuerySet:
    return GoldenSet.objects.visible_to(person).annotate(held=Count("questions__text", distinct=True))


def _found(person: Person, set_id: UUID) -> GoldenSet:
    return get_object_or_404(_mine(person), pk=set_id)
