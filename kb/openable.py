"""Which documents a person may open whole: their summaries and files hold all that stands in any part of them."""

from django.db.models import Exists, OuterRef, Q, QuerySet

from kb.models import Document, Person, Sensitivity
from kb.models.library import holds_more_than


def openable(person: Person) -> QuerySet[Document]:
    """The documents whose page and file this person may open, each with `revealed` and `partly_hidden`.

    Of a document that was revealed to him nothing is hidden.
    """
    revealed, hidden = _is_revealed_to(person), _is_partly_hidden_from(person)
    return Document.objects.open_to(person).annotate(revealed=revealed, partly_hidden=hidden)


def whole(person: Person) -> QuerySet[Document]:
    """Those of the openable documents of which nothing is hidden from this person: he may have their files."""
    return Document.objects.open_to(person).exclude(_is_partly_hidden_from(person))


def _is_revealed_to(person: Person) -> Exists:
    return Exists(Document.objects.revealed_to(person).filter(pk=OuterRef("pk")))


def _is_partly_hidden_from(person: Person) -> Q:
    return Q(holds_more_than(person) | _may_hold_more_than(person)) & ~Q(_is_revealed_to(person))


def _may_hold_more_than(person: Person) -> Q:
    """Whether none of its passages has a label yet: to all but its owner, what was not read counts as RESTRICTED."""
    unread = Q(current_version=None) & ~Q(owner=person)
    return unread if person.clearance < Sensitivity.RESTRICTED else Q(pk__in=())
