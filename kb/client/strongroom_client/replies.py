"""What comes back about documents, answers and conversations."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias
from uuid import UUID

from strongroom_client.reading import Read

READY = "ready"
FAILED = "failed"
SKIPPED = "skipped"
SETTLED = (READY, FAILED, SKIPPED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Document(Read):
    """`chunks` counts those that this person may see."""

    id: UUID
    title: str
    collection: str
    owner: str
    tags: Sequence[str]
    sensitivity: str
    stage: str
    failure: str
    summary: str
    chunks: int
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress(Read):
    """Where a document stands on its way. `step` of `steps` is None when it failed or was set aside."""

    document: UUID
    stage: str
    step: int | None
    steps: int
    failure: str

    @property
    def settled(self) -> bool:
        return self.stage in SETTLED


@dataclass(frozen=True, slots=True, kw_only=True)
class Version(Read):
    """`current` is the one that readers find."""

    id: UUID
    name: str
    media_type: str
    size: int
    sha256: str
    stage: str
    failure: str
    current: bool
    pages: int | None
    language: str
    created_at: datetime
    ready_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Chunk(Read):
    """`revision` is another one whenever its words or its headings change, or whether it is left out."""

    id: int
    ordinal: int
    text: str
    headings: Sequence[str]
    pages: Sequence[int]
    sensitivity: str
    excluded: bool
    edited_by: str | None
    edited_at: datetime | None
    revision: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Archive(Read):
    """A file whose files become documents: their ids, once `state` is “opened”."""

    archive: UUID
    name: str
    state: str
    failure: str
    documents: Sequence[UUID]


@dataclass(frozen=True, slots=True)
class Uploaded:
    """What became of an upload: a document or, of an archive, an archive. `new` is False for bytes held already."""

    new: bool
    document: Document | None
    archive: Archive | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit(Read):
    """A passage that was found. `score` compares within one search; higher is better."""

    document: UUID
    chunk: int
    score: float
    title: str
    pages: Sequence[int]
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Citation(Read):
    """A place that an answer stands on; `marker` is its number in the answer's text."""

    marker: int
    document: UUID
    title: str
    pages: Sequence[int]
    quote: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply(Read):
    """`location` is “on-premises”, “cloud”, or “nowhere” when no model was called; `missing` then says why."""

    answer: str
    citations: Sequence[Citation]
    conversation: UUID
    location: str
    model: str
    reason: str
    sensitivity: str
    missing: Sequence[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer(Read):
    """One of a conversation, whatever became of it. `withheld` says that you may no longer see what it stands on."""

    id: UUID
    conversation: UUID
    question: str
    asked_at: datetime
    state: str
    withheld: bool
    text: str
    found: bool
    failure: str
    sensitivity: str | None
    location: str
    model: str
    reason: str
    citations: Sequence[Citation]
    missing: Sequence[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Survey(Read):
    """How far the reading of many documents is: `taken` of `steps`.

    `confirmed` is false while somebody has to agree to the cost.
    """

    answer: UUID
    state: str
    confirmed: bool
    taken: int
    steps: int
    calls: int
    tokens: int
    cost_usd: float | None
    reading: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfirmedAnswer(Read):
    """Where a person saw that it answers the question. `document` is a title."""

    answer: UUID
    confirmed_at: datetime
    question: str
    text: str
    document: str
    page: int | None
    quote: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Source(Read):
    marker: int
    document: UUID
    title: str
    pages: Sequence[int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sources(Read):
    """What an answer will be made from, and where. A second one says that its text begins anew."""

    sources: Sequence[Source]
    location: str
    model: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Token(Read):
    """The next piece of an answer."""

    text: str


@dataclass(frozen=True, slots=True)
class Finished:
    """The end of a stream. The reply's text is the one that counts."""

    reply: Reply


Event: TypeAlias = Sources | Token | Finished


@dataclass(frozen=True, slots=True, kw_only=True)
class Collection(Read):
    """`may_add` says whether this person may add and delete documents here."""

    id: int
    name: str
    description: str
    minimum_sensitivity: str
    may_add: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Conversation(Read):
    id: UUID
    title: str
    owner: str
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Share(Read):
    """With whom a conversation is shared."""

    id: int
    username: str
    since: datetime
