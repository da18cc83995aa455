"""Groups: who belongs to one, and so what is open to him. Each change is noted."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.contrib.auth.models import Group
from django.db import transaction
from django.db.models import Count, QuerySet

from kb.errors import Rejected
from kb.models import Event, Person
from kb.people.names import free_name
from kb.people.notes import noted
from kb.people.rights import check_administers, no_own_gain


@dataclass(frozen=True, slots=True)
class Size:
    """A group, how many members it has, and how many collections it opens."""

    group: Group
    members: int
    opens: int


def sizes(groups: QuerySet[Group]) -> list[Size]:
    """In the same order. Three queries."""
    counted = groups.annotate(members=Count("user")).prefetch_related("reads", "edits")
    return [Size(group, group.members, len({*group.reads.all(), *group.edits.all()})) for group in counted]


def named(names: Iterable[str]) -> tuple[Group, ...]:
    """In the order of their names.

    Raises:
        Rejected: there is no such group.
    """
    wanted = set(names)
    found = tuple(Group.objects.filter(name__in=wanted).order_by("name"))
    if missing := sorted(wanted - {group.name for group in found}):
        raise Rejected(f"There is no group “{missing[0]}”. Add it first, or correct its name.")
    return found


def add(name: str, by: Person) -> Group:
    """
    Raises:
        Denied: by who does not administer; so do all of these.
        Rejected: another one has the name; so does `rename`.
    """
    with transaction.atomic():
        check_administers(by)
        name = free_name(name, Group.objects.values_list("name", flat=True))
        group = Group.objects.create(name=name)
        noted(by, Event.Verb.GROUP, f"Added the group “{name}”.")
    return group


def rename(group: Group, name: str, by: Person) -> None:
    with transaction.atomic():
        check_administers(by)
        name = free_name(name, Group.objects.exclude(pk=group.pk).values_list("name", flat=True))
        noted(by, Event.Verb.GROUP, f"Renamed the group “{group.name}” to “{name}”.")
        Group.objects.filter(pk=group.pk).update(name=name)


def join(group: Group, person: Person, by: Person) -> None:
    """
    Raises:
        Denied: it would open a collection to who does it.
    """
    with no_own_gain(by):
        check_administers(by)
        person.groups.add(group)
        noted(by, Event.Verb.GROUP, f"“{person.username}” joined “{group.name}”.")


def leave(group: Group, person: Person, by: Person) -> None:
    """The person loses what the group opened to him, from the next request on."""
    with transaction.atomic():
        check_administers(by)
        person.groups.remove(group)
        noted(by, Event.Verb.GROUP, f"“{person.username}” left “{group.name}”.")


def remove(group: Group, by: Person) -> None:
    """Its members lose what it opened to them, from the next request on."""
    with transaction.atomic():
        check_administers(by)
        opened = ", ".join(f"“{each}”" for each in (*group.reads.all(), *group.edits.all())) or "nothing"
        noted(by, Event.Verb.GROUP, f"Removed the group “{group.name}”, which opened {opened}.")
        group.delete()
