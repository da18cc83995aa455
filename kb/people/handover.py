"""Documents of somebody who leaves, or who should no longer answer for them, get another owner."""

from dataclasses import dataclass

from django.db import transaction
from django.db.models import QuerySet

from kb.errors import Rejected
from kb.models import Document, Event, Person


@dataclass(frozen=True, slots=True)
class HandedOver:
    """How many documents have a new owner, and how many keep theirs because the new one may not see them."""

    given: int
    kept: int


def hand_over(documents: QuerySet[Document], to: Person, by: Person) -> HandedOver:
    """Makes `to` the owner of those documents that he may see anyway.

    Administrators hand over everybody's, others their own. An owner follows what becomes of his files and sees them
    until their label is decided, so that handing over one that he may not see would open it.

    Raises:
        Rejected: the new owner's account is suspended.
    """
    if not by.administers:
        documents = documents.filter(pk__in=Document.objects.editable_by(by).filter(owner=by).values("pk"))
    if not to.is_active:
        raise Rejected(f"The account of {to} is suspended. Choose somebody else.")
    with transaction.atomic():
        others = documents.live().exclude(owner=to)  # type: ignore[attr-defined]  # A DocumentQuerySet.
        visible = Document.objects.visible_to(to).values("pk")
        found = list(others.filter(pk__in=visible).select_related("owner").select_for_update(of=("self",)))
        kept = others.count() - len(found)
        Document.objects.filter(pk__in=[document.pk for document in found]).update(owner=to)
        Event.objects.bulk_create(
            Event(
                person=by,
                verb=Event.Verb.HAND_OVER,
                subject=document.pk,
                note=f"{document.owner.username} → {to.username}.",
            )
            for document in found
        )
    return HandedOver(len(found), kept)
