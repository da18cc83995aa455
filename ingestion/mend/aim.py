"""Which chunks a person means to change, and whether he may: found, locked, and as he saw them."""

from dataclasses import dataclass

from kb.errors import Denied, Rejected
from kb.models import Chunk, Collection, Document, Person, Version
from kb.models.library import Stage

NOT_YOURS = "You may not change the passages of this document."


class Overtaken(Rejected):
    """Somebody else has changed the chunk since it was shown: `chunk` is how it is now."""

    def __init__(self, chunk: Chunk) -> None:
        super().__init__(
            "This passage was changed while you were at it. "
            "Compare it as it is now with what you wrote, and save again what should stand."
        )
        self.chunk = chunk


@dataclass(frozen=True, slots=True)
class Aim:
    """The chunk that a person means, by its id, as he saw it: its `Chunk.revision` then."""

    person: Person
    chunk: int
    revision: str


def aimed_at(aim: Aim, *, length: int) -> list[Chunk]:
    """The chunk, and as many after it as make this length. Call it in a transaction: they are locked.

    Raises:
        Denied: the person may not change the document, or not see one of them.
        Overtaken: somebody else has changed the first of them.
        Rejected: there are fewer, or the document is being read.
    """
    chunks = Chunk.objects.mendable_by(aim.person).select_related("version__document")
    found = chunks.filter(pk=aim.chunk).first()
    if found is None:
        raise Denied(NOT_YOURS)
    version = locked(found.version.document, aim.person)
    now = Chunk.objects.filter(pk=found.pk, version=version).first()
    if now is None or now.revision != aim.revision:
        raise Overtaken(now or found)
    return run_of(version, aim.person, now.ordinal, length=length)


def locked(document: Document, person: Person) -> Version:
    """The version that readers find. Nobody else changes its chunks or the label of its document meanwhile.

    Raises:
        Denied: the person may not change the document.
        Rejected: it is being read.
    """
    if not Document.objects.editable_by(person).filter(pk=document.pk).exists():
        raise Denied(NOT_YOURS)
    # In the order in which everybody locks who changes labels.
    Collection.objects.select_for_update().get(pk=document.collection_id)
    found = Document.objects.select_for_update(of=("self",)).get(pk=document.pk)
    current = Document.objects.filter(pk=document.pk).values("current_version")
    version = Version.objects.select_for_update(of=("self",)).filter(pk__in=current).first()
    if version is None or version.stage != Stage.READY:
        raise Rejected("The document is being read at the moment. Change its passages once it is ready.")
    version.document = found
    return version


def run_of(version: Version, person: Person, first: int, *, length: int) -> list[Chunk]:
    """So many chunks from this ordinal on.

    Raises:
        Denied: the person may not see one of them.
        Rejected: there are fewer.
    """
    rows = Chunk.objects.mendable_by(person).filter(version=version, ordinal__gte=first)
    run = list(rows.filter(ordinal__lt=first + length).order_by("ordinal"))
    if version.chunks.filter(ordinal__gte=first).count() < length:
        raise Rejected("This is the last passage: there is none to join it with.")
    if len(run) < length:
        raise Denied("A passage that this would change is above your clearance. Ask somebody who may see it.")
    for chunk in run:
        chunk.version = version
    return run
