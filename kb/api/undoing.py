"""What somebody did, as a text that takes it back: signed, so that nobody has to keep it, and good for nobody else."""

from typing import Any

from django.core import signing

from kb.errors import Rejected
from kb.models import Person


def sealed(done: object, person: Person, *, salt: str) -> str:
    """`done` is what JSON can hold; `salt` tells one kind of it from others."""
    return signing.dumps([person.pk, done], salt=salt, compress=True)


def opened(undo: str, person: Person, *, salt: str) -> Any:
    """What was sealed.

    Raises:
        Rejected: it is no such text, or it was given to somebody else.
    """
    try:
        owner, done = signing.loads(undo, salt=salt)
    except signing.BadSignature:
        owner, done = None, None
    if owner != person.pk:
        raise Rejected("This is no “undo” that you were answered with here. Take it from that reply.")
    return done
