"""People by name, group and state, and keys, for who administers."""

from collections.abc import Mapping
from enum import StrEnum

from django.contrib.auth.models import Group
from django.db.models import Q, QuerySet

from kb.models import ApiKey, Person


class State(StrEnum):
    ACTIVE = "active"
    SUSPENDED = "suspended"
    STAFF = "staff"
    """Active, and administers."""


STATES: Mapping[State, Q] = {
    State.ACTIVE: Q(is_active=True),
    State.SUSPENDED: Q(is_active=False),
    State.STAFF: Q(is_active=True, is_staff=True),
}


def people_like(words: str, *, group: Group | None = None, state: State | None = None) -> QuerySet[Person]:
    """Those who have all the words in their names, with their groups; not services."""
    found = Person.objects.filter(kind=Person.Kind.PERSON).prefetch_related("groups").order_by("username")
    for word in words.split():
        found = found.filter(
            Q(username__icontains=word) | Q(first_name__icontains=word) | Q(last_name__icontains=word)
        )
    if group:
        found = found.filter(groups=group)
    return found.filter(STATES[state]) if state else found


def keys_like(words: str, *, ended: bool = False) -> QuerySet[ApiKey]:
    """Those with each of the words in their name, their holder's or their id; `ended` with those that open nothing."""
    found = ApiKey.objects.shown() if ended else ApiKey.objects.usable().shown()
    for word in words.split():
        of_person = Q(person__username__icontains=word) | Q(person__last_name__icontains=word)
        found = found.filter(of_person | Q(name__icontains=word) | Q(public_id__startswith=word.lower()))
    return found
