"""Why somebody sees a document, or does not: the same rule as `Document.objects.visible_to`, taken apart for people.

That rule decides; this one explains it, and tests compare both for all people and documents that they can think of.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from django.contrib.auth.models import Group
from django.db.models import Count, Q, QuerySet
from django.utils import timezone

from kb.models import Collection, Document, Person, Reveal, Sensitivity
from kb.people.sharing import Grant, grants


class Obstacle(StrEnum):
    SUSPENDED = "suspended"
    CLOSED = "closed"
    """Nothing opens the collection to him."""
    CLEARANCE = "clearance"
    """The label is above his clearance."""


@dataclass(frozen=True, slots=True)
class Explanation:
    """`ways` open the collection; `as_owner` says that only his being the owner lifts the undecided label."""

    person: Person
    ways: tuple[Grant, ...]
    obstacles: tuple[Obstacle, ...]
    as_owner: bool
    revealed_until: datetime | None

    @property
    def sees(self) -> bool:
        """Whether he finds, reads and asks about the document. A reveal is less: it opens page and file only."""
        return not self.obstacles

    @property
    def opens(self) -> bool:
        return self.sees or self.revealed_until is not None


@dataclass(frozen=True, slots=True)
class Seen:
    """What a person sees of a collection, in documents of each label; counted among those that the viewer may see."""

    collection: Collection
    ways: tuple[Grant, ...]
    counts: tuple[int, ...]


def explain(document: Document, people: Iterable[Person]) -> Iterator[Explanation]:
    """One a person, in their order. Give people with their groups prefetched; the rest takes five queries."""
    given = grants(document.collection)
    running = Reveal.objects.filter(document=document, until__gt=timezone.now()).order_by("until")
    revealed = dict(running.values_list("person", "until"))
    for person in people:
        yield _explained(document, person, given, revealed)


def concerned(document: Document) -> QuerySet[Person]:
    """All about whom there is something to explain: who is in the collection, owns the document or has opened it."""
    collection = document.collection
    inside = (
        Q(reads=collection) | Q(edits=collection) | Q(groups__reads=collection) | Q(groups__edits=collection)
    )
    beside = Q(pk=document.owner_id) | Q(
        reveals__document=document, reveals__until__gt=timezone.now(), is_staff=True
    )
    found = Person.objects.filter(inside | beside).values("pk")
    return Person.objects.filter(pk__in=found).order_by("username").prefetch_related("groups")


def ways_into(collection: Collection, person: Person) -> tuple[Grant, ...]:
    return _ways(person, grants(collection))


def seen_by(person: Person, viewer: Person) -> list[Seen]:
    """One for each collection that the person may read."""
    both = Document.objects.visible_to(person).filter(pk__in=Document.objects.visible_to(viewer).values("pk"))
    # Without an order of its own each row would be a group by itself.
    sums = both.order_by().values_list("collection", "sensitivity").annotate(count=Count("pk"))
    counts = {(collection, label): count for collection, label, count in sums}
    return [
        Seen(each, ways_into(each, person), tuple(counts.get((each.pk, label), 0) for label in Sensitivity))
        for each in Collection.objects.readable_by(person)
    ]


def _explained(
    document: Document, person: Person, given: Sequence[Grant], revealed: Mapping[int, datetime]
) -> Explanation:
    ways = _ways(person, given)
    above = document.sensitivity > person.clearance
    undecided = document.sensitivity_by == Document.DecidedBy.NOBODY and document.owner_id == person.pk
    met = {
        Obstacle.SUSPENDED: not person.is_active,
        Obstacle.CLOSED: not ways,
        Obstacle.CLEARANCE: above and not undecided,
    }
    return Explanation(
        person,
        ways,
        tuple(obstacle for obstacle, is_met in met.items() if is_met),
        as_owner=above and undecided,
        revealed_until=revealed.get(person.pk) if person.administers else None,
    )


def _ways(person: Person, given: Sequence[Grant]) -> tuple[Grant, ...]:
    groups = {group.pk for group in person.groups.all()}
    return tuple(
        grant
        for grant in given
        if (grant.holder.pk in groups if isinstance(grant.holder, Group) else grant.holder.pk == person.pk)
    )
