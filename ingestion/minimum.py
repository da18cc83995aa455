"""The default and the minimum of a collection: a higher minimum raises what is on the shelf at once."""

from django.db import transaction

from ingestion.relabel import spread
from ingestion.strictness import keep_to_minimum
from kb.errors import Denied
from kb.models import Collection, Document, Event, Person, Sensitivity


def change_rules(collection: Collection, person: Person, *, default: int | None, minimum: int) -> int:
    """Sets both, and gives how many documents became stricter. A lower minimum makes none laxer.

    Raises:
        Denied: the person may not change the collection, or not beyond what he may see himself.
    """
    if not Collection.objects.editable_by(person).filter(pk=collection.pk).exists():
        raise Denied("You may not change this collection.")
    if minimum > person.clearance:
        label = Sensitivity(minimum).label
        raise Denied(f"{label} is above your own clearance. Ask somebody who may see it to decide.")
    with transaction.atomic():
        found = Collection.objects.select_for_update().get(pk=collection.pk)
        found.default_sensitivity, found.minimum_sensitivity = default, minimum
        found.save(update_fields=["default_sensitivity", "minimum_sensitivity"])
        laxer = Document.objects.live().filter(collection=found, sensitivity__lt=minimum)
        raised = list(laxer.select_for_update())
        for document in raised:
            _raise(document, found, person)
    return len(raised)


def _raise(document: Document, collection: Collection, person: Person) -> None:
    before = Sensitivity(document.sensitivity).name
    keep_to_minimum(document, collection)
    document.save()
    after = Sensitivity(document.sensitivity).name
    note = f"{before} → {after}. The minimum of “{collection}” was raised."
    Event.objects.create(person=person, verb=Event.Verb.LABEL, subject=document.pk, note=note)
    spread(document)
