"""What the API says of ingestion, and what it is sent about it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Self
from uuid import UUID

from ninja import Schema
from pydantic import Field, model_validator

from ingestion.acts import Act
from ingestion.jobs_found import JobState, JobWish
from ingestion.jobs_live import BatchLine, Counts, Live, PersonLine
from ingestion.jobs_shown import Job
from ingestion.jobs_timeline import Attempt
from kb.api.fields import Body, Day, Id, Line
from kb.api.paging import Window
from kb.models import Pause, Priority
from kb.models.library import Stage

MOST = 500
"""Versions that one call names; more are reached by a filter."""


class JobNarrowing(Schema):
    q: Annotated[
        Line, Field(description="A part of the name or title, of what you may see.", max_length=200)
    ] = ""
    owner: Annotated[Id | None, Field(description="A person's id.")] = None
    collection: Annotated[Id | None, Field(description="A collection's id.")] = None
    state: JobState | None = None
    since: Annotated[Day | None, Field(description="Came in on this day or later.")] = None
    until: Annotated[Day | None, Field(description="Came in on this day or earlier.")] = None
    batch: UUID | None = None

    def wish(self) -> JobWish:
        return JobWish(self.q, self.owner, self.collection, self.state, self.since, self.until, self.batch)


class JobFilters(JobNarrowing, Window):
    pass


class Pausing(Body):
    reason: Annotated[Line, Field(max_length=200, examples=["The disk is being replaced."])] = ""


class ActOn(Body):
    """Versions by their ids, a batch, or all that `where` narrows down to: one of the three."""

    act: Annotated[Act, Field(description="put-back sends what failed or was set aside on its way again.")]
    items: Annotated[tuple[UUID, ...], Field(max_length=MOST)] = ()
    batch: UUID | None = None
    where: JobNarrowing | None = None

    @model_validator(mode="after")
    def one_of_three(self) -> Self:
        if sum((bool(self.items), self.batch is not None, self.where is not None)) != 1:
            raise ValueError("Send “items”, “batch” or “where”, and only one of them.")
        return self


class OtherParser(Body):
    parser: Annotated[
        Line,
        Field(description="One of `parsers` of the job; empty for the usual ones in turn.", max_length=200),
    ] = ""


@dataclass(frozen=True, slots=True)
class JobSheet:
    """A version on its way. Title, document and failure are null where you may not see the document.

    Of one that is worked on: `seconds` in its stage, `left` until it is ready, and the page that is read.
    """

    id: UUID
    document: UUID | None
    title: Annotated[str | None, Field(examples=["Travel policy 2026"])]
    failure: str | None
    owner: Annotated[str, Field(examples=["dana"])]
    collection: Annotated[str, Field(examples=["Handbook"])]
    stage: Annotated[Stage, Field(examples=["embedding"])]
    in_work: bool
    priority: Annotated[str, Field(examples=["normal"])]
    attempts: int
    created_at: datetime
    ready_at: datetime | None
    seconds: float | None
    left: float | None
    page: int | None
    pages: int | None
    too_long: bool

    @classmethod
    def of(cls, job: Job) -> Self:
        version = job.version
        return cls(
            id=version.pk,
            document=version.document_id if job.visible else None,
            title=job.title if job.visible else None,
            failure=job.failure if job.visible else None,
            owner=version.document.owner.username,
            collection=version.document.collection.name,
            stage=Stage(version.stage),
            in_work=job.in_work,
            priority=Priority(version.priority).name.lower(),
            attempts=version.attempts,
            created_at=version.created_at,
            ready_at=version.ready_at,
            seconds=job.seconds,
            left=job.left,
            page=job.page,
            pages=job.pages,
            too_long=job.too_long,
        )


@dataclass(frozen=True, slots=True)
class StageSheet:
    """`outcome` is empty while it runs."""

    stage: Annotated[str, Field(examples=["reading the file"])]
    began: datetime
    seconds: float
    outcome: Annotated[str, Field(examples=["done"])]
    note: str


@dataclass(frozen=True, slots=True)
class AttemptSheet:
    """`waited`: seconds since it came in, or since the attempt before."""

    number: int
    waited: float
    worker: str
    stages: Sequence[StageSheet]

    @classmethod
    def of(cls, attempt: Attempt) -> Self:
        stages = [
            StageSheet(bar.label, bar.began, bar.seconds, bar.outcome, bar.note) for bar in attempt.bars
        ]
        return cls(attempt.number, attempt.waited, attempt.worker, stages)


@dataclass(frozen=True, slots=True)
class JobTimeline:
    job: JobSheet
    attempts: Sequence[AttemptSheet]
    parsers: Annotated[Sequence[str], Field(description="That may read it again; for its editors.")]


@dataclass(frozen=True, slots=True)
class CountsSheet:
    waiting: int
    running: int
    ready: int
    failed: int
    skipped: int

    @classmethod
    def of(cls, counts: Counts) -> Self:
        return cls(counts.waiting, counts.running, counts.ready, counts.failed, counts.skipped)


@dataclass(frozen=True, slots=True)
class BatchSheet:
    """`name` is null where it would tell of a document that you may not see; `left` in seconds."""

    id: UUID
    name: str | None
    owner: str
    counts: CountsSheet
    left: float | None

    @classmethod
    def of(cls, line: BatchLine) -> Self:
        counts = CountsSheet.of(line.counts)
        return cls(line.batch.pk, line.name or None, line.batch.person.username, counts, line.left)


@dataclass(frozen=True, slots=True)
class PersonCounts:
    username: str
    counts: CountsSheet

    @classmethod
    def of(cls, line: PersonLine) -> Self:
        return cls(line.person.username, CountsSheet.of(line.counts))


@dataclass(frozen=True, slots=True)
class PauseSheet:
    since: datetime
    by: str | None
    reason: str

    @classmethod
    def of(cls, pause: Pause) -> Self:
        return cls(pause.since, pause.person.username if pause.person else None, pause.reason)


@dataclass(frozen=True, slots=True)
class LiveSheet:
    """What is ready is of today; the speed is of the last five minutes; `left` in seconds.

    `idle`: something waits, and no worker takes it.
    """

    pause: PauseSheet | None
    counts: CountsSheet
    left: float | None
    documents_a_minute: float
    pages_a_minute: float
    idle: bool
    running: Sequence[JobSheet]
    batches: Sequence[BatchSheet]
    people: Sequence[PersonCounts]

    @classmethod
    def of(cls, live: Live) -> Self:
        return cls(
            pause=PauseSheet.of(live.pause) if live.pause else None,
            counts=CountsSheet.of(live.counts),
            left=live.left,
            documents_a_minute=live.documents_a_minute,
            pages_a_minute=live.pages_a_minute,
            idle=live.idle,
            running=[JobSheet.of(job) for job in live.running],
            batches=[BatchSheet.of(line) for line in live.batches],
            people=[PersonCounts.of(line) for line in live.people],
        )


@dataclass(frozen=True, slots=True)
class Done:
    documents: Annotated[int, Field(description="With how many it was done.", examples=[3])]
