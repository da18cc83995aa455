"""Who reads and who edits a collection: people and groups, each in one role."""

from dataclasses import dataclass
from enum import StrEnum

from django.contrib.auth.models import Group
from django.db import transaction
from django.db.models import Q, QuerySet

from kb.errors import Denied, Rejected
from kb.models import Batch, Collection, Document, Event, Person
from kb.models.collections import CollectionQuerySet
from kb.people.names import free_name
from kb.people.notes import noted
from kb.people.rights import check_administers, no_own_gain, no_unsaid_loss


class Role(StrEnum):
    READER = "reader"
    EDITOR = "editor"


@dataclass(frozen=True, slots=True)
class Grant:
    """A person or a group in a role."""

    holder: Person | Group
    role: Role

    @property
    def is_group(self) -> bool:
        return isinstance(self.holder, Group)


def add(name: str, description: str, by: Person) -> Collection:
    """A new collection, which only its maker reads and edits.

    Raises:
        Denied: by who does not administer; so does `rename`.
        Rejected: another one has the name; so does `rename`.
    """
    with transaction.atomic():
        check_administers(by)
        name = free_name(name, Collection.objects.values_list("name", flat=True))
        collection = Collection.objects.create(name=name, description=description)
        collection.editor_people.add(by)
        noted(by, Event.Verb.COLLECTION, f"Added the collection “{name}”.")
    return collection


def rename(collection: Collection, name: str, description: str, by: Person) -> None:
    with transaction.atomic():
        check_administers(by)
        before = Collection.objects.select_for_update().get(pk=collection.pk)
        others = Collection.objects.exclude(pk=collection.pk)
        name = free_name(name, others.values_list("name", flat=True))
        noted(by, Event.Verb.COLLECTION, f"“{before.name}” is now “{name}”: {description}")
        Collection.objects.filter(pk=collection.pk).update(name=name, description=description)


def shared_by(person: Person) -> CollectionQuerySet:
    """Those that he may open to others: administrators all, and others what they edit."""
    return Collection.objects.all() if person.administers else Collection.objects.editable_by(person)


def groups_known_to(person: Person) -> QuerySet[Group]:
    """Those that he may share with: administrators all, others their own and those in collections that they edit."""
    if person.administers:
        return Group.objects.order_by("name")
    edited = Collection.objects.editable_by(person).values("pk")
    near = Q(user=person) | Q(reads__in=edited) | Q(edits__in=edited)
    return Group.objects.filter(pk__in=Group.objects.filter(near).values("pk")).order_by("name")


def give(
    collection: Collection, holder: Person | Group, role: Role, by: Person, *, agreed: bool = False
) -> None:
    """Puts the holder into the role, and takes him out of the other. `agreed` is to losing something oneself.

    Raises:
        Denied: it is not for this person to share, or not with this holder.
        OwnLoss: he would lose something himself.
    """
    _check(collection, by)
    _check_reach(holder, by)
    with no_own_gain(by), no_unsaid_loss(by, agreed=agreed):
        _take_out(collection, holder)
        _put_in(collection, holder, role)
        noted(by, Event.Verb.ACCESS, f"“{collection.name}”: {holder} is now {role}.")


def withdraw(collection: Collection, holder: Person | Group, by: Person, *, agreed: bool = False) -> None:
    """Closes it to the holder, from the next request on, as far as nothing else opens it to him.

    Raises:
        Denied: it is not for this person to share.
        OwnLoss: he would lose something himself.
    """
    _check(collection, by)
    with no_unsaid_loss(by, agreed=agreed):
        _take_out(collection, holder)
        noted(by, Event.Verb.ACCESS, f"“{collection.name}”: {holder} is no longer there.")


def grants(collection: Collection) -> list[Grant]:
    """Editors first, groups before people. Who is in both roles is an editor, because editors read."""
    groups, people = collection.editor_groups.order_by("name"), collection.editor_people.order_by("username")
    reading_groups = collection.reader_groups.exclude(pk__in=groups.values("pk")).order_by("name")
    reading_people = collection.reader_people.exclude(pk__in=people.values("pk")).order_by("username")
    return [
        *(Grant(group, Role.EDITOR) for group in groups),
        *(Grant(person, Role.EDITOR) for person in people),
        *(Grant(group, Role.READER) for group in reading_groups),
        *(Grant(person, Role.READER) for person in reading_people),
    ]


def readers(collection: Collection) -> QuerySet[Person]:
    """Who may come in, as reader or editor, by name or through a group; how far is up to each one's clearance."""
    opened = (
        Q(reads=collection) | Q(edits=collection) | Q(groups__reads=collection) | Q(groups__edits=collection)
    )
    inside = Person.objects.filter(opened).values("pk")
    return Person.objects.filter(pk__in=inside, is_active=True)


def _check(collection: Collection, by: Person) -> None:
    if not shared_by(by).filter(pk=collection.pk).exists():
        raise Denied("Only administrators and the editors of a collection share it.")


def _check_reach(holder: Person | Group, by: Person) -> None:
    """Nobody but an administrator lets somebody in who would see there what he himself does not.

    Raises:
        Denied: a clearance is above his own.
    """
    named = Q(groups=holder) if isinstance(holder, Group) else Q(pk=holder.pk)
    if not by.administers and Person.objects.filter(named, clearance__gt=by.clearance).exists():
        raise Denied(
            f"“{holder}” would let in somebody whose clearance is above your own, and who would see more there than "
            "you do. Ask an administrator to open it."
        )


def _take_out(collection: Collection, holder: Person | Group) -> None:
    if isinstance(holder, Group):
        collection.reader_groups.remove(holder)
        collection.editor_groups.remove(holder)
    else:
        collection.reader_people.remove(holder)
        collection.editor_people.remove(holder)


def _put_in(collection: Collection, holder: Person | Group, role: Role) -> None:
    if isinstance(holder, Group):
        groups = collection.editor_groups if role is Role.EDITOR else collection.reader_groups
        groups.add(holder)
    else:
        people = collection.editor_people if role is Role.EDITOR else collection.reader_people
        people.add(holder)


def remove(collection: Collection, by: Person) -> None:
    """Takes an empty collection away.

    Raises:
        Denied: by who does not administer.
        Rejected: it holds documents.
    """
    with transaction.atomic():
        check_administers(by)
        if Document.objects.filter(collection=collection).exists():
            raise Rejected(
                f"“{collection.name}” still holds documents, perhaps some that you may not see. Move them to another "
                "collection or delete them first."
            )
        _let_go_of_batches(collection)
        noted(by, Event.Verb.COLLECTION, f"Removed the collection “{collection.name}”.")
        collection.delete()


def _let_go_of_batches(collection: Collection) -> None:
    """A batch goes where its documents have gone, or away with them."""
    for batch in Batch.objects.filter(collection=collection):
        version = batch.versions.first()
        if version is None:
            batch.delete()
        else:
            batch.collection_id = version.collection_id
            batch.save(update_fields=["collection"])
