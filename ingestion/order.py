"""Which version is worked on next. SQL says what waits and who was served; the broker's order counts for nothing.

The higher priority goes first. Within it the person goes first of whom the fewest versions are in work, then the one
who was served least lately; of his batches the one that was served least lately, and of that its oldest version. So a
single upload waits for no more than one version of each other person, however much they have brought in.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Count, F, Max, Min
from django.utils import timezone

from kb.models import Version
from kb.models.library import due, in_work

LATELY = timedelta(hours=1)
"""Whoever was not served for so long counts as never served."""
NEVER = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Lane:
    """The versions of one batch, or those of one person that are in none."""

    person: int
    batch: UUID | None
    priority: int
    """The highest of those that wait; 0 when none waits."""
    oldest: datetime | None
    """When the first of those that wait was brought in."""
    running: int
    served: datetime | None
    """When a worker last took one of it, lately."""


def next_version() -> Version | None:
    """The version that a worker should take now, with its document and collection; None when nothing may be taken."""
    while (lane := choose(lanes())) is not None:
        of_lane = Version.objects.claimable().filter(
            document__owner=lane.person, batch=lane.batch, priority=lane.priority
        )
        found = of_lane.select_related("document__collection", "collection").order_by("created_at", "pk")
        if version := found.first():
            return version
        # Another worker took the lane's last one in this very moment.
    return None


def choose(lanes: Iterable[Lane]) -> Lane | None:
    """The lane whose turn it is; None when nothing waits in any."""
    waiting, running, served = list[Lane](), Counter[int](), dict[int, datetime]()
    for lane in lanes:
        running[lane.person] += lane.running
        served[lane.person] = max(served.get(lane.person, NEVER), lane.served or NEVER)
        if lane.priority:
            waiting.append(lane)

    def turn(lane: Lane) -> tuple[int, int, datetime, datetime, datetime]:
        person = lane.person
        return (
            -lane.priority,
            running[person],
            served[person],
            lane.served or NEVER,
            lane.oldest or NEVER,
        )

    return min(waiting, key=turn, default=None)


def lanes() -> list[Lane]:
    """All in which something waits or runs, or was served lately; nothing waits during a pause. Two queries."""
    served = {(row["person"], row["batch"]): row["last"] for row in _served()}
    unsettled = {(row["person"], row["batch"]): row for row in _unsettled()}
    return [
        Lane(
            person=person,
            batch=batch,
            priority=row["highest"] or 0,
            oldest=row["oldest"],
            running=row["running"],
            served=served.get((person, batch)),
        )
        for (person, batch), row in unsettled.items()
    ] + [
        Lane(person, batch, priority=0, oldest=None, running=0, served=last)
        for (person, batch), last in served.items()
        if (person, batch) not in unsettled
    ]


def _unsettled() -> Iterable[Mapping[str, Any]]:
    by_lane = (
        Version.objects.unsettled().unless_paused().order_by().values("batch", person=F("document__owner"))
    )
    return by_lane.annotate(
        highest=Max("priority", filter=due()),
        oldest=Min("created_at", filter=due()),
        running=Count("pk", filter=in_work()),
    )


def _served() -> Iterable[Mapping[str, Any]]:
    lately = Version.objects.filter(claimed_at__gt=timezone.now() - LATELY).order_by()
    return lately.values("batch", person=F("document__owner")).annotate(last=Max("claimed_at"))
