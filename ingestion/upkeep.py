"""What workers do by the clock, without anybody asking: looking after what waits, what has ended and the ledger.

When each is done stands in `kb.schedule`.
"""

import logging
from datetime import timedelta

from celery import shared_task
from celery.signals import worker_ready
from django.conf import settings
from django.utils import timezone

from ingestion import transfers, validity
from ingestion.reconcile import reconcile as look
from ingestion.reconcile import resend
from ingestion.sources import inbox
from ingestion.tasks import LONGEST_RUN
from kb.errors import StrongroomError
from kb.models import ModelCall, RememberedReply, Spending
from kb.webhooks.outbox import tell_of_fault

log = logging.getLogger("strongroom.ingest")


@worker_ready.connect
def _at_start(**kwargs: object) -> None:
    # As a task: a model that has run must not be forked, so that the worker's parent never runs one.
    reconcile_everything.apply_async(retry=False)


@shared_task
def reconcile_everything() -> None:
    """At a worker's start, because nobody knows how the last one ended: also compares files and index with SQL."""
    try:
        for sentence in look(repair=True):
            log.info(sentence)
    except StrongroomError as error:
        log.warning("Looking at everything will be done at the next start: %s", error)


@shared_task
def reconcile() -> None:
    """Every minute: finds what was lost on the way and sends it again."""
    for sentence in resend():
        log.info(sentence)


@shared_task
def watch_inbox() -> None:
    """Every minute: takes what lies in the watched folder."""
    for sentence in inbox.take():
        log.info(sentence)


@shared_task
def expire_documents() -> None:
    """Every hour: notices documents whose last day has passed, and tells of them."""
    if passed := validity.expire():
        log.info("Documents whose last day has passed: %d.", passed)


@shared_task
def expire_transfers() -> None:
    """Every hour: gives up files that never arrived whole, and removes their parts."""
    if given_up := transfers.expire():
        log.info("Files that never arrived whole, and were given up: %d.", given_up)


@shared_task
def expire_replies() -> None:
    """Every hour: forgets replies that were kept for requests that come twice, and do so no more."""
    RememberedReply.objects.expired().delete()


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
