"""What a command line names → what it means, or a sentence that lists what there is.

Listing leaks nothing here: whoever has this shell has the database.
"""

from collections.abc import Iterable

from kb.errors import Rejected
from kb.models import Person, Sensitivity

LISTED = 20
"""Names that a sentence lists at most."""


def person_named(username: str) -> Person:
    """
    Raises:
        Rejected: there is no such person, or they may not sign in.
    """
    person = Person.objects.filter(username=username).first()
    if person is None:
        raise Rejected(f"There is no person “{username}”. {people_listed()}")
    if not person.is_active:
        raise Rejected(f"“{username}” is not active, and so may see nothing. {people_listed()}")
    return person


def label_named(name: str) -> Sensitivity:
    """
    Raises:
        Rejected: there is no such label.
    """
    try:
        return Sensitivity.named(name)
    except KeyError as error:
        raise Rejected(f"There is no sensitivity “{name}”. {_listed('labels', Sensitivity.names)}") from error


def people_listed() -> str:
    """The sentence that names those who may sign in, or says how to make some."""
    active = Person.objects.filter(is_active=True).order_by("username")
    return _listed("people", active.values_list("username", flat=True))


def _listed(kind: str, names: Iterable[str]) -> str:
    known = list(names)
    if not known:
        return f"There are no {kind} yet; `manage.py sample --people-only` makes some to try."
    more = f" and {len(known) - LISTED} more" if len(known) > LISTED else ""
    return f"The {kind} are: {', '.join(known[:LISTED])}{more}."
