"""A chunk as mending changes it, and how a change is kept."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Self

from ingestion.chunk import ChunkDraft
from ingestion.passages import OwnLabel
from kb.models import Chunk, Document, Sensitivity


@dataclass(frozen=True, slots=True)
class State:
    """`start` and `end` are the characters of the parsed text that it was made from, as long as nobody edited it.

    The label is its own, not its document's: `own_sensitivity` is None where nobody has looked. `edited_by` is the
    id of the person who changed its words last.
    """

    text: str
    headings: tuple[str, ...]
    first_page: int | None
    last_page: int | None
    start: int
    end: int
    excluded: bool = False
    edited_by: int | None = None
    edited_at: datetime | None = None
    own_sensitivity: int | None = None
    sensitivity_by: str = Document.DecidedBy.NOBODY
    sensitivity_reason: str = ""

    @classmethod
    def of(cls, chunk: Chunk) -> Self:
        return cls(
            text=chunk.text,
            headings=tuple(chunk.headings),
            first_page=chunk.first_page,
            last_page=chunk.last_page,
            start=chunk.start,
            end=chunk.end,
            excluded=chunk.excluded,
            edited_by=chunk.edited_by_id,
            edited_at=chunk.edited_at,
            own_sensitivity=chunk.own_sensitivity,
            sensitivity_by=chunk.sensitivity_by,
            sensitivity_reason=chunk.sensitivity_reason,
        )

    @classmethod
    def of_draft(cls, draft: ChunkDraft) -> Self:
        """Of a passage that was just read, whose label nobody has looked for."""
        return cls(draft.text, draft.headings, draft.first_page, draft.last_page, draft.start, draft.end)

    @property
    def label(self) -> OwnLabel:
        own = Sensitivity.PUBLIC if self.own_sensitivity is None else Sensitivity(self.own_sensitivity)
        return OwnLabel(own, Document.DecidedBy(self.sensitivity_by), self.sensitivity_reason)


def kept(states: Sequence[State]) -> list[dict[str, Any]]:
    """As a `Mending` keeps them."""
    return [asdict(state) for state in states]


def read(rows: Sequence[Mapping[str, Any]]) -> tuple[State, ...]:
    """What `kept` was given."""
    return tuple(
        State(**{**row, "headings": tuple(row["headings"]), "edited_at": _moment(row)}) for row in rows
    )


def _moment(row: Mapping[str, Any]) -> datetime | None:
    at = row["edited_at"]
    return datetime.fromisoformat(at) if isinstance(at, str) else at
