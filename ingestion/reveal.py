"""Break glass: an administrator opens one document that he may not read, with a reason that its owner is told."""

from uuid import UUID

from django.db import transaction
from django.utils import timezone

from kb.errors import Denied, Rejected
from kb.models import Document, Event, Person, Reveal
from kb.models.reveals import LASTS

SHORTEST = 10
"""Characters of a reason."""


def reveal(document_id: UUID, person: Person, *, reason: str) -> Reveal:
    """Opens the document's page and file to this person for an hour, and nothing else.

    Raises:
        Denied: the person does not administer.
        Rejected: there is no such document, no need, no real reason, or the reason was given before.
    """
    if not person.administers:
        raise Denied("Only administrators may open a document that they may not read.")
    reason = " ".join(reason.split())
    with transaction.atomic():
        # Who asks twice at the same time waits here for himself.
        Person.objects.select_for_update().get(pk=person.pk)
        document = Document.objects.live().filter(pk=document_id).first()
        if document is None:
            raise Rejected("There is no such document. Copy its address again; it may have been deleted.")
        _check(document, person, reason)
        Event.objects.create(person=person, verb=Event.Verb.REVEAL, subject=document.pk, note=reason)
        return Reveal.objects.create(
            person=person, document=document, reason=reason, until=timezone.now() + LASTS
        )


def _check(document: Document, person: Person, reason: str) -> None:
    running = Reveal.objects.open_to(person).filter(document=document).first()
    if running:
        raise Rejected("It is open to you already. When its hour is over, it needs a new reason.")
    if _reads_all_of(document, person):
        raise Rejected("You may read this document as it is. Open it.")
    if len(reason) < SHORTEST:
        raise Rejected(f"Say in a few words why you need to see it; at least {SHORTEST} characters.")
    if Reveal.objects.filter(document=document, person=person, reason__iexact=reason).exists():
        raise Rejected("You gave this reason before. Say why you need to see it again.")


def _reads_all_of(document: Document, person: Person) -> bool:
    above = document.versions.filter(retired=False, chunks__sensitivity__gt=person.clearance)
    return Document.objects.visible_to(person).filter(pk=document.pk).exists() and not above.exists()
