"""Until when a document holds: the day that an editor gives it, and what is done when that day has passed."""

from datetime import date

from django.db import transaction
from django.utils import timezone

from kb.errors import Denied
from kb.models import Document, Event, Person
from kb.webhooks.outbox import tell_of_expiry


def set_validity(document: Document, person: Person, until: date | None) -> None:
    """Gives the last day on which the document holds, in the site's time zone; None means that it holds on.

    Raises:
        Denied: the person may not change the document.
    """
    if not Document.objects.editable_by(person).filter(pk=document.pk).exists():
        raise Denied("You may not change until when this document is valid.")
    document.valid_until, document.expired_at = until, None
    with transaction.atomic():
        document.save(update_fields=["valid_until", "expired_at", "updated_at"])
        Event.objects.create(
            person=person, verb=Event.Verb.VALIDITY, subject=document.pk, note=str(until or "")
        )


def expire() -> int:
    """Marks the documents whose last day has passed, and tells of each once; gives how many there were."""
    passed = Document.objects.live().filter(valid_until__lt=timezone.localdate(), expired_at=None)
    return sum(_expire(document) for document in passed)


def _expire(document: Document) -> bool:
    with transaction.atomic():
        mine = Document.objects.filter(pk=document.pk, valid_until=document.valid_until, expired_at=None)
        marked = mine.update(expired_at=timezone.now()) == 1
        if marked:
            tell_of_expiry(document)
    return marked
