"""What administrators do with work that waits, runs or went wrong. Each act is written down with who did it.

Acts on many versions are done in parts, so that nobody waits long for the database.
"""

from collections.abc import Callable, Iterator, Sequence
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from ingestion import tasks
from ingestion.lease import stage_run
from ingestion.parse.registry import PARSERS, engine_name
from kb.errors import Denied, Rejected
from kb.models import Batch, Document, Event, Pause, Person, Priority, StageRun, Version
from kb.models.library import SETTLED, UNDONE, Stage, VersionQuerySet

PART = 500
"""Versions that are changed in one transaction."""
SET_ASIDE = "An administrator set it aside. Ask one to put it back, or delete the document."


def pause(person: Person | None, reason: str = "") -> bool:
    """From now on no worker takes a version; what runs goes on. False: it was paused already.

    `person` is None when a command of the machine does it, here and in `resume`.

    Raises:
        Denied: the person administers nothing.
    """
    _check(person)
    with transaction.atomic():
        _, made = Pause.objects.get_or_create(pk=Pause.THE_ONE, defaults={"person": person, "reason": reason})
        if made:
            Event.objects.create(person=person, verb=Event.Verb.PAUSE, note=reason)
    return made


def resume(person: Person | None) -> bool:
    """Workers go on with what waits. False: it was not paused.

    Raises:
        Denied: the person administers nothing.
    """
    _check(person)
    with transaction.atomic():
        ended, _ = Pause.objects.all().delete()
        if ended:
            Event.objects.create(person=person, verb=Event.Verb.RESUME)
            transaction.on_commit(lambda: tasks.enqueue_many(Version.objects.claimable().count()))
    return bool(ended)


def prioritise(versions: VersionQuerySet, person: Person, priority: Priority) -> int:
    """Moves those that are not settled before or behind others. The number of those that were.

    Raises:
        Denied: the person administers nothing.
    """
    return _each(
        versions.unsettled(), person, Event.Verb.PRIORITISE, lambda part: part.update(priority=priority)
    )


def prioritise_batch(batch: Batch, person: Person, priority: Priority) -> int:
    """Also what of the batch has not come in yet.

    Raises:
        Denied: the person administers nothing.
    """
    _check(person)
    Batch.objects.filter(pk=batch.pk).update(priority=priority)
    return prioritise(Version.objects.filter(batch=batch), person, priority)


def set_aside(versions: VersionQuerySet, person: Person) -> int:
    """Takes out what waits, runs or failed. A worker that is at one stops within seconds while it reads the file,
    and else at the end of its stage. The number of those that were set aside.

    Raises:
        Denied: the person administers nothing.
    """
    not_ready = versions.filter(retired=False).exclude(stage__in=[Stage.READY, Stage.SKIPPED])
    return _each(not_ready, person, Event.Verb.SET_ASIDE, _set_aside)


def put_back(versions: VersionQuerySet, person: Person) -> int:
    """Sends what failed or was set aside on its way again, with all its attempts. The number of those that were.

    Raises:
        Denied: the person administers nothing.
    """
    undone = versions.filter(retired=False, stage__in=UNDONE)
    sent = _each(undone, person, Event.Verb.RETRY, _queue)
    if sent:
        tasks.enqueue_many(sent)
    return sent


def read_again(version: Version, person: Person, parser: str) -> None:
    """Reads a settled version anew by one parser of its format, or by the usual ones when `parser` is empty.

    Readers find what was found before until the new reading is whole.

    Raises:
        Denied: the person may not change the document.
        Rejected: the parser does not read this format, or the version is not settled.
    """
    if not Document.objects.editable_by(person).filter(pk=version.document_id).exists():
        raise Denied("You may not change this document.")
    if parser and parser not in PARSERS[version.media_type]:
        raise Rejected(f"“{engine_name(parser)}” does not read this format. Choose one of the list.")
    with transaction.atomic():
        settled = Version.objects.filter(pk=version.pk, retired=False, stage__in=SETTLED)
        if not settled.update(**_QUEUED, chosen_parser=parser):
            raise Rejected("It is being read at the moment. Wait until it is ready, or set it aside first.")
        note = f"{version.name}, by {engine_name(parser)}" if parser else version.name
        Event.objects.create(
            person=person, verb=Event.Verb.READ_AGAIN, subject=version.document_id, note=note[:500]
        )
        transaction.on_commit(lambda: tasks.enqueue(version.pk))


_QUEUED: dict[str, object] = {"stage": Stage.QUEUED, "failure": "", "attempts": 0, "not_before": None}


def _queue(part: VersionQuerySet) -> int:
    return part.update(**_QUEUED)


def _set_aside(part: VersionQuerySet) -> int:
    """Without a lease its worker can write nothing any more; what it was at ends here."""
    now = timezone.now()
    stopped = [
        run for version in part.in_work() for run in stage_run(version, StageRun.Outcome.CANCELLED, until=now)
    ]
    StageRun.objects.bulk_create(stopped)
    return part.update(
        stage=Stage.SKIPPED,
        failure=SET_ASIDE,
        lease=None,
        lease_until=None,
        lease_holder="",
        stage_since=None,
        progress={},
    )


def _check(person: Person | None) -> None:
    if person is not None and not person.administers:
        raise Denied("Only administrators may do this.")


def _each(
    versions: VersionQuerySet, person: Person, verb: Event.Verb, act: Callable[[VersionQuerySet], int]
) -> int:
    """Does it with all that still fit when their part's turn comes, and writes an event for each."""
    _check(person)
    return sum(_one(versions.filter(pk__in=part), person, verb, act) for part in _parts(versions))


def _one(
    versions: VersionQuerySet, person: Person, verb: Event.Verb, act: Callable[[VersionQuerySet], int]
) -> int:
    with transaction.atomic():
        locked = versions.order_by().select_for_update(of=("self",))
        known = list(locked.values_list("pk", "document_id", "name"))
        changed = act(Version.objects.filter(pk__in=[pk for pk, _, _ in known]))
        Event.objects.bulk_create(
            Event(person=person, verb=verb, subject=document, note=name) for _, document, name in known
        )
        return changed


def _parts(versions: VersionQuerySet) -> Iterator[Sequence[UUID]]:
    pks = list(versions.order_by().values_list("pk", flat=True))
    for start in range(0, len(pks), PART):
        yield pks[start : start + PART]
