"""One act on many documents: each by the function, and with the rights, with which it is done to one.

Each document is dealt with in a transaction of its own that also notes it, so that a job which was killed goes on where
it was, and of two workers one does it.
"""

import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from ingestion import tasks
from ingestion.delete import delete
from ingestion.jobs import read_again
from ingestion.label import label
from ingestion.move import move_one
from ingestion.tags import tag
from kb.errors import Denied, Rejected, StrongroomError
from kb.models import ApiKey, BulkItem, BulkJob, Collection, Document, Person, Version

log = logging.getLogger("strongroom.bulk")

MOST = 10_000
"""Documents of one job."""
PART = 500
"""Rows that are written at once."""
NOT_THERE = "There is no such document, or none that you may see."

Action = BulkJob.Action
Said = Mapping[str, Any]


def begin(person: Person, action: Action, said: Said, documents: Sequence[UUID]) -> BulkJob:
    """Notes the job, and sends it on its way. Those of the documents that the person does not see have failed at once.

    Raises:
        Rejected: there are none, or too many.
    """
    wanted = list(dict.fromkeys(documents))
    if not wanted or len(wanted) > MOST:
        raise Rejected(f"A job takes 1 to {MOST:,} documents, and these are {len(wanted):,}.")
    seen = _seen(person, wanted)
    key = person.bounds.key if person.bounds else None
    with transaction.atomic():
        job = BulkJob.objects.create(person=person, key_id=key, action=action, said=dict(said))
        BulkItem.objects.bulk_create((_item(job, each, seen) for each in wanted), batch_size=PART)
        transaction.on_commit(lambda: tasks.send_bulk(job.pk))
    return job


def run(job_id: UUID) -> None:
    """Does what is left of a job. Safe to run twice, and two at once."""
    job = BulkJob.objects.unfinished().filter(pk=job_id).first()
    if job is None:
        return
    for item in list(job.items.waiting()):
        _deal_with(job, item)
    now = timezone.now()
    done = BulkJob.objects.unfinished().filter(pk=job.pk).exclude(items__state=BulkItem.State.WAITING)
    done.update(ended_at=now, worked_at=now)


def _seen(person: Person, documents: Sequence[UUID]) -> set[UUID]:
    visible = Document.objects.visible_to(person)
    parts = (documents[start : start + PART] for start in range(0, len(documents), PART))
    return {pk for part in parts for pk in visible.filter(pk__in=part).values_list("pk", flat=True)}


def _item(job: BulkJob, document: UUID, seen: Iterable[UUID]) -> BulkItem:
    if document in seen:
        return BulkItem(job=job, document=document)
    return BulkItem(job=job, document=document, state=BulkItem.State.FAILED, failure=NOT_THERE)


def _deal_with(job: BulkJob, item: BulkItem) -> None:
    waiting = BulkItem.objects.waiting().filter(pk=item.pk)
    try:
        with transaction.atomic():
            if waiting.update(state=BulkItem.State.DONE):
                _act(job, item.document)
    except StrongroomError as error:
        waiting.update(state=BulkItem.State.FAILED, failure=str(error)[:1000])
    except Exception as error:
        log.exception("Bulk job %s failed at document %s", job.pk, item.document)
        failure = f"Something went wrong on our side ({type(error).__name__}). Try this one by itself."
        waiting.update(state=BulkItem.State.FAILED, failure=failure)
    BulkJob.objects.filter(pk=job.pk).update(worked_at=timezone.now())


def _act(job: BulkJob, document_id: UUID) -> None:
    person = _as_of_now(job)
    document = Document.objects.visible_to(person).filter(pk=document_id).first()
    if document is None:
        raise Rejected(NOT_THERE)
    ACTS[Action(job.action)](document, person, job.said)


def _as_of_now(job: BulkJob) -> Person:
    """
    Raises:
        Denied: the key that the job was begun with has ended.
    """
    now = BulkJob.objects.select_related("person", "key__person").get(pk=job.pk)
    if now.key and not ApiKey.objects.usable().filter(pk=now.key.pk).exists():
        raise Denied("The key that this was begun with has ended.")
    return now.doer


def _tag(document: Document, person: Person, said: Said) -> None:
    tag(document, person, said["tags"])


def _label(document: Document, person: Person, said: Said) -> None:
    label(document, person, said["sensitivity"], reason=said["reason"])


def _move(document: Document, person: Person, said: Said) -> None:
    target = Collection.objects.readable_by(person).filter(pk=said["collection"]).first()
    if target is None:
        raise Rejected("The collection is gone, or closed to you.")
    move_one(document, target, person)


def _retry(document: Document, person: Person, said: Said) -> None:
    tasks.retry(_latest(document), person)


def _parse(document: Document, person: Person, said: Said) -> None:
    read_again(_latest(document), person, said["parser"])


def _latest(document: Document) -> Version:
    if document.latest is None:
        raise Rejected(NOT_THERE)
    return document.latest


def _delete(document: Document, person: Person, said: Said) -> None:
    delete(document, person)


ACTS: Mapping[Action, Callable[[Document, Person, Said], None]] = {
    Action.DELETE: _delete,
    Action.TAG: _tag,
    Action.LABEL: _label,
    Action.MOVE: _move,
    Action.RETRY: _retry,
    Action.PARSE: _parse,
}
