"""Moving documents to another collection: who may read them, and how strict they are at least, changes at once."""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from django.db import IntegrityError, transaction

from ingestion.relabel import spread
from ingestion.strictness import keep_to_minimum
from kb.errors import Denied, Rejected
from kb.models import Collection, Document, Event, Person, Sensitivity, Version


@dataclass(frozen=True, slots=True)
class Moved:
    """Titles: `raised` are those that the new collection made stricter; `held` says why some stayed."""

    moved: tuple[str, ...]
    raised: tuple[str, ...]
    held: tuple[str, ...]


def move(documents: Iterable[UUID], target: Collection, person: Person) -> Moved:
    """Moves those of the documents that the person may change, with what came in inside them, each by itself.

    The index follows within a moment; until then SQL decides, as always.

    Raises:
        Denied: the person may not add to the target, or its minimum is above his clearance.
    """
    _check_target(target, person)
    moved, raised, held = [], [], []
    for document in _with_parts(documents, person):
        try:
            stricter = _move_one(document.pk, target, person)
        except Rejected as error:
            held.append(f"“{document.title}”: {error}")
        else:
            moved.append(document.title)
            raised += [document.title] if stricter else []
    return Moved(tuple(moved), tuple(raised), tuple(held))


def move_one(document: Document, target: Collection, person: Person) -> None:
    """Moves one document, with what came in inside it.

    Raises:
        Denied: the person may not change it, or not add to the target.
        Rejected: it stays where it is; the message says why.
    """
    done = move([document.pk], target, person)
    if done.held:
        raise Rejected(" ".join(done.held))
    if not done.moved:
        raise Denied("You may not change this document.")


def _check_target(target: Collection, person: Person) -> None:
    if not Collection.objects.editable_by(person).filter(pk=target.pk).exists():
        raise Denied("You may not add documents to this collection. Choose one that you edit.")
    if target.minimum_sensitivity > person.clearance:
        least = Sensitivity(target.minimum_sensitivity).label
        raise Denied(f"Documents in “{target}” are at least {least}, which is above your own clearance.")


def _with_parts(documents: Iterable[UUID], person: Person) -> list[Document]:
    """The attachments of a mail and the files of an archive go where it goes."""
    mine = Document.objects.editable_by(person)
    found, new = [], list(mine.filter(pk__in=list(documents)))
    while new:
        found += new
        known = {document.pk for document in found}
        new = list(mine.filter(parent__in=new).exclude(pk__in=known))
    return found


def _move_one(document_id: UUID, target: Collection, person: Person) -> bool:
    """Whether it became stricter.

    Raises:
        Rejected: it stays where it is.
    """
    try:
        with transaction.atomic():
            return _moved(document_id, target, person)
    except IntegrityError as error:
        # The database holds the same bytes once a collection.
        raise Rejected(
            f"“{target}” holds the same file already. Delete one of the two, or leave it where it is."
        ) from error


def _moved(document_id: UUID, target: Collection, person: Person) -> bool:
    document = Document.objects.editable_by(person).filter(pk=document_id).first()
    if document is None:
        raise Rejected("It was deleted or closed to you meanwhile.")
    # The collections first, as everybody who changes labels does, and always in the same order.
    both = Collection.objects.select_for_update().filter(pk__in=[document.collection_id, target.pk])
    shelves = {shelf.pk: shelf for shelf in both.order_by("pk")}
    document = Document.objects.select_for_update(of=("self",)).get(pk=document_id)
    source, target = shelves.get(document.collection_id), shelves[target.pk]
    if source is None or source == target:
        raise Rejected(f"It is in “{document.collection}” now.")
    _check_settled(document)
    Version.objects.filter(document=document).update(collection=target)
    document.collection = target
    stricter = keep_to_minimum(document, target)
    document.save()
    note = f"“{source.name}” → “{target.name}”."
    Event.objects.create(person=person, verb=Event.Verb.MOVE, subject=document.pk, note=note)
    spread(document)
    return stricter


def _check_settled(document: Document) -> None:
    """A worker that reads it would still go by the rules of the old collection."""
    versions = list(Version.objects.select_for_update().filter(document=document, retired=False))
    if any(not version.settled for version in versions):
        raise Rejected("It is still being read. Move it when it is ready.")
