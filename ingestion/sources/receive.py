"""A file at any door: a document that waits to be read, or an archive that waits to be opened."""

from dataclasses import dataclass
from pathlib import PurePath
from typing import BinaryIO

from django.db import transaction

from ingestion.sources.containers.kinds import archive_kind
from ingestion.sources.upload import NAME_LENGTH, NOTHING, Declared, Origin, bring_in, check_declared
from ingestion.store import store
from ingestion.tasks import send_unpack
from kb.models import Collection, Container, Person, Version


@dataclass(frozen=True, slots=True)
class Arrival:
    """What came in: either a version, or a container. `duplicate` says that the collection had the version already."""

    version: Version | None = None
    container: Container | None = None
    duplicate: bool = False


def receive(
    person: Person,
    collection: Collection,
    file: BinaryIO,
    *,
    name: str,
    declared: Declared = NOTHING,
    origin: Origin,
) -> Arrival:
    """Stores the file and sends it on its way once the transaction holds. An archive's label and tags are its files'.

    Raises:
        Denied: the person may not add to this collection, or not with this sensitivity.
        Rejected, TooLarge, Unreadable: the file cannot be taken; the message says why.
        Unavailable: the file could not be stored now.
    """
    kind = archive_kind(file, name)
    if kind is None:
        received = bring_in(person, collection, file, name=name, declared=declared, origin=origin)
        return Arrival(version=received.version, duplicate=received.duplicate)
    check_declared(person, collection, declared)
    stored = store(file)
    with transaction.atomic():
        container = Container.objects.create(
            kind=kind,
            batch=origin.batch,
            collection=collection,
            person=person,
            sha256=stored.sha256,
            name=PurePath(name).name[-NAME_LENGTH:],
            sensitivity=declared.sensitivity,
            tags=list(declared.tags),
        )
        transaction.on_commit(lambda: send_unpack(container.pk))
    return Arrival(container=container)
