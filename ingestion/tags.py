"""Tagging: the words change in SQL at once, and the index follows."""

from collections.abc import Sequence
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from ingestion import tasks
from ingestion.index import describe
from kb.errors import Denied
from kb.models import Document, Event, Person, Tag


def tag(document: Document, person: Person, tags: Sequence[str]) -> None:
    """Replaces the document's tags by these, which `tags_from` wrote.

    Raises:
        Denied: the person may not change the document.
    """
    if not Document.objects.editable_by(person).filter(pk=document.pk).exists():
        raise Denied("You may not change the tags of this document.")
    now = timezone.now()
    with transaction.atomic():
        # First, because it makes a second person who tags the same document wait for the end of this.
        Document.objects.filter(pk=document.pk).update(undescribed_since=now, updated_at=now)
        document.tags.all().delete()
        put_on(document, tags)
        Event.objects.create(person=person, verb=Event.Verb.TAG, subject=document.pk)
        transaction.on_commit(lambda: tasks.send_describe(document.pk))


def put_on(document: Document, tags: Sequence[str]) -> None:
    Tag.objects.bulk_create(Tag(document=document, name=name) for name in tags)


def follow(document_id: UUID) -> None:
    """Makes the points of a document carry its new tags.

    Raises:
        IndexUnavailable: the index could not be reached; the document stays marked, and is sent again.
    """
    document = Document.objects.live().filter(pk=document_id).first()
    if document is None:
        return
    describe(document)
    # Only the mark that was seen: who has tagged it again meanwhile has sent another message.
    seen = Document.objects.filter(pk=document.pk, undescribed_since=document.undescribed_since)
    seen.update(undescribed_since=None)
