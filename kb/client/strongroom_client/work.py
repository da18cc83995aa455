"""What comes back about what is on its way, and for those who keep the library in order."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from strongroom_client.reading import Read


@dataclass(frozen=True, slots=True, kw_only=True)
class BulkJob(Read):
    """One change of many documents: how many of them wait for it, have it, or could not have it."""

    id: UUID
    action: str
    documents: int
    waiting: int
    done: int
    failed: int
    created_at: datetime
    ended_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Upload(Read):
    """Files that come in together. `files` is where to send them, by tus 1.0.0."""

    id: UUID
    name: str
    collection: str
    files: str
    settled: bool
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Job(Read):
    """A version on its way. Title, document and failure are None where you may not see the document."""

    id: UUID
    document: UUID | None
    title: str | None
    failure: str | None
    owner: str
    collection: str
    stage: str
    in_work: bool
    priority: str
    attempts: int
    created_at: datetime
    ready_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveJobs(Read):
    """`left`: seconds until all that waits is read, as far as that can be told."""

    left: float | None
    documents_a_minute: float
    pages_a_minute: float
    idle: bool
    running: Sequence[Job]


@dataclass(frozen=True, slots=True, kw_only=True)
class Tag(Read):
    """Of the documents that you may see, and of how many of those you may change."""

    tag: str
    documents: int
    changeable: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Category(Read):
    id: int
    name: str
    description: str
    documents: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerRow(Read):
    """One sending to a model, or a refusal."""

    row: int
    at: datetime
    person: str | None
    purpose: str
    model: str
    location: str
    decision: str
    reason: str
    sensitivity: str
    sent_bytes: int
    sent_sha256: str
    outcome: str
    cost_usd: float | None
