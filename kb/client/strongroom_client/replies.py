"""What comes back, as frozen dataclasses. What a newer server says besides is in `raw`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import datetime
from typing import Any, Self, TypeAlias
from uuid import UUID

READY = "ready"
FAILED = "failed"
SKIPPED = "skipped"
SETTLED = (READY, FAILED, SKIPPED)

JSON: TypeAlias = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Read:
    """A JSON object that was read, as `MAKERS` says."""

    raw: JSON = field(repr=False, compare=False, default_factory=dict)

    @classmethod
    def of(cls, said: JSON) -> Self:
        """
        Raises:
            KeyError: the server left out what it promises to say.
        """
        makers = MAKERS.get(cls.__name__, {})
        own = {each.name for each in fields(cls)} - {"raw"}
        made = {name: makers.get(name, _as_it_is)(said[name]) for name in own}
        return cls(raw=said, **made)


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
class Key(Read):
    """What the key in use may do."""

    name: str
    scopes: Sequence[str]


def _as_it_is(value: Any) -> Any:
    return value


def _uuids(values: Sequence[str]) -> list[UUID]:
    return [UUID(value) for value in values]


MAKERS: Mapping[str, Mapping[str, Any]] = {
    "Document": {"id": UUID, "created_at": datetime.fromisoformat, "updated_at": datetime.fromisoformat},
    "Progress": {"document": UUID},
    "Archive": {"archive": UUID, "documents": _uuids},
    "Hit": {"document": UUID},
    "Citation": {"document": UUID},
    "Reply": {"conversation": UUID, "citations": lambda said: [Citation.of(each) for each in said]},
    "Source": {"document": UUID},
    "Sources": {"sources": lambda said: [Source.of(each) for each in said]},
    "Conversation": {"id": UUID, "created_at": datetime.fromisoformat, "updated_at": datetime.fromisoformat},
}
"""How fields are made that are no plain JSON, by class and field."""
