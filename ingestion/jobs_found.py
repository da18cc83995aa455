"""The history of ingestion, narrowed down."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from uuid import UUID

from django.db.models import Q

from kb.models import Document, Person, Version
from kb.models.library import Stage, VersionQuerySet


class JobState(StrEnum):
    WAITING = "waiting"
    RUNNING = "running"
    READY = Stage.READY.value
    FAILED = Stage.FAILED.value
    SKIPPED = Stage.SKIPPED.value


@dataclass(frozen=True, slots=True)
class JobWish:
    """What the versions are kept to. `owner` and `collection` are ids; both days are included."""

    name: str = ""
    owner: int | None = None
    collection: int | None = None
    state: JobState | None = None
    since: date | None = None
    until: date | None = None
    batch: UUID | None = None


LOOKUPS = {
    "owner": "document__owner",
    "collection": "collection",
    "since": "created_at__date__gte",
    "until": "created_at__date__lte",
    "batch": "batch",
}


def jobs_found(wish: JobWish, person: Person) -> VersionQuerySet:
    """The newest first. By name only those are found of which the person may know the name."""
    versions = Version.objects.filter(retired=False).order_by("-created_at", "-pk")
    if wish.name:
        named = Q(name__icontains=wish.name) | Q(document__title__icontains=wish.name)
        versions = versions.filter(named, document__in=Document.objects.visible_to(person))
    if wish.state:
        versions = _in_state(versions, wish.state)
    wanted = {lookup: getattr(wish, field) for field, lookup in LOOKUPS.items()}
    return versions.filter(**{lookup: value for lookup, value in wanted.items() if value is not None})


def _in_state(versions: VersionQuerySet, state: JobState) -> VersionQuerySet:
    match state:
        case JobState.WAITING:
            return versions.waiting()
        case JobState.RUNNING:
            return versions.in_work()
    return versions.filter(stage=state)
