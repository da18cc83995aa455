"""Who brings files in where nobody is named."""

from django.db.models import Q

from kb.errors import Rejected
from kb.models import Collection, Person


def usual_owner(collection: Collection) -> Person:
    """Of those who may add to the collection, the one who may see most of it.

    Raises:
        Rejected: there is nobody.
    """
    editors = Person.objects.filter(Q(edits=collection) | Q(groups__edits=collection), is_active=True)
    owner = editors.order_by("-clearance", "-is_staff", "pk").first()
    if owner is None:
        raise Rejected(f"Nobody may add to “{collection}” yet. Give it an editor, or name one who may.")
    return owner
