"""What the Celery worker runs. Messages carry ids; who may work is decided by the lease."""

import logging
from datetime import timedelta
from uuid import UUID

from celery import Task, shared_task
from celery.exceptions import SoftTimeLimitExceeded
from celery.signals import worker_init
from django.conf import settings
from django.db import transaction
from django.utils import timezone
from kombu.exceptions import OperationalError

from inference import registry
from inference.personal import find_entities
from inference.survey.run import run
from ingestion import pipeline
from ingestion.lease import Lease, LeaseLost, left_by_the_dead, take_back
from kb.errors import Denied, Rejected, StrongroomError, Unavailable
from kb.logs import about
from kb.models import Document, Event, Person, Survey, Version
from kb.models.library import Stage

log = logging.getLogger("strongroom.ingest")

LONGEST = 1_800
"""Seconds that one version may take in all."""
LONGEST_RUN = 7_200
"""Seconds that asking one set of golden questions may take."""
BACK_OFF = 10
"""Seconds before the second attempt; twice as long before each further one."""


def _send(task: "Task[..., None]", *arguments: object, later: str, countdown: int = 0) -> None:
    """A message for the workers. When the broker is away, `later` is what becomes of it."""
    try:
        task.apply_async(arguments, countdown=countdown, retry=False)
    except OperationalError as error:
        log.warning("The broker is away; %s (%s).", later, error)


def enqueue(version_id: UUID, *, countdown: int = 0) -> None:
    """Tells the workers that a version waits. When the broker is away, the reconciler tells them later."""
    _send(ingest, later=f"version {version_id} waits for the reconciler", countdown=countdown)


def enqueue_many(count: int) -> None:
    """Tells the workers that so many versions wait. A worker sends the messages: whoever asks has no time for them."""
    _send(wake, count, later=f"{count} versions wait for the reconciler")


@shared_task
def wake(count: int) -> None:
    """Sends a message for each of so many versions that wait."""
    for _ in range(count):
        ingest.apply_async(retry=False)


@shared_task(soft_time_limit=LONGEST, time_limit=LONGEST + 60)
def ingest() -> None:
    """Takes the version whose turn it is through the pipeline, whichever was in mind when the message was sent."""
    for abandoned in left_by_the_dead(Version.objects.all()):
        # Its own message comes back only when the broker misses an answer, which may be minutes later.
        if take_back(abandoned):
            enqueue(abandoned.pk)
    lease = Lease.claim_next()
    if lease is None:
        return
    version = lease.version
    with about(version=version.pk, document=version.document_id):
        try:
            with lease.kept():
                work(lease)
            log.info("Version %s is %s.", version.pk, Stage(version.stage).label)
        except LeaseLost:
            log.info("Version %s was taken over, set aside or deleted meanwhile.", version.pk)


def work(lease: Lease) -> None:
    """Runs the pipeline and sorts what it raises: the file's fault, a passing fault, or ours.

    Raises:
        LeaseLost: the version is no longer this worker's.
    """
    version = lease.version
    if version.attempts > settings.ATTEMPTS:
        lease.settle(Stage.FAILED, failure=_gave_up(version))
        return
    try:
        pipeline.ingest(lease)
    except Rejected as error:
        lease.settle(Stage.FAILED, failure=str(error))
    except Unavailable as error:
        _try_again(lease, str(error))
    except SoftTimeLimitExceeded:
        lease.settle(
            Stage.FAILED,
            failure=f"It took more than {LONGEST // 60} minutes. Split the file, and upload the parts.",
        )
    except LeaseLost:
        raise
    except Exception as error:
        log.exception("Version %s failed while %s", version.pk, version.stage)
        lease.settle(Stage.FAILED, failure=_our_fault(version, error))


def _try_again(lease: Lease, reason: str) -> None:
    version = lease.version
    if version.attempts >= settings.ATTEMPTS:
        lease.settle(Stage.FAILED, failure=f"{reason} Tried {version.attempts} times.")
        return
    wait = BACK_OFF * 2 ** (version.attempts - 1)
    lease.settle(Stage.QUEUED, failure=reason, not_before=timezone.now() + timedelta(seconds=wait))
    enqueue(version.pk, countdown=wait)


def _gave_up(version: Version) -> str:
    return (
        f"The worker died {settings.ATTEMPTS} times while it was {Stage(version.stage).label}. "
        "The file may need more memory than there is. Retry it, or split it."
    )


def _our_fault(version: Version, error: Exception) -> str:
    return (
        f"Something went wrong on our side while {Stage(version.stage).label} ({type(error).__name__}). "
        "The file is kept. Retry it; if it fails again, tell an administrator."
    )


def retry(version: Version, person: Person) -> None:
    """Sends a failed version on its way again, with all its attempts.

    Raises:
        Denied: the person may not change the document.
        Rejected: it has not failed.
    """
    if not Document.objects.editable_by(person).filter(pk=version.document_id).exists():
        raise Denied("You may not change this document.")
    failed = Version.objects.filter(pk=version.pk, stage=Stage.FAILED, retired=False)
    with transaction.atomic():
        if not failed.update(stage=Stage.QUEUED, failure="", attempts=0, not_before=None):
            raise Rejected("Only a document that failed can be retried.")
        Event.objects.create(
            person=person, verb=Event.Verb.RETRY, subject=version.document_id, note=version.name
        )
        transaction.on_commit(lambda: enqueue(version.pk))


@worker_init.connect
def _load_models(**kwargs: object) -> None:
    """Before the children are forked: they share its memory, and one that takes a dead one's place works at once."""
    find_entities("")
    try:
        registry.embedder()
    except StrongroomError as error:
        log.warning("The embedder will be tried again by the first document: %s", error)


def send_run(run_id: UUID) -> None:
    """Tells the workers that golden questions wait to be asked; the reconciler does when the broker is away."""
    _send(measure, str(run_id), later=f"run {run_id} waits for the reconciler")


@shared_task(soft_time_limit=LONGEST_RUN, time_limit=LONGEST_RUN + 60)
def measure(run_id: str) -> None:
    """Asks the golden questions of a run, if nobody else does."""
    from ingestion.evaluate.runs import measure as ask_all  # Its vendors take a second to import.

    ask_all(UUID(run_id))


def send_survey(survey_id: int) -> None:
    """Tells the workers that documents wait to be read for a question; the reconciler does when the broker is away."""
    _send(survey, survey_id, later=f"survey {survey_id} waits for the reconciler")


@shared_task(soft_time_limit=LONGEST_RUN, time_limit=LONGEST_RUN + 60)
def survey(survey_id: int) -> None:
    """Reads what is left to read for a question, if nobody else does."""
    if waiting := Survey.objects.filter(pk=survey_id).select_related("answer__question").first():
        for _progress in run(waiting):
            pass  # Each step is recorded as it is taken.


def send_unpack(container_id: UUID) -> None:
    """Tells the workers that an archive or a mail waits to be opened; the reconciler does when the broker is away."""
    _send(unpack, str(container_id), later=f"container {container_id} waits for the reconciler")


@shared_task(soft_time_limit=LONGEST, time_limit=LONGEST + 60)
def unpack(container_id: str) -> None:
    """Makes documents of what an archive or a mail holds, if nobody else does."""
    from ingestion.sources.archive import unpack as take_out  # It enqueues what it takes out.

    take_out(UUID(container_id))


def send_bulk(job_id: UUID) -> None:
    """Tells the workers that an act on many documents waits; the reconciler does when the broker is away."""
    _send(bulk, str(job_id), later=f"bulk job {job_id} waits for the reconciler")


@shared_task(soft_time_limit=LONGEST_RUN, time_limit=LONGEST_RUN + 60)
def bulk(job_id: str) -> None:
    """Does what is left of an act on many documents."""
    from ingestion.bulk import run as act  # What it does enqueues tasks of this module.

    act(UUID(job_id))


def send_purge(document_id: UUID) -> None:
    """Tells the workers to remove a deleted document; the reconciler does when the broker is away."""
    _send(purge, str(document_id), later=f"document {document_id} will be removed later")


def send_describe(document_id: UUID) -> None:
    """Tells the workers that a document has new tags or labels; the reconciler does when the broker is away."""
    _send(describe, str(document_id), later=f"document {document_id} will be described later")


@shared_task
def describe(document_id: str) -> None:
    """Makes the index say what a document's new tags and labels are."""
    from ingestion.tags import follow  # It enqueues this task.

    follow(UUID(document_id))


def send_describe_marked() -> None:
    """The same for all that are marked, in one message, because a change may be of thousands."""
    _send(describe_marked, later="changed documents will be described later")


@shared_task(soft_time_limit=LONGEST, time_limit=LONGEST + 60)
def describe_marked() -> None:
    """Makes the index say what the new tags and labels of all marked documents are."""
    from ingestion.tags import follow  # It enqueues the task for one.

    marked = Document.objects.live().exclude(undescribed_since=None)
    for document_id in marked.order_by("undescribed_since").values_list("pk", flat=True):
        follow(document_id)


def send_mended(version_id: UUID) -> None:
    """Tells the workers that a person changed chunks of a version; the reconciler does when the broker is away."""
    _send(mended, str(version_id), later=f"version {version_id} will be indexed later")


@shared_task
def mended(version_id: str) -> None:
    """Makes the index say what the changed chunks of a version say."""
    from ingestion.mend.follow import follow  # What changes chunks enqueues this task.

    follow(UUID(version_id))


@shared_task
def purge(document_id: str) -> None:
    """Removes what a deleted document left behind."""
    from ingestion.delete import purge as remove  # It enqueues this task.

    remove(UUID(document_id))


def send_learn() -> None:
    """Tells the workers that people have decided enough labels to learn from. A later label tells them again."""
    from ingestion.learn import due  # It imports all that classifies.

    if due():
        _send(learn, later="the labels will be learned from later")


@shared_task(soft_time_limit=LONGEST, time_limit=LONGEST + 60)
def learn() -> None:
    """Learns from the labels that people decided, if there are enough new ones."""
    from ingestion import learn as learning  # It imports all that classifies.

    try:
        if learning.due():
            learning.learn()
    except Rejected as error:
        log.info("Nothing was learned from labels yet. %s", error)
