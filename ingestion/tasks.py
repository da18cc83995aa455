"""What the Celery worker runs. Messages carry ids; who may work is decided by the lease."""

import logging
from datetime import timedelta
from uuid import UUID

from celery import shared_task
from celery.exceptions import SoftTimeLimitExceeded
from celery.signals import worker_init, worker_ready
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
from kb.models import Document, Event, ModelCall, Person, RememberedReply, Spending, Survey, Version
from kb.models.library import Stage
from kb.webhooks.outbox import tell_of_fault

log = logging.getLogger("strongroom.ingest")

LONGEST = 1_800
"""Seconds that one version may take in all."""
LONGEST_RUN = 7_200
"""Seconds that asking one set of golden questions may take."""
BACK_OFF = 10
"""Seconds before the second attempt; twice as long before each further one."""


def enqueue(version_id: UUID, *, countdown: int = 0) -> None:
    """Tells the workers that a version waits. When the broker is away, the reconciler tells them later."""
    try:
        ingest.apply_async(countdown=countdown, retry=False)
    except OperationalError as error:
        log.warning("The broker is away; version %s waits for the reconciler (%s).", version_id, error)


def enqueue_many(count: int) -> None:
    """Tells the workers that so many versions wait. A worker sends the messages: whoever asks has no time for them."""
    try:
        wake.apply_async((count,), retry=False)
    except OperationalError as error:
        log.warning("The broker is away; %d versions wait for the reconciler (%s).", count, error)


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


@shared_task
def reconcile() -> None:
    """Every minute: finds what was lost on the way and sends it again."""
    from ingestion.reconcile import resend  # It enqueues `ingest`, which is here.

    for sentence in resend():
        log.info(sentence)


@shared_task
def reconcile_everything() -> None:
    """At a worker's start, because nobody knows how the last one ended: also compares files and index with SQL."""
    from ingestion.reconcile import reconcile as look  # It enqueues `ingest`, which is here.

    try:
        for sentence in look(repair=True):
            log.info(sentence)
    except StrongroomError as error:
        log.warning("Looking at everything will be done at the next start: %s", error)


@worker_init.connect
def _load_models(**kwargs: object) -> None:
    """Before the children are forked: they share its memory, and one that takes a dead one's place works at once."""
    find_entities("")
    try:
        registry.embedder()
    except StrongroomError as error:
        log.warning("The embedder will be tried again by the first document: %s", error)


@worker_ready.connect
def _at_start(**kwargs: object) -> None:
    # As a task: a model that has run must not be forked, so that the worker's parent never runs one.
    reconcile_everything.apply_async(retry=False)


def send_run(run_id: UUID) -> None:
    """Tells the workers that golden questions wait to be asked; the reconciler does when the broker is away."""
    try:
        measure.apply_async((str(run_id),), retry=False)
    except OperationalError as error:
        log.warning("The broker is away; run %s waits for the reconciler (%s).", run_id, error)


@shared_task(soft_time_limit=LONGEST_RUN, time_limit=LONGEST_RUN + 60)
def measure(run_id: str) -> None:
    """Asks the golden questions of a run, if nobody else does."""
    from ingestion.evaluate.runs import measure as ask_all  # Its vendors take a second to import.

    ask_all(UUID(run_id))


def send_survey(survey_id: int) -> None:
    """Tells the workers that documents wait to be read for a question; the reconciler does when the broker is away."""
    try:
        survey.apply_async((survey_id,), retry=False)
    except OperationalError as error:
        log.warning("The broker is away; survey %s waits for the reconciler (%s).", survey_id, error)


@shared_task(soft_time_limit=LONGEST_RUN, time_limit=LONGEST_RUN + 60)
def survey(survey_id: int) -> None:
    """Reads what is left to read for a question, if nobody else does."""
    if waiting := Survey.objects.filter(pk=survey_id).select_related("answer__question").first():
        for _progress in run(waiting):
            pass  # Each step is recorded as it is taken.


def send_unpack(container_id: UUID) -> None:
    """Tells the workers that an archive or a mail waits to be opened; the reconciler does when the broker is away."""
    try:
        unpack.apply_async((str(container_id),), retry=False)
    except OperationalError as error:
        log.warning("The broker is away; container %s waits for the reconciler (%s).", container_id, error)


@shared_task(soft_time_limit=LONGEST, time_limit=LONGEST + 60)
def unpack(container_id: str) -> None:
    """Makes documents of what an archive or a mail holds, if nobody else does."""
    from ingestion.sources.archive import unpack as take_out  # It enqueues what it takes out.

    take_out(UUID(container_id))


@shared_task
def watch_inbox() -> None:
    """Every minute: takes what lies in the watched folder."""
    from ingestion.sources.inbox import take  # It enqueues what it takes.

    for sentence in take():
        log.info(sentence)


def send_bulk(job_id: UUID) -> None:
    """Tells the workers that an act on many documents waits; the reconciler does when the broker is away."""
    try:
        bulk.apply_async((str(job_id),), retry=False)
    except OperationalError as error:
        log.warning("The broker is away; bulk job %s waits for the reconciler (%s).", job_id, error)


@shared_task(soft_time_limit=LONGEST_RUN, time_limit=LONGEST_RUN + 60)
def bulk(job_id: str) -> None:
    """Does what is left of an act on many documents."""
    from ingestion.bulk import run as act  # What it does enqueues tasks of this module.

    act(UUID(job_id))


def send_purge(document_id: UUID) -> None:
    """Tells the workers to remove a deleted document; the reconciler does when the broker is away."""
    try:
        purge.apply_async((str(document_id),), retry=False)
    except OperationalError as error:
        log.warning("The broker is away; document %s will be removed later (%s).", document_id, error)


def send_describe(document_id: UUID) -> None:
    """Tells the workers that a document has new tags or labels; the reconciler does when the broker is away."""
    try:
        describe.apply_async((str(document_id),), retry=False)
    except OperationalError as error:
        log.warning("The broker is away; document %s will be described later (%s).", document_id, error)


@shared_task
def describe(document_id: str) -> None:
    """Makes the index say what a document's new tags and labels are."""
    from ingestion.tags import follow  # It enqueues this task.

    follow(UUID(document_id))


def send_describe_marked() -> None:
    """The same for all that are marked, in one message, because a change may be of thousands."""
    try:
        describe_marked.apply_async(retry=False)
    except OperationalError as error:
        log.warning("The broker is away; changed documents will be described later (%s).", error)


@shared_task(soft_time_limit=LONGEST, time_limit=LONGEST + 60)
def describe_marked() -> None:
    """Makes the index say what the new tags and labels of all marked documents are."""
    from ingestion.tags import follow  # It enqueues the task for one.

    marked = Document.objects.live().exclude(undescribed_since=None)
    for document_id in marked.order_by("undescribed_since").values_list("pk", flat=True):
        follow(document_id)


@shared_task
def expire_documents() -> None:
    """Every hour: notices documents whose last day has passed, and tells of them."""
    from ingestion.validity import expire  # What changes documents enqueues tasks that are here.

    if passed := expire():
        log.info("Documents whose last day has passed: %d.", passed)


@shared_task
def expire_transfers() -> None:
    """Every hour: gives up files that never arrived whole, and removes their parts."""
    from ingestion.transfers import expire  # It enqueues `ingest`, which is here.

    if given_up := expire():
        log.info("Files that never arrived whole, and were given up: %d.", given_up)


@shared_task
def expire_replies() -> None:
    """Every hour: forgets replies that were kept for requests that come twice, and do so no more."""
    RememberedReply.objects.expired().delete()


def send_mended(version_id: UUID) -> None:
    """Tells the workers that a person changed chunks of a version; the reconciler does when the broker is away."""
    try:
        mended.apply_async((str(version_id),), retry=False)
    except OperationalError as error:
        log.warning("The broker is away; version %s will be indexed later (%s).", version_id, error)


@shared_task
def mended(version_id: str) -> None:
    """Makes the index say what the changed chunks of a version say."""
    from ingestion.mend.follow import follow  # What changes chunks enqueues this task.

    follow(UUID(version_id))


@shared_task
def prune_ledger() -> None:
    """Every night: erases the details of rows of the ledger that are older than the policy keeps them.

    What was spent is forgotten once no budget asks for it.
    """
    Spending.objects.prune()
    if days := settings.LEDGER_KEEP_DAYS:
        ModelCall.objects.prune(timezone.now() - timedelta(days=days))


@shared_task(soft_time_limit=LONGEST_RUN, time_limit=LONGEST_RUN + 60)
def verify_ledger() -> None:
    """Every night: reads the whole ledger, and tells administrators' webhooks when it does not hold."""
    verdict = ModelCall.objects.verify()
    if not verdict.intact:
        log.error("The ledger does not hold. %s", verdict.fault)
        tell_of_fault(verdict.fault)


@shared_task
def purge(document_id: str) -> None:
    """Removes what a deleted document left behind."""
    from ingestion.delete import purge as remove  # It enqueues this task.

    remove(UUID(document_id))


def send_learn() -> None:
    """Tells the workers that people have decided enough labels to learn from. A later label tells them again."""
    from ingestion.learn import due  # It imports all that classifies.

    try:
        if due():
            learn.apply_async(retry=False)
    except OperationalError as error:
        log.warning("The broker is away; the labels will be learned from later (%s).", error)


@shared_task(soft_time_limit=LONGEST, time_limit=LONGEST + 60)
def learn() -> None:
    """Learns from the labels that people decided, if there are enough new ones."""
    from ingestion import learn as learning  # It imports all that classifies.

    try:
        if learning.due():
            learning.learn()
    except Rejected as error:
        log.info("Nothing was learned from labels yet. %s", error)
