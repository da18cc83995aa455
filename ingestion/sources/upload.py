"""A file that a person, a tool or a command brings in → a version that waits to be ingested."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePath
from typing import BinaryIO

from django.conf import settings
from django.db import IntegrityError, transaction

from ingestion.naming import TITLE_LENGTH, title_from
from ingestion.parse.sniff import Sniffed, sniff
from ingestion.sources.containers.kinds import mail_kind
from ingestion.store import Stored, forget, path_of, store
from ingestion.tags import put_on
from ingestion.tasks import enqueue, send_unpack
from kb.errors import Denied, Rejected
from kb.models import Batch, Collection, Container, Document, Event, Person, Priority, Sensitivity, Version

NAME_LENGTH = 255
TOO_DEEP = "It was attached to a mail that was attached itself, so that its own attachments were not taken."


@dataclass(frozen=True, slots=True)
class Declared:
    """What the person says of the document. Without a sensitivity, it is decided while ingesting."""

    title: str = ""
    sensitivity: Sensitivity | None = None
    tags: tuple[str, ...] = ()
    """As `tags_from` writes them."""
    least: Sensitivity | None = None
    """What is decided is not laxer than this."""
    owner: Person | None = None
    """Whose document it becomes; without one, that of who brings it in."""


NOTHING = Declared()


@dataclass(frozen=True, slots=True)
class Origin:
    """What a file came in with: a batch, and the archive or mail that held it with its path inside."""

    batch: Batch | None = None
    container: Container | None = None
    path: str = ""

    @property
    def mail(self) -> Document | None:
        return self.container.mail if self.container else None


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
    """Stores the file and sends it on its way once the transaction holds. `name` may have folders before it.

    Until its sensitivity is decided, the document counts as RESTRICTED. A duplicate stays as it was declared.

    Raises:
        Denied: the person may not add to this collection, or not with this sensitivity or owner.
        Rejected, TooLarge, Unreadable: the file cannot be taken; the message says why.
        Unavailable: the file could not be stored now.
    """
    return bring_in(person, collection, file, name=name, declared=declared, origin=Origin(batch))


def bring_in(
    person: Person,
    collection: Collection,
    file: BinaryIO,
    *,
    name: str,
    declared: Declared = NOTHING,
    origin: Origin,
) -> Received:
    """The same, wherever the file came from. What is attached to a mail becomes documents of its own.

    Raises:
        Denied, Rejected, TooLarge, Unreadable, Unavailable: as above.
    """
    check_declared(person, collection, declared)
    stored = store(file)
    title = declared.title.strip()[:TITLE_LENGTH] or title_from(name)
    document = Document(
        title=title,
        collection=collection,
        owner=declared.owner or person,
        parent=origin.mail,
        least_sensitivity=declared.least,
    )
    _label(document, declared.sensitivity, person)
    version = version_of(document, stored, name, origin)
    try:
        _create(document, version, declared.tags, person)
    except IntegrityError:
        # The database holds the same bytes once a collection, also when they come in twice at the same moment.
        return _duplicate(version, person)
    return Received(version, duplicate=False)


def check_declared(person: Person, collection: Collection, declared: Declared) -> None:
    """Whether this person may bring documents into this collection, with what he says of them.

    Raises:
        Denied: not so; the message says why.
    """
    check_rights(person, collection, declared.sensitivity)
    if declared.least is not None and declared.least > person.clearance:
        raise Denied(_above(declared.least))
    if declared.owner is not None and declared.owner != person:
        _check_owner(declared.owner, collection, declared.sensitivity)


def version_of(document: Document, stored: Stored, name: str, origin: Origin) -> Version:
    """Of a document, new or not; not saved yet.

    Raises:
        Unreadable: nobody can read the file.
    """
    sniffed = _sniffed(stored, name)
    return Version(
        document=document,
        collection=document.collection,
        batch=origin.batch,
        priority=origin.batch.priority if origin.batch else Priority.NORMAL,
        container=origin.container,
        path=origin.path,
        sha256=stored.sha256,
        name=PurePath(name).name[-NAME_LENGTH:],
        media_type=sniffed.media_type,
        size=stored.size,
        warnings=[sniffed.warning] if sniffed.warning else [],
    )


def check_rights(person: Person, collection: Collection, sensitivity: Sensitivity | None) -> None:
    """
    Raises:
        Denied: the person may not add to this collection, or not with this sensitivity.
    """
    if not Collection.objects.editable_by(person).filter(pk=collection.pk).exists():
        raise Denied(f"You may not add documents to “{collection}”.")
    if sensitivity is None:
        return
    if sensitivity < collection.minimum_sensitivity:
        least = Sensitivity(collection.minimum_sensitivity).label
        raise Denied(f"Documents in “{collection}” are at least {least}. Choose {least} or stricter.")
    if sensitivity > person.clearance:
        raise Denied(_above(sensitivity))


def _above(sensitivity: Sensitivity) -> str:
    return f"{sensitivity.label} is above your own clearance. Ask an administrator to upload this file."


def _check_owner(owner: Person, collection: Collection, sensitivity: Sensitivity | None) -> None:
    """An owner sees his document before its label is decided, so that he has to be cleared for any."""
    if not Collection.objects.editable_by(owner).filter(pk=collection.pk).exists():
        raise Denied(f"{owner} may not change “{collection}”. Choose an owner who may.")
    if owner.clearance < (Sensitivity.RESTRICTED if sensitivity is None else sensitivity):
        may = Sensitivity(owner.clearance).label
        raise Denied(f"{owner} may see up to {may}. Choose such a label for the files, or another owner.")


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


def _create(document: Document, version: Version, tags: Sequence[str], person: Person) -> None:
    with transaction.atomic():
        document.save(force_insert=True)
        version.save(force_insert=True)
        put_on(document, tags)
        Event.objects.create(person=person, verb=Event.Verb.UPLOAD, subject=document.pk, note=version.name)
        _attend_to_attachments(version, tags)
        transaction.on_commit(lambda: enqueue(version.pk))


def _attend_to_attachments(version: Version, tags: Sequence[str]) -> None:
    """What is attached to a mail becomes documents that name it as their parent."""
    kind = mail_kind(path_of(version.sha256), version.media_type)
    if kind is None:
        return
    if _depth(version.document) > settings.ARCHIVE_DEPTH:
        version.warnings = [*version.warnings, TOO_DEEP]
        version.save(update_fields=["warnings"])
        return
    container = Container.objects.create(
        mail=version.document,
        kind=kind,
        batch=version.batch,
        collection=version.collection,
        person=version.document.owner,
        sha256=version.sha256,
        name=version.name,
        tags=list(tags),
    )
    transaction.on_commit(lambda: send_unpack(container.pk))


def _depth(mail: Document) -> int:
    """1 for a mail that came by itself, 2 for one that was attached to that, and so on."""
    return 1 if mail.parent is None else 1 + _depth(mail.parent)


def _duplicate(version: Version, person: Person) -> Received:
    known = Version.objects.select_related("document").get(
        collection=version.collection, sha256=version.sha256, retired=False
    )
    if not Document.objects.visible_to(person).filter(pk=known.document_id).exists():
        raise Rejected("This file cannot be added: the collection holds it already, above what you may see.")
    return Received(known, duplicate=True)
