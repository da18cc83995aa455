"""A file that a person, a tool or a command brings in → a version that waits to be ingested."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePath
from typing import BinaryIO

from django.db import IntegrityError, transaction

from ingestion.naming import TITLE_LENGTH, title_from
from ingestion.parse.sniff import Sniffed, sniff
from ingestion.store import Stored, forget, store
from ingestion.tags import put_on
from ingestion.tasks import enqueue
from kb.errors import Denied, Rejected
from kb.models import Batch, Collection, Document, Event, Person, Priority, Sensitivity, Version

NAME_LENGTH = 255


@dataclass(frozen=True, slots=True)
class Declared:
    """What the person says of the document. Without a sensitivity, it is decided while ingesting."""

    title: str = ""
    sensitivity: Sensitivity | None = None
    tags: tuple[str, ...] = ()
    """As `tags_from` writes them."""


NOTHING = Declared()


@dataclass(frozen=True, slots=True)
class Received:
    """What became of an upload. `duplicate` says that the collection had these bytes already."""

    version: Version
    duplicate: bool


def upload(
    person: Person,
    collection: Collection,
    file: BinaryIO,
    *,
    name: str,
    declared: Declared = NOTHING,
    batch: Batch | None = None,
) -> Received:
    """Stores the file and sends it on its way once the transaction holds.

    Until its sensitivity is decided, the document counts as RESTRICTED. A duplicate stays as it was declared.

    Raises:
        Denied: the person may not add to this collection, or not with this sensitivity.
        Rejected, TooLarge, Unreadable: the file cannot be taken; the message says why.
        Unavailable: the file could not be stored now.
    """
    _check_rights(person, collection, declared.sensitivity)
    stored = store(file)
    title = declared.title.strip()[:TITLE_LENGTH] or title_from(name)
    document = Document(title=title, collection=collection, owner=person)
    _label(document, declared.sensitivity, person)
    sniffed = _sniffed(stored, name)
    version = Version(
        document=document,
        collection=collection,
        batch=batch,
        priority=batch.priority if batch else Priority.NORMAL,
        sha256=stored.sha256,
        name=PurePath(name).name[-NAME_LENGTH:],
        media_type=sniffed.media_type,
        size=stored.size,
        warnings=[sniffed.warning] if sniffed.warning else [],
    )
    try:
        _create(document, version, declared.tags)
    except IntegrityError:
        # The database holds the same bytes once a collection, also when they come in twice at the same moment.
        return _duplicate(version, person)
    return Received(version, duplicate=False)


def _check_rights(person: Person, collection: Collection, sensitivity: Sensitivity | None) -> None:
    if not Collection.objects.editable_by(person).filter(pk=collection.pk).exists():
        raise Denied(f"You may not add documents to “{collection}”.")
    if sensitivity is None:
        return
    if sensitivity < collection.minimum_sensitivity:
        least = Sensitivity(collection.minimum_sensitivity).label
        raise Denied(f"Documents in “{collection}” are at least {least}. Choose {least} or stricter.")
    if sensitivity > person.clearance:
        raise Denied(
            f"{sensitivity.label} is above your own clearance. Ask an administrator to upload this file."
        )


def _label(document: Document, sensitivity: Sensitivity | None, person: Person) -> None:
    if sensitivity is not None:
        document.sensitivity = sensitivity
        document.sensitivity_by = Document.DecidedBy.PERSON
        document.sensitivity_reason = f"Chosen by {person} when uploading."


def _sniffed(stored: Stored, name: str) -> Sniffed:
    """What the file is. One that nobody can read is not kept."""
    try:
        return sniff(stored.path, name)
    except Rejected:
        if not Version.objects.filter(sha256=stored.sha256).exists():
            forget(stored.sha256)
        raise


def _create(document: Document, version: Version, tags: Sequence[str]) -> None:
    with transaction.atomic():
        document.save(force_insert=True)
        version.save(force_insert=True)
        put_on(document, tags)
        Event.objects.create(
            person=document.owner, verb=Event.Verb.UPLOAD, subject=document.pk, note=version.name
        )
        transaction.on_commit(lambda: enqueue(version.pk))


def _duplicate(version: Version, person: Person) -> Received:
    known = Version.objects.select_related("document").get(
        collection=version.collection, sha256=version.sha256, retired=False
    )
    if not Document.objects.visible_to(person).filter(pk=known.document_id).exists():
        raise Rejected("This file cannot be added: the collection holds it already, above what you may see.")
    return Received(known, duplicate=True)
