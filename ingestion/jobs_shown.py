"""A version as the pages of jobs show it: what of it this person may know, and how far it is."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.utils import timezone

from ingestion.pace import Pace, left_of, takes_too_long
from kb.models import Document, Person, Version
from kb.models.library import Stage


@dataclass(frozen=True, slots=True)
class Job:
    """`title` and `failure` are empty when the person may not see the document: they would tell what it is.

    Of one that is worked on: `seconds` in its stage; `left` until it is ready, unless it hangs; pages a second.
    """

    version: Version
    title: str
    failure: str
    in_work: bool
    seconds: float | None
    left: float | None
    page: int | None
    pages: int | None
    speed: float | None
    too_long: bool

    @property
    def visible(self) -> bool:
        return bool(self.title)

    @property
    def state(self) -> str:
        """In words: a stage is only spoken of while somebody works on it."""
        waits = not self.version.settled and not self.in_work
        return str(Stage.QUEUED.label if waits else Stage(self.version.stage).label)


def jobs_of(versions: Iterable[Version], person: Person) -> list[Job]:
    """One query more than those of the versions, which come with their document."""
    found = list(versions)
    visible = may_see(person, [version.document_id for version in found])
    now, pace = timezone.now(), Pace.lately()
    return [_job(version, version.document_id in visible, pace, now) for version in found]


def may_see(person: Person, documents: Iterable[UUID]) -> set[UUID]:
    visible = Document.objects.visible_to(person).filter(pk__in=list(documents))
    return set(visible.values_list("pk", flat=True))


def _job(version: Version, visible: bool, pace: Pace, now: datetime) -> Job:
    in_work = version.lease_until is not None and version.lease_until >= now and not version.settled
    since = version.stage_since if in_work else None
    seconds = (now - since).total_seconds() if since else None
    told = version.progress if version.progress.get("stage") == version.stage else {}
    page, pages = told.get("page"), told.get("pages")
    too_long = in_work and takes_too_long(version, pace, now)
    return Job(
        version=version,
        title=version.document.title if visible else "",
        failure=version.failure if visible else "",
        in_work=in_work,
        seconds=seconds,
        left=left_of(version, pace, now) if in_work and not too_long else None,
        page=page,
        pages=pages,
        speed=page / seconds if page and seconds else None,
        too_long=too_long,
    )
