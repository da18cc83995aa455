"""Accounts: who has one, up to which label it reads, and whether it works. Each change is noted.

Nobody gives a clearance above his own, and nobody changes his own clearance or whether he administers: so the last
administrator cannot go. What an account opens is never given to oneself (`kb.people.rights`).
"""

from collections.abc import Collection as Several
from dataclasses import dataclass
from typing import Self

from django.contrib.auth.models import Group
from django.contrib.auth.tokens import default_token_generator
from django.db import transaction
from django.db.models import ManyToOneRel
from django.urls import reverse
from django.utils import timezone
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode

from kb.errors import Changed, Denied, Rejected
from kb.models import ApiKey, Event, Person, Sensitivity
from kb.people.names import free_name
from kb.people.notes import noted
from kb.people.rights import check_administers, no_own_gain
from kb.people.second_factor import drop_second_factors
from kb.people.sessions import end_sessions


@dataclass(frozen=True, slots=True)
class Facts:
    """What an administrator says of a person."""

    first_name: str
    last_name: str
    email: str
    clearance: int
    administers: bool
    groups: Several[Group]

    @classmethod
    def of(cls, person: Person) -> Self:
        return cls(
            person.first_name,
            person.last_name,
            person.email,
            person.clearance,
            administers=person.is_staff,
            groups=tuple(person.groups.order_by("name")),
        )


def add(username: str, facts: Facts, by: Person, *, kind: Person.Kind = Person.Kind.PERSON) -> Person:
    """A new account without a password: `password_link` lets a person choose one; a service never has one.

    Raises:
        Denied: the clearance is above that of who adds.
        Rejected: another person has the user name.
    """
    with transaction.atomic():
        check_administers(by)
        free_name(username, Person.objects.values_list("username", flat=True))
        _check_clearance(facts.clearance, by)
        person = Person(username=username, kind=kind)
        person.set_unusable_password()
        _write(person, facts)
        noted(by, Event.Verb.PERSON, f"Added the {kind.value} “{username}”, {_told(person)}.")
    return person


def change(person: Person, facts: Facts, by: Person) -> None:
    """
    Raises:
        Denied: it is not for this person to change.
    """
    with no_own_gain(by):
        check_administers(by)
        found = Person.objects.select_for_update().get(pk=person.pk)
        _check_change(found, facts, by)
        before = _told(found)
        _write(found, facts)
        noted(by, Event.Verb.PERSON, f"Changed “{found.username}”: {before} → {_told(found)}.")


def change_back(person: Person, before: Facts, after: Facts, by: Person) -> None:
    """Says of the person what was said `before`, provided that nobody has said anything else since `after`.

    Raises:
        Changed: somebody has.
        Denied: it is not for this person to change back.
    """
    with transaction.atomic():
        found = Person.objects.select_for_update().get(pk=person.pk)
        if Facts.of(found) != after:
            raise Changed(
                f"“{found.username}” was changed by somebody else since. Look at what is there now."
            )
        change(found, before, by)


def suspend(person: Person, by: Person) -> None:
    """Ends all that the account opens, from the next request on: sessions and keys do not come back.

    The password goes too, because Django's sessions hold only as long as it stays the same, and with it passkeys and
    the authenticator app. A company's account stays connected.

    Raises:
        Denied: nobody suspends himself.
    """
    if person.pk == by.pk:
        raise Denied("You cannot suspend yourself. Ask another administrator.")
    with transaction.atomic():
        check_administers(by)
        found = Person.objects.select_for_update().get(pk=person.pk)
        found.is_active = False
        found.set_unusable_password()
        found.save(update_fields=["is_active", "password"])
        end_sessions(found)
        drop_second_factors(found)
        ApiKey.objects.filter(person=found, revoked_at=None).update(revoked_at=timezone.now())
        noted(by, Event.Verb.PERSON, f"Suspended “{found.username}”.")


def reactivate(person: Person, by: Person) -> None:
    """The account works again once its person has chosen a new password.

    Raises:
        Denied: its clearance is above that of who reactivates.
    """
    with transaction.atomic():
        check_administers(by)
        found = Person.objects.select_for_update().get(pk=person.pk)
        _check_clearance(found.clearance, by)
        found.is_active = True
        found.save(update_fields=["is_active"])
        noted(by, Event.Verb.PERSON, f"Reactivated “{found.username}”.")


def password_link(person: Person, by: Person) -> str:
    """A path that lets whoever opens it choose this person's password, once, within `PASSWORD_RESET_TIMEOUT`.

    Raises:
        Denied: it would let the other read more than himself.
        Rejected: the account is suspended, or a service's.
    """
    with transaction.atomic():
        check_administers(by)
        _check_clearance(person.clearance, by)
        if person.is_service:
            raise Rejected("A service does not sign in. Make a key for it.")
        if not person.is_active:
            raise Rejected("The account is suspended. Reactivate it first.")
        noted(by, Event.Verb.PERSON, f"Made a password link for “{person.username}”.")
    name = urlsafe_base64_encode(force_bytes(person.pk))
    return reverse("choose-password", args=[name, default_token_generator.make_token(person)])


def remove(person: Person, by: Person) -> None:
    """Removes an account that was never used, as one that was mistyped.

    Raises:
        Denied: nobody removes himself.
        Rejected: something refers to the person.
    """
    if person.pk == by.pk:
        raise Denied("You cannot remove yourself. Ask another administrator.")
    with transaction.atomic():
        check_administers(by)
        if is_referred_to(person):
            raise Rejected(f"Documents, answers or records refer to {person}. Suspend the account instead.")
        noted(by, Event.Verb.PERSON, f"Removed “{person.username}”.")
        person.delete()


def is_referred_to(person: Person) -> bool:
    """Whether a row belongs to the person or names him. Memberships and rights do not count."""
    relations = [
        relation
        # Hidden ones are those without a name for the way back, as of the audit log.
        for relation in Person._meta.get_fields(include_hidden=True)
        if isinstance(relation, ManyToOneRel) and not relation.related_model._meta.auto_created
    ]
    return any(
        relation.related_model._base_manager.filter(**{relation.field.name: person}).exists()
        for relation in relations
    )


def _check_change(person: Person, facts: Facts, by: Person) -> None:
    own = person.pk == by.pk
    if own and (facts.clearance, facts.administers) != (person.clearance, person.is_staff):
        raise Denied("Nobody changes his own clearance or whether he administers. Ask another administrator.")
    if facts.clearance > person.clearance:
        _check_clearance(facts.clearance, by)


def _check_clearance(clearance: int, by: Person) -> None:
    if clearance > by.clearance:
        label = Sensitivity(clearance).label
        raise Denied(f"{label} is above your own clearance. Ask an administrator who may see it.")


def _write(person: Person, facts: Facts) -> None:
    person.first_name, person.last_name, person.email = facts.first_name, facts.last_name, facts.email
    person.clearance, person.is_staff = facts.clearance, facts.administers
    person.save()
    person.groups.set(facts.groups)


def _told(person: Person) -> str:
    groups = ", ".join(sorted(person.groups.values_list("name", flat=True))) or "no group"
    role = ", administers" if person.is_staff else ""
    return f"{Sensitivity(person.clearance).name}{role}, in {groups}"
