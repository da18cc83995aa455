"""Deleting: hidden in SQL at once, then out of the index and the store."""

from uuid import UUID

from django.db import transaction
from django.utils import timezone

from inference.retrieve import chunk_index
from ingestion import store, tasks
from kb.errors import Denied
from kb.models import Answer, Citation, Document, Event, Person, RememberedReply, Version


def delete(document: Document, person: Person) -> None:
    """Hides the document from everybody from the next request on; the rest follows in the background.

    Raises:
        Denied: the person may not change the document.
    """
    if not Document.objects.editable_by(person).filter(pk=document.pk).exists():
        raise Denied("You may not delete this document.")
    with transaction.atomic():
        Document.objects.live().filter(pk=document.pk).update(deleted_at=timezone.now(), current_version=None)
        # A worker that is busy with it loses its lease, and the same bytes may be uploaded again.
        Version.objects.filter(document=document).update(retired=True, lease=None, lease_until=None)
        Event.objects.create(person=person, verb=Event.Verb.DELETE, subject=document.pk)
        transaction.on_commit(lambda: tasks.send_purge(document.pk))


def purge(document_id: UUID) -> None:
    """Removes a deleted document's points, file and rows, and the text of answers that were made from it."""
    document = Document.objects.exclude(deleted_at=None).filter(pk=document_id).first()
    if document is None:
        return
    versions = list(document.versions.all())
    for version in versions:
        chunk_index().delete_version(version.pk)
    with transaction.atomic():
        answers = Answer.objects.filter(drew_on=document)
        Citation.objects.filter(answer__in=answers).delete()
        answers.update(text="", understood_as="")
        RememberedReply.objects.forget()
        document.delete()
    for sha256 in {version.sha256 for version in versions}:
        if not Version.objects.filter(sha256=sha256).exists():
            store.forget(sha256)
