"""What goes on at this moment: how much waits, runs, is ready and failed, by batch and by person."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Self
from uuid import UUID

from django.db.models import Count, Exists, Max, OuterRef, Q, Sum
from django.db.models.functions import Coalesce
from django.utils import timezone

from ingestion.jobs_shown import Job, jobs_of
from ingestion.pace import Pace, left_of_queue
from kb.models import Batch, Document, Pause, Person, Version
from kb.models.library import UNDONE, UNSETTLED, Stage, in_work

LISTED = 10
"""Batches and people that are shown."""
MINUTES = 5
"""Over which the speed is taken."""
IDLE = timedelta(minutes=2)
"""After which workers that take nothing are spoken of."""


@dataclass(frozen=True, slots=True)
class Counts:
    """Versions by what became of them."""

    waiting: int
    running: int
    ready: int
    failed: int
    skipped: int

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> Self:
        """From a row that `_counted` annotated."""
        return cls(
            waiting=row["unsettled"] - row["running"],
            running=row["running"],
            ready=row["ready"],
            failed=row["failed"],
            skipped=row["skipped"],
        )

    @property
    def unsettled(self) -> int:
        return self.waiting + self.running

    @property
    def total(self) -> int:
        return self.unsettled + self.ready + self.failed + self.skipped

    @property
    def percent(self) -> int:
        """Of those that are settled, 0 to 100."""
        return 100 * (self.ready + self.failed + self.skipped) // max(1, self.total)


@dataclass(frozen=True, slots=True)
class BatchLine:
    """`name` is made of file names, and empty when somebody else brought in what this person may not see all of."""

    batch: Batch
    name: str
    counts: Counts
    left: float | None


@dataclass(frozen=True, slots=True)
class PersonLine:
    person: Person
    counts: Counts


@dataclass(frozen=True, slots=True)
class Live:
    """The overview. What is ready is of today; `left` in seconds; the speed of the last five minutes.

    `idle`: something waits, and no worker takes it.
    """

    pause: Pause | None
    counts: Counts
    left: float | None
    documents_a_minute: float
    pages_a_minute: float
    idle: bool
    running: Sequence[Job]
    batches: Sequence[BatchLine]
    people: Sequence[PersonLine]


def live(person: Person) -> Live:
    """As this person may see it. As many queries however much there is."""
    counts = _today()
    documents, pages = _ready_lately()
    pause = Pause.objects.select_related("person").first()
    running = Version.objects.in_work().select_related("document__collection", "document__owner")
    return Live(
        pause=pause,
        counts=counts,
        left=left_of_queue(Pace.lately(), waiting=counts.waiting, running=counts.running),
        documents_a_minute=documents / MINUTES,
        pages_a_minute=pages / MINUTES,
        idle=pause is None and not counts.running and _nobody_takes(),
        running=jobs_of(running.order_by("claimed_at"), person),
        batches=_batches(person),
        people=_people(),
    )


def _counted() -> dict[str, Count]:
    return {
        "unsettled": Count("pk", filter=Q(stage__in=UNSETTLED)),
        "running": Count("pk", filter=in_work()),
        "ready": Count("pk", filter=Q(stage=Stage.READY)),
        "failed": Count("pk", filter=Q(stage=Stage.FAILED)),
        "skipped": Count("pk", filter=Q(stage=Stage.SKIPPED)),
    }


def _of_today() -> Q:
    midnight = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
    return Q(stage__in=[*UNSETTLED, *UNDONE]) | Q(stage=Stage.READY, ready_at__gte=midnight)


def _today() -> Counts:
    return Counts.of(Version.objects.filter(_of_today(), retired=False).aggregate(**_counted()))


def _ready_lately() -> tuple[int, int]:
    """Documents and pages of the last five minutes."""
    since = timezone.now() - timedelta(minutes=MINUTES)
    found = Version.objects.filter(ready_at__gt=since).aggregate(
        documents=Count("pk"), pages=Sum(Coalesce("pages", 1), default=0)
    )
    return found["documents"], found["pages"]


def _nobody_takes() -> bool:
    before = timezone.now() - IDLE
    waits = Version.objects.claimable().filter(created_at__lt=before).exists()
    return waits and not Version.objects.filter(claimed_at__gt=before).exists()


def _batches(person: Person) -> list[BatchLine]:
    """Those of which something is not settled, the newest first."""
    unsettled = Version.objects.unsettled().exclude(batch=None).order_by()
    newest = unsettled.values("batch").annotate(newest=Max("batch__created_at")).order_by("-newest")[:LISTED]
    batches = Batch.objects.select_related("person", "collection").in_bulk([row["batch"] for row in newest])
    counted = Version.objects.filter(batch__in=batches, retired=False).order_by().values("batch")
    counts = {row["batch"]: Counts.of(row) for row in counted.annotate(**_counted())}
    others = [batch.pk for batch in batches.values() if batch.person_id != person.pk]
    unknown, pace = _not_all_seen(person, others), Pace.lately()
    lines = [
        BatchLine(
            batch=batch,
            name="" if batch.pk in unknown else batch.name,
            counts=counts[batch.pk],
            left=left_of_queue(pace, waiting=counts[batch.pk].waiting, running=counts[batch.pk].running),
        )
        for batch in batches.values()
    ]
    return sorted(lines, key=lambda line: line.batch.created_at, reverse=True)


def _not_all_seen(person: Person, batches: Sequence[UUID]) -> set[UUID]:
    """The batches with a document that the person may not see."""
    visible = Document.objects.visible_to(person).filter(pk=OuterRef("document"))
    hidden = Version.objects.filter(~Exists(visible), batch__in=batches).order_by()
    return set(hidden.values_list("batch", flat=True).distinct())


def _people() -> list[PersonLine]:
    """Those of whom something waits or runs, the busiest first, with what became ready today."""
    counted = Version.objects.filter(_of_today(), retired=False).order_by().values("document__owner")
    rows = {row["document__owner"]: Counts.of(row) for row in counted.annotate(**_counted())}
    busy = {pk: counts for pk, counts in rows.items() if counts.unsettled}
    busiest = sorted(busy, key=lambda pk: busy[pk].unsettled, reverse=True)[:LISTED]
    people = Person.objects.in_bulk(busiest)
    return [PersonLine(people[pk], busy[pk]) for pk in busiest]
