"""Groups: who belongs to one, and so what is open to him. Each change is noted."""

from django.contrib.auth.models import Group
from django.db import transaction

from kb.models import Event, Person
from kb.people.notes import noted
from kb.people.rights import check_administers, no_own_gain


def add(name: str, by: Person) -> Group:
    """
    Raises:
        Denied: by who does not administer; so do all of these.
    """
    with transaction.atomic():
        check_administers(by)
        group = Group.objects.create(name=name)
        noted(by, Event.Verb.GROUP, f"Added the group “{name}”.")
    return group


def rename(group: Group, name: str, by: Person) -> None:
    with transaction.atomic():
        check_administers(by)
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
