"""Keys: made for oneself, or by an administrator for a service; replaced and ended. Each act is noted.

A key is made by somebody who is signed in, never with a key, so that none can make itself a stronger one.
"""

from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from kb.errors import Denied, Rejected
from kb.models import ApiKey, Collection, Event, Person, Sensitivity
from kb.models.keys import Made, Terms, scopes_of
from kb.people.notes import noted
from kb.people.rights import check_administers
from kb.rights import Scope

LONGEST_OVERLAP = 7 * 24
"""Hours for which a key that was replaced goes on working, at most."""


def make(person: Person, terms: Terms, by: Person) -> Made:
    """
    Raises:
        Denied: it is not for `by` to make a key for this person.
        Rejected: the terms allow more than the person may do, or nothing, or last too long.
    """
    with transaction.atomic():
        _check_maker(person, by)
        made = issue(person, terms, by=by)
        noted(by, Event.Verb.KEY, f"Made the key {told(made.key)}.")
    return made


def issue(person: Person, terms: Terms, *, by: Person | None) -> Made:
    """A key whose maker was checked elsewhere: a command of the machine has nobody.

    Raises:
        Rejected: as `make`.
    """
    _check_terms(person, terms)
    return ApiKey.make(person, terms, by=by)


def rotate(key: ApiKey, by: Person, *, hours: int, days: int) -> Made:
    """A new key with the same rights for `days`; the old one ends after `hours`, or sooner if it would have.

    Raises:
        Denied: it is not his to replace.
        Rejected: it has ended, or was replaced before, or one of the times is too long.
    """
    with transaction.atomic():
        _check_maker(key.person, by)
        old = ApiKey.objects.select_for_update().get(pk=key.pk)
        _check_rotation(old, hours)
        terms = Terms(
            old.name,
            old.allowed_scopes(),
            days,
            collections=None if old.everywhere else list(old.collections.all()),
            ceiling=old.ceiling,
        )
        _check_days(days)
        made = ApiKey.make(old.person, terms, by=by, replaces=old)
        old.end_by(timezone.now() + timedelta(hours=hours))
        noted(by, Event.Verb.KEY, f"Replaced the key {told(old)} by {made.key.public_id}.")
    return made


def revoke(key: ApiKey, by: Person) -> None:
    """It opens nothing any more, from the next request on. Doing it again changes nothing.

    Raises:
        Denied: it is not his, and he does not administer.
    """
    with transaction.atomic():
        if key.person_id != by.pk:
            check_administers(by)
        if key.revoked_at is None:
            key.revoke()
            noted(by, Event.Verb.KEY, f"Revoked the key {told(key)}.")


def told(key: ApiKey) -> str:
    """A key as notes have it."""
    scopes = ", ".join(key.scopes)
    return f"“{key.name}” ({key.public_id}) of “{key.person.username}”, good to {scopes}"


def _check_maker(person: Person, by: Person) -> None:
    if by.bounds is not None:
        raise Denied("A key makes no keys. Sign in to the portal, and make it there.")
    if not person.is_active:
        raise Denied("The account is suspended. Reactivate it first.")
    if not person.is_service:
        if person.pk != by.pk:
            raise Denied("A person makes his keys himself. For a tool that is nobody’s, add a service.")
        return
    check_administers(by)
    if person.clearance > by.clearance:
        label = Sensitivity(person.clearance).label
        raise Denied(f"{label} is above your own clearance. Ask an administrator who may see it.")


def _check_terms(person: Person, terms: Terms) -> None:
    _check_days(terms.days)
    if not terms.name.strip():
        raise Rejected("A key needs a name. Say what it is for.")
    _check_scopes(person, frozenset(terms.scopes))
    if terms.collections is None:
        return
    if not terms.collections:
        raise Rejected("The key would read no collection. Choose some, or all.")
    readable = Collection.objects.readable_by(person).filter(pk__in=[each.pk for each in terms.collections])
    if readable.count() < len(set(terms.collections)):
        raise Rejected(
            "The key’s holder does not read one of these collections. Choose among those that he reads."
        )


def _check_scopes(person: Person, scopes: frozenset[Scope]) -> None:
    if not scopes:
        raise Rejected("A key needs a scope. Choose what it is to be good for.")
    if beyond := sorted(scopes - scopes_of(person)):
        raise Rejected(f"The scope “{beyond[0]}” is for those who administer. Leave it out.")


def _check_days(days: int) -> None:
    longest = settings.KEY_LONGEST_DAYS
    if not 1 <= days <= longest:
        raise Rejected(f"A key lasts 1 to {longest} days. Choose a number of days between them.")


def _check_rotation(old: ApiKey, hours: int) -> None:
    if not 0 <= hours <= LONGEST_OVERLAP:
        raise Rejected(
            f"The old key can go on for 0 to {LONGEST_OVERLAP} hours. Choose a number between them."
        )
    if not old.usable:
        raise Rejected("The key has ended. Make a new one.")
    if ApiKey.objects.filter(replaces=old).exists():
        raise Rejected("The key was replaced already. Replace its successor, or make a new key.")
