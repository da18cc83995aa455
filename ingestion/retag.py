"""Tags on many documents at once: renamed, merged or taken off, and all of that taken back. The index follows."""

from collections.abc import Collection as Several
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from ingestion.redescribe import redescribe
from kb.errors import Rejected
from kb.models import Document, Event, Person, Tag
from kb.models.tags import MOST_TAGS, tags_from


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


@dataclass(frozen=True, slots=True)
class Retagging:
    """What was done with a tag on so many documents; `new` is empty where it was taken off.

    All events of it have the moment `at`, and say of each document what it lost.
    """

    old: str
    new: str
    at: datetime
    documents: int


def rename_tag(old: str, new: str, person: Person) -> Retagging:
    """On all documents that the person may change; where both are, one is left.

    Raises:
        Rejected: the new one is no single tag.
    """
    names = tags_from([new])
    if len(names) != 1:
        raise Rejected("Write one tag, without commas.")
    [new] = names
    at = timezone.now()
    if new == old:
        return Retagging(old, new, at, 0)
    with transaction.atomic():
        documents = _tagged(old, person)
        has_new = Tag.objects.filter(name=new, document__in=documents)
        both = set(has_new.values_list("document", flat=True))
        Tag.objects.filter(name=old, document__in=both).delete()
        Tag.objects.filter(name=old, document__in=documents).update(name=new)
        _note(both, person, _merged(old, new), at)
        _note(documents - both, person, _renamed(old, new), at)
    return Retagging(old, new, at, len(documents))


def remove_tag(name: str, person: Person) -> Retagging:
    """Takes it off all documents that the person may change."""
    at = timezone.now()
    with transaction.atomic():
        documents = _tagged(name, person)
        Tag.objects.filter(name=name, document__in=documents).delete()
        _note(documents, person, _taken_off(name), at)
    return Retagging(name, "", at, len(documents))


def take_back(done: Retagging, person: Person) -> int:
    """Puts the tag back where it was, on what the person may still change. On how many documents that is.

    What was merged is parted again, for the events say which documents had both. A document that has lost the new tag
    since, or has the old one again, or as many as it may, stays as it is.
    """
    with transaction.atomic():
        of_it = Event.objects.filter(person=person, verb=Event.Verb.TAG, at=done.at)
        mine = Document.objects.editable_by(person).filter(pk__in=of_it.values("subject"))
        left = mine.exclude(pk__in=Tag.objects.filter(name=done.old).values("document"))
        renamed = _in(left, of_it, _renamed(done.old, done.new)) & _tagged(done.new, person)
        merged = _in(left, of_it, _merged(done.old, done.new)) & _tagged(done.new, person)
        lacking = merged | _in(left, of_it, _taken_off(done.old))
        full = Document.objects.annotate(many=Count("tags")).filter(pk__in=lacking, many__gte=MOST_TAGS)
        lacking -= set(full.values_list("pk", flat=True))
        Tag.objects.filter(name=done.new, document__in=renamed).update(name=done.old)
        Tag.objects.bulk_create(Tag(document_id=document, name=done.old) for document in lacking)
        _note(renamed | lacking, person, f"“{done.old}” was put back", timezone.now())
    return len(renamed | lacking)


def _tagged(name: str, person: Person) -> set[UUID]:
    """The documents that have the tag, and that the person may change."""
    mine = Tag.objects.filter(name=name, document__in=Document.objects.editable_by(person))
    return set(mine.values_list("document", flat=True))


def _in(documents: QuerySet[Document], events: QuerySet[Event], note: str) -> set[UUID]:
    told = events.filter(note=note).values("subject")
    return set(documents.filter(pk__in=told).values_list("pk", flat=True))


def _renamed(old: str, new: str) -> str:
    return f"“{old}” → “{new}”"


def _merged(old: str, new: str) -> str:
    return f"“{old}” → “{new}”, which was there"


def _taken_off(name: str) -> str:
    return f"“{name}” was taken off"


def _note(documents: Several[UUID], person: Person, note: str, at: datetime) -> None:
    Event.objects.bulk_create(
        Event(person=person, verb=Event.Verb.TAG, subject=document, note=note, at=at)
        for document in documents
    )
    redescribe(list(documents))
