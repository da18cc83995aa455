"""SQL and the stored files are the truth: finds what disagrees with them, and mends it."""

from collections.abc import Iterator
from datetime import timedelta

from django.conf import settings
from django.db.models import Count, Q
from django.utils import timezone

from inference.retrieve import chunk_index
from ingestion import store, tasks
from ingestion.index import reindex
from ingestion.lease import holder_is_gone, left_by_the_dead, take_back
from kb.models import Answer, BulkJob, Chunk, Container, Document, GoldenRun, ModelCall, Survey, Version
from kb.models.answers import LONGEST, WRITING
from kb.models.library import Stage

RESENT = 1_000
"""Versions that a message is sent for at most in one round; workers that are only busy need none."""
LONGEST_CALL = timedelta(hours=1)
"""After which a model call that never ended counts as failed."""
BEING_INDEXED = timedelta(minutes=1)
"""In which a worker is expected to have embedded what a person changed."""


def resend() -> list[str]:
    """Sends again what the broker, a worker or the portal lost. Cheap: it runs every minute."""
    return [sentence for check in STUCK for sentence in check(repair=True)]


def reconcile(*, repair: bool) -> list[str]:
    """Everything that is off, a sentence each: what is stuck, and where files and index disagree with SQL.

    Raises:
        IndexUnavailable: the index could not be asked.
    """
    return [sentence for check in (*STUCK, *DRIFTED) for sentence in check(repair=repair)]


def _abandoned(*, repair: bool) -> Iterator[str]:
    for version in left_by_the_dead(Version.objects.all()):
        yield f"“{version.name}” was left by a worker that died while it was {Stage(version.stage).label}."
        if repair and take_back(version):
            tasks.enqueue(version.pk)


def _waiting(*, repair: bool) -> Iterator[str]:
    """Every message brings one that waits, so that nothing is lost while any of them arrives."""
    lately = timezone.now() - timedelta(seconds=settings.RECONCILE_EVERY)
    if Version.objects.filter(claimed_at__gt=lately).exists():
        return
    for version in Version.objects.claimable()[:RESENT]:
        yield f"“{version.name}” waits for a worker."
        if repair:
            tasks.enqueue(version.pk)


def _unopened(*, repair: bool) -> Iterator[str]:
    for container in Container.objects.held():
        if holder_is_gone(container.holder):
            yield f"“{container}” was left by a worker that died while it opened it."
            if repair:
                Container.objects.filter(pk=container.pk, holder=container.holder).update(held_until=None)
    for container in Container.objects.waiting():
        yield f"“{container}” waits to be opened."
        if repair:
            tasks.send_unpack(container.pk)


def _lost_files(*, repair: bool) -> Iterator[str]:
    """A version whose stored file is gone cannot be read again; it stays searchable."""
    for version in Version.objects.filter(retired=False):
        if not store.path_of(version.sha256).exists():
            yield f"The stored file of “{version.name}” is missing. Restore it from a backup, or upload it again."


def _undeleted(*, repair: bool) -> Iterator[str]:
    for document in Document.objects.exclude(deleted_at=None):
        yield f"The deleted document {document.pk} still has traces."
        if repair:
            tasks.send_purge(document.pk)


def _undescribed(*, repair: bool) -> Iterator[str]:
    for document in Document.objects.live().exclude(undescribed_since=None):
        yield f"The index does not know the new tags or label of “{document.title}” yet."
        if repair:
            tasks.send_describe(document.pk)


def _unindexed(*, repair: bool) -> Iterator[str]:
    changed = Chunk.objects.unindexed().filter(unindexed_since__lt=timezone.now() - BEING_INDEXED)
    ready = Version.objects.filter(retired=False, stage=Stage.READY)
    for version in ready.filter(pk__in=changed.values("version")):
        yield f"The index does not know the changed passages of “{version.name}” yet."
        if repair:
            tasks.send_mended(version.pk)


def _out_of_step(*, repair: bool) -> Iterator[str]:
    """Versions whose points are not what SQL says: read again, or removed from the index."""
    indexed = dict(chunk_index().versions())
    ready = Version.objects.searchable()
    held = dict(ready.annotate(held=Count("chunks")).values_list("pk", "held"))
    for version in ready.select_related("document"):
        points = indexed.pop(version.pk, 0)
        if points != held[version.pk]:
            yield f"“{version.name}” has {held[version.pk]} chunks and {points} of them in the index."
            if repair:
                reindex(version)
    known = set(Version.objects.filter(retired=False).values_list("pk", flat=True))
    known -= set(Version.objects.superseded().values_list("pk", flat=True))
    for stray in indexed.keys() - known:
        yield f"The index holds chunks of {stray}, which no longer exists or has a newer version."
        if repair:
            chunk_index().delete_version(stray)


def _unended_answers(*, repair: bool) -> Iterator[str]:
    lost = Answer.objects.filter(state__in=WRITING, claimed_at__lt=timezone.now() - LONGEST).exclude(
        survey__in=Survey.objects.unattended()
    )
    for answer in lost:
        yield f"The answer {answer.pk} was begun and never ended."
    if repair:
        lost.update(
            state=Answer.State.FAILED, failure="The server stopped while it was answering. Ask again."
        )


def _unended_calls(*, repair: bool) -> Iterator[str]:
    sending = ModelCall.Outcome.SENDING
    for call in ModelCall.objects.filter(outcome=sending, at__lt=timezone.now() - LONGEST_CALL):
        yield f"The model call in row {call.sequence} of the ledger was begun and never ended."
        if repair:
            call.finish(ModelCall.Outcome.FAILED, failure="It never ended; the process was probably killed.")


def _waiting_surveys(*, repair: bool) -> Iterator[str]:
    for survey in Survey.objects.unattended():
        yield f"The reading of {survey.size} documents or sections waits for a worker."
        if repair:
            tasks.send_survey(survey.pk)


def _waiting_bulk(*, repair: bool) -> Iterator[str]:
    lately = timezone.now() - timedelta(seconds=settings.RECONCILE_EVERY)
    at_work = Q(worked_at__gt=lately) | Q(worked_at=None, created_at__gt=lately)
    for job in BulkJob.objects.unfinished().exclude(at_work):
        yield f"An act on many documents ({job.get_action_display()}) waits for a worker."
        if repair:
            tasks.send_bulk(job.pk)


def _waiting_runs(*, repair: bool) -> Iterator[str]:
    for run in GoldenRun.objects.filter(state=GoldenRun.State.WAITING).select_related("golden_set"):
        yield f"The measuring of “{run.golden_set}” waits for a worker."
        if repair:
            tasks.send_run(run.pk)


def _unended_runs(*, repair: bool) -> Iterator[str]:
    unended = GoldenRun.objects.unended()
    for run in unended.select_related("golden_set"):
        yield f"The measuring of “{run.golden_set}” was begun and never ended."
    if repair:
        unended.update(
            state=GoldenRun.State.FAILED, failure="The worker stopped while it was measuring. Measure again."
        )


STUCK = (
    _abandoned, _waiting, _unopened, _undeleted, _undescribed, _unindexed, _unended_answers, _unended_calls,
    _waiting_surveys, _waiting_bulk,
    _waiting_runs, _unended_runs,
)  # fmt: skip
DRIFTED = (_lost_files, _out_of_step)
