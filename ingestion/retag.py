"""Tags on many documents at once: renamed, merged or taken off. The index follows."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from ingestion.redescribe import redescribe
from kb.errors import Rejected
from kb.models import Document, Event, Person, Tag
from kb.models.tags import tags_from


def counted(person: Person, words: str = "") -> QuerySet[Any, dict[str, Any]]:
    """The tags of what the person may see, by `name`: how many documents each `holds`, and of how many are `mine`.

    `mine` are those that the person may change.
    """
    editable = Document.objects.editable_by(person).filter(pk=OuterRef("document"))
    visible: QuerySet[Any] = Tag.objects.filter(
        document__in=Document.objects.visible_to(person), name__contains=words.lower()
    )
    counts = {"holds": Count("pk"), "mine": Count("pk", filter=Q(Exists(editable)))}
    rows: QuerySet[Any, dict[str, Any]] = visible.order_by().values("name").annotate(**counts)
    return rows.order_by("name")


def rename_tag(old: str, new: str, person: Person) -> int:
    """On all documents that the person may change; where both are, one is left. How many documents that were.

    Raises:
        Rejected: the new one is no single tag.
    """
    names = tags_from([new])
    if len(names) != 1:
        raise Rejected("Write one tag, without commas.")
    [new] = names
    if new == old:
        return 0
    with transaction.atomic():
        mine = Tag.objects.filter(name=old, document__in=Document.objects.editable_by(person))
        documents = list(mine.values_list("document", flat=True))
        has_both = Tag.objects.filter(name=new, document__in=documents).values_list("document", flat=True)
        Tag.objects.filter(name=old, document__in=list(has_both)).delete()
        Tag.objects.filter(name=old, document__in=documents).update(name=new)
        _noted(documents, person, f"“{old}” → “{new}”")
    return len(documents)


def remove_tag(name: str, person: Person) -> int:
    """Takes it off all documents that the person may change. How many documents that were."""
    with transaction.atomic():
        mine = Tag.objects.filter(name=name, document__in=Document.objects.editable_by(person))
        documents = list(mine.values_list("document", flat=True))
        Tag.objects.filter(name=name, document__in=documents).delete()
        _noted(documents, person, f"“{name}” was taken off")
    return len(documents)


def _noted(documents: Sequence[UUID], person: Person, note: str) -> None:
    Event.objects.bulk_create(
        Event(person=person, verb=Event.Verb.TAG, subject=document, note=note) for document in documents
    )
    redescribe(documents)
