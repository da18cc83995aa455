"""Which version is worked on next. SQL says what waits and who was served; the broker's order counts for nothing.

The higher priority goes first. Within it the person goes first of whom the fewest versions are in work, then the one
who was served least lately; of his batches the one that was served least lately, and of that its oldest version. So a
single upload waits for no more than one version of each other person, however much they have brought in.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from django.db.models import Count, F, Max, Min, Q
from django.utils import timezone

from kb.models import Pause, Version
from kb.models.library import due, in_work

LATELY = timedelta(hours=1)
"""Whoever was not served for so long counts as never served."""
NEVER = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Lane:
    """The versions of one batch, or those of one person that are in none."""

    person: int
    batch: UUID | None
    priority: int | None
    """The highest of those that wait; none when none waits."""
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
        if lane.priority is not None:
            waiting.append(lane)

    def turn(lane: Lane) -> tuple[int, int, datetime, datetime, datetime]:
        person = lane.person
        return (
            -(lane.priority or 0),
            running[person],
            served[person],
            lane.served or NEVER,
            lane.oldest or NEVER,
        )

    return min(waiting, key=turn, default=None)


def lanes() -> list[Lane]:
    """All in which something waits, runs or was served lately. None while ingestion is paused. Two queries."""
    if Pause.objects.exists():
        return []
    running = in_work()
    known = Version.objects.filter(due() | running | Q(claimed_at__gt=timezone.now() - LATELY))
    counted = (
        known.order_by()
        .values("batch", person=F("document__owner"))
        .annotate(
            highest=Max("priority", filter=due()),
            oldest=Min("created_at", filter=due()),
            running=Count("pk", filter=running),
            served=Max("claimed_at"),
        )
    )
    return [
        Lane(row["person"], row["batch"], row["highest"], row["oldest"], row["running"], row["served"])
        for row in counted
    ]
