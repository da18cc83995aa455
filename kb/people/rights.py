"""What nobody does by himself: open something to himself, or lock himself out without saying so."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import transaction

from kb.errors import Denied, Rejected
from kb.models import Collection, Person


class OwnLoss(Rejected):
    """It would close something to the person who does it, and he has not agreed to that."""


def check_administers(by: Person) -> None:
    """Asks again inside the transaction: of two who take the right from each other, the second has lost it.

    Raises:
        Denied: he does not administer, or no longer.
    """
    staff = Person.objects.select_for_update().filter(pk=by.pk, is_active=True, is_staff=True)
    if not by.administers or not staff.exists():
        raise Denied("Only administrators may do this.")


@contextmanager
def no_own_gain(by: Person) -> Iterator[None]:
    """Takes the block back if it has opened a collection to the person who runs it.

    Raises:
        Denied: it has.
    """
    with transaction.atomic():
        himself = Person.objects.get(pk=by.pk)  # Not as narrow as a key that he may come with.
        before = _open_to(himself)
        yield
        if gained := _open_to(himself) - before:
            name = Collection.objects.get(pk=min(pk for pk, _ in gained)).name
            raise Denied(
                f"This would open “{name}” to yourself. Ask another administrator or an editor of it to do it."
            )


@contextmanager
def no_unsaid_loss(by: Person, *, agreed: bool) -> Iterator[None]:
    """Takes the block back if it has closed a collection to the person who runs it, unless he agreed to that.

    Raises:
        OwnLoss: it has.
    """
    with transaction.atomic():
        himself = Person.objects.get(pk=by.pk)
        before = _open_to(himself)
        yield
        if (lost := before - _open_to(himself)) and not agreed:
            name = Collection.objects.get(pk=min(pk for pk, _ in lost)).name
            raise OwnLoss(
                f"You would lose “{name}” by this, or read it only, and could not take that back yourself. Agree to "
                "it, or leave things as they are."
            )


def _open_to(person: Person) -> set[tuple[int, str]]:
    readable = Collection.objects.readable_by(person).values_list("pk", flat=True)
    editable = Collection.objects.editable_by(person).values_list("pk", flat=True)
    return {(pk, "reads") for pk in readable} | {(pk, "edits") for pk in editable}
