"""What a command line names → what it means, or a sentence that lists what there is.

Listing leaks nothing here: whoever has this shell has the database.
"""

from collections.abc import Iterable

from kb.errors import Rejected
from kb.models import Collection, Person, Sensitivity

LISTED = 20
"""Names that a sentence lists at most."""


def person_named(username: str) -> Person:
    """
    Raises:
        Rejected: there is no such person, or they may not sign in.
    """
    person = Person.objects.filter(username=username).first()
    if person is None:
        raise Rejected(f"There is no person “{username}”. {_people()}")
    if not person.is_active:
        raise Rejected(f"“{username}” is not active, and so may see nothing. {_people()}")
    return person


def collection_named(name: str) -> Collection:
    """
    Raises:
        Rejected: there is no such collection.
    """
    collection = Collection.objects.filter(name=name).first()
    if collection is None:
        names = Collection.objects.values_list("name", flat=True)
        raise Rejected(f"There is no collection “{name}”. {_listed('collections', names)}")
    return collection


def label_named(name: str) -> Sensitivity:
    """
    Raises:
        Rejected: there is no such label.
    """
    try:
        return Sensitivity.named(name)
    except KeyError as error:
        raise Rejected(f"There is no sensitivity “{name}”. {_listed('labels', Sensitivity.names)}") from error


def _people() -> str:
    active = Person.objects.filter(is_active=True).order_by("username")
    return _listed("people", active.values_list("username", flat=True))


def _listed(kind: str, names: Iterable[str]) -> str:
    known = list(names)
    if not known:
        return f"There are no {kind} yet; `manage.py sample --people-only` makes some to try."
    more = f" and {len(known) - LISTED} more" if len(known) > LISTED else ""
    return f"The {kind} are: {', '.join(known[:LISTED])}{more}."
