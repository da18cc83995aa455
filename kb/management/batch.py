"""Many files at once: which of them to take, and bringing each in."""

import logging
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO
from uuid import UUID

from celery import current_app
from django.db import transaction

from ingestion import tasks
from ingestion.parse.sniff import EXTENSIONS, supported_names
from ingestion.sources.containers.kinds import ARCHIVES
from ingestion.sources.receive import Arrival, receive
from ingestion.sources.upload import NOTHING, Declared, Origin
from ingestion.sources.versions import revise
from kb import broker
from kb.errors import Rejected, StrongroomError, Unavailable
from kb.exchange import Ingested, ingested, left_out, not_taken, to_be_opened
from kb.management.lookup import people_listed
from kb.models import Batch, Collection, Container, Document, Person, Version
from kb.models.library import SETTLED, Stage

POLL = 0.5  # seconds
ANSWER = 3
"""Seconds in which a worker that runs answers, also on a busy machine."""


@dataclass(frozen=True, slots=True)
class Skipped:
    path: Path
    reason: str


@dataclass(frozen=True, slots=True)
class Found:
    files: tuple[Path, ...]
    skipped: tuple[Skipped, ...]


def find(paths: Sequence[Path]) -> Found:
    """The files to take. Those that were named are taken as they are; folders are walked.

    Raises:
        Rejected: a path leads nowhere.
    """
    files, skipped = list[Path](), list[Skipped]()
    for path in paths:
        if not path.exists():
            raise Rejected(f"There is no file or folder {path}.")
        for file in _walk(path) if path.is_dir() else [path]:
            reason = _why_not(file, path)
            if reason:
                skipped.append(Skipped(file, reason))
            else:
                files.append(file)
    return Found(tuple(files), tuple(skipped))


def _walk(folder: Path) -> Iterator[Path]:
    """Every file below, in the order of their names. Hidden folders are given, not entered; links are not followed."""
    for entry in sorted(folder.iterdir()):
        if entry.is_dir() and not entry.name.startswith(".") and not entry.is_symlink():
            yield from _walk(entry)
        else:
            yield entry


def _why_not(file: Path, named: Path) -> str:
    if file == named:
        return ""
    if file.name.startswith("."):
        return "it is hidden"
    if file.is_symlink():
        return "it is a link"
    if file.suffix.lower().removeprefix(".") not in {*EXTENSIONS, *ARCHIVES}:
        return f"Strongroom reads {supported_names()}"
    return ""


def usual_founder() -> Person:
    """Who gets a new collection when nobody is named: of the administrators, or else of all, the most cleared one.

    Raises:
        Rejected: there is nobody.
    """
    founder = Person.objects.filter(is_active=True).order_by("-is_staff", "-clearance", "pk").first()
    if founder is None:
        raise Rejected(f"Nobody could read the new collection. {people_listed()}")
    return founder


def found_collection(name: str, founder: Person) -> Collection:
    """A new collection, which its founder alone may read and add to."""
    with transaction.atomic():
        collection = Collection.objects.create(name=name)
        collection.editor_people.add(founder)
    return collection


def worker_answers() -> bool:
    """Whether a Celery worker runs that would take what is enqueued."""
    try:
        return broker.worker_answers(within=ANSWER)
    except Unavailable:
        return False


def work_here() -> None:
    """From now on this process does at once what it would have sent to a worker; the command tells of it."""
    current_app.conf.task_always_eager = True
    logging.getLogger("strongroom.ingest").setLevel(logging.WARNING)


def send(
    files: Sequence[Path], batch: Batch, *, declared: Declared = NOTHING, wait: bool
) -> Iterator[Ingested]:
    """Brings each file in, and says what became of it: at once, or with `wait` when it is ready or has failed.

    What archives hold, and what is attached to mails, is told with `wait` only.
    """
    versions, containers = set[UUID](), set[UUID]()
    for file in files:
        try:
            arrival = _bring_in(file, batch, declared)
        except StrongroomError as error:
            yield not_taken(file.name, str(error))
            continue
        if wait:
            versions.update({arrival.version.pk} if arrival.version else ())
            containers.update({arrival.container.pk} if arrival.container else ())
            yield from _settled(versions, containers)
        elif arrival.version:
            yield ingested(arrival.version)
        else:
            yield to_be_opened(file.name)
    while versions or containers:
        _look_after_the_left(versions, containers)
        time.sleep(POLL)
        yield from _settled(versions, containers)


def send_new_version(file: Path, document: Document, *, person: Person, wait: bool) -> Iterator[Ingested]:
    """Brings the file in as a new version of the document.

    Raises:
        Denied, Rejected, Unavailable: it cannot be taken.
    """
    with _opened(file) as content:
        version = revise(document, person, content, name=file.name)
    versions = {version.pk}
    if not wait:
        yield ingested(version)
        return
    while versions:
        yield from _settled(versions, set())
        _look_after_the_left(versions, set())
        time.sleep(POLL if versions else 0)


def _bring_in(file: Path, batch: Batch, declared: Declared) -> Arrival:
    with _opened(file) as content:
        arrival = receive(
            batch.person,
            batch.collection,
            content,
            name=file.name,
            declared=declared,
            origin=Origin(batch),
        )
    if version := arrival.version:
        version.refresh_from_db()
        if version.stage == Stage.FAILED:
            tasks.retry(version, batch.person)
        elif arrival.duplicate and not version.settled:
            tasks.enqueue(version.pk)
    return arrival


@contextmanager
def _opened(file: Path) -> Iterator[BinaryIO]:
    """
    Raises:
        Rejected: it cannot be read.
    """
    try:
        with file.open("rb") as content:
            yield content
    except OSError as error:
        raise Rejected(f"{file} cannot be read ({error.strerror}).") from error


def _settled(versions: set[UUID], containers: set[UUID]) -> Iterator[Ingested]:
    """What has settled of them, which is taken out of the sets; what came out of those containers is put in."""
    for container in Container.objects.filter(pk__in=containers).exclude(state=Container.State.WAITING):
        containers.discard(container.pk)
        versions.update(container.versions.values_list("pk", flat=True))
        if container.failure:
            yield not_taken(container.name, container.failure)
        for path, reason in container.left_out:
            yield left_out(path, reason)
    for version in Version.objects.filter(pk__in=versions, stage__in=SETTLED):
        versions.discard(version.pk)
        containers.update(Container.objects.filter(mail=version.document_id).values_list("pk", flat=True))
        yield ingested(version)


def _look_after_the_left(versions: set[UUID], containers: set[UUID]) -> None:
    """Where no worker runs, nobody else does for those that a killed process still held a moment ago."""
    if not current_app.conf.task_always_eager:
        return
    for version in Version.objects.claimable().filter(pk__in=versions):
        tasks.enqueue(version.pk)
    for container in Container.objects.waiting().filter(pk__in=containers):
        tasks.send_unpack(container.pk)
