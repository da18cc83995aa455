"""Many files at once: which of them to take, and bringing each in."""

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from celery import current_app
from django.db import transaction
from django.db.models import Q
from kombu.exceptions import OperationalError

from ingestion import tasks
from ingestion.parse.sniff import EXTENSIONS, supported_names
from ingestion.sources.upload import NOTHING, Declared, upload
from kb.errors import Rejected, StrongroomError
from kb.exchange import Ingested, ingested, not_taken
from kb.management.lookup import people_listed
from kb.models import Batch, Collection, Person, Version
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
    if file.suffix.lower().removeprefix(".") not in EXTENSIONS:
        return f"Strongroom reads {supported_names()}"
    return ""


def usual_owner(collection: Collection) -> Person:
    """Of those who may add to the collection, the one who may see most of it.

    Raises:
        Rejected: there is nobody.
    """
    editors = Person.objects.filter(Q(edits=collection) | Q(groups__edits=collection), is_active=True)
    owner = editors.order_by("-clearance", "-is_staff", "pk").first()
    if owner is None:
        raise Rejected(f"Nobody may add to “{collection}” yet. Give it an editor, or name one with --owner.")
    return owner


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
        with current_app.connection_for_write() as connection:
            connection.ensure_connection(max_retries=1, interval_start=0, timeout=ANSWER)
            return bool(current_app.control.ping(timeout=ANSWER, limit=1, connection=connection))
    except (OperationalError, OSError):
        return False


def work_here() -> None:
    """From now on this process does at once what it would have sent to a worker."""
    current_app.conf.task_always_eager = True


def send(
    files: Sequence[Path], batch: Batch, *, declared: Declared = NOTHING, wait: bool
) -> Iterator[Ingested]:
    """Brings each file in, and says what became of it: at once, or with `wait` when it is ready or has failed."""
    waiting = set[UUID]()
    for file in files:
        try:
            version = _bring_in(file, batch, declared)
        except StrongroomError as error:
            yield not_taken(file.name, str(error))
            continue
        version.refresh_from_db()
        if wait and not version.settled:
            waiting.add(version.pk)
        else:
            yield ingested(version)
    yield from _when_settled(waiting)


def _bring_in(file: Path, batch: Batch, declared: Declared) -> Version:
    try:
        with file.open("rb") as content:
            received = upload(
                batch.person, batch.collection, content, name=file.name, declared=declared, batch=batch
            )
    except OSError as error:
        raise Rejected(f"{file} cannot be read ({error.strerror}).") from error
    version = received.version
    if version.stage == Stage.FAILED:
        tasks.retry(version, batch.person)
    elif received.duplicate and not version.settled:
        tasks.enqueue(version.pk)
    return version


def _when_settled(waiting: set[UUID]) -> Iterator[Ingested]:
    while waiting:
        for version in Version.objects.filter(pk__in=waiting, stage__in=SETTLED):
            waiting.discard(version.pk)
            yield ingested(version)
        if current_app.conf.task_always_eager:
            # Nobody else looks after those whose lease a killed process still held a moment ago.
            for version in Version.objects.claimable().filter(pk__in=waiting):
                tasks.enqueue(version.pk)
        time.sleep(POLL if waiting else 0)
