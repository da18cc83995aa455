"""What follows from a chunk's new words: its label, its personal data, what in it speaks to models, and its header.

A change never makes a chunk laxer: the label that it had is the floor, and the rules can only raise it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from django.db.models import QuerySet

from inference import registry
from inference.injection import instruction_in
from inference.personal import Finding, find_all
from ingestion.chunk import Ruler
from ingestion.mend.state import State
from ingestion.naming import called
from ingestion.passages import OwnLabel, own_labels
from kb.errors import Rejected
from kb.models import Chunk, Sensitivity, Version
from kb.models.chunks import INSTRUCTION_LENGTH

NEAR = 20
"""Chunks before and after that are looked at for the marking of their section: the rules take milliseconds each."""


@dataclass(frozen=True, slots=True)
class Judged:
    """A state, and what is kept with it."""

    state: State
    header: str
    personal: tuple[Finding, ...]
    instruction: str


def ruler_of(version: Version, title: str) -> Ruler:
    """Measures texts as they are embedded: beside the document's title and its file's name.

    Raises:
        ModelUnavailable: the embedder is down.
    """
    embedder = registry.embedder()
    window = embedder.window - embedder.count_tokens(called(version.name, title))
    return Ruler(title, window, embedder.count_tokens)


def judged(version: Version, states: Sequence[State]) -> list[Judged]:
    """What belongs to each of them. Their labels stay as they are: see `raised`.

    Raises:
        Rejected: one is longer than the embedder reads.
        ModelUnavailable: the embedder is down.
    """
    ruler = ruler_of(version, version.document.title)
    for state in states:
        _check_fits(state, ruler)
    texts = [state.text for state in states]
    return [
        Judged(state, ruler.header(state.headings), personal, instruction_in(state.text)[:INSTRUCTION_LENGTH])
        for state, personal in zip(states, find_all(texts, version.language or None), strict=True)
    ]


def _check_fits(state: State, ruler: Ruler) -> None:
    tokens, room = ruler.count(state.text), ruler.room(state.headings)
    if tokens > room:
        raise Rejected(
            f"The passage would have {tokens} tokens, and the embedder reads {room} of them: "
            "its end could not be found. Split it first, or shorten it."
        )


def raised(version: Version, states: Sequence[State], *, first: int) -> list[State]:
    """The states that take the place of the chunks from `first` on, as strict as they and their section demand."""
    before = list(_beside(version).filter(ordinal__lt=first, ordinal__gte=first - NEAR))
    labels = own_labels([*before, *states])[len(before) :]
    return [floored(state, demanded) for state, demanded in zip(states, labels, strict=True)]


def raise_section(version: Version, *, first: int, last: int) -> list[Chunk]:
    """Chunks after `last`, not yet saved, that a marking in the run from `first` on makes stricter."""
    run = list(_beside(version).filter(ordinal__gte=first - NEAR, ordinal__lte=last + NEAR))
    stricter = []
    for chunk, demanded in zip(run, own_labels(run), strict=True):
        if chunk.ordinal > last and demanded.sensitivity > State.of(chunk).label.sensitivity:
            chunk.own_sensitivity = demanded.sensitivity
            chunk.sensitivity = Sensitivity.strictest([chunk.sensitivity, demanded.sensitivity])
            chunk.sensitivity_by, chunk.sensitivity_reason = demanded.decided_by, demanded.reason
            stricter.append(chunk)
    return stricter


def floored(state: State, demanded: OwnLabel) -> State:
    """As strict as is demanded, if it is not so already."""
    if demanded.sensitivity <= state.label.sensitivity:
        return state
    return replace(
        state,
        own_sensitivity=demanded.sensitivity,
        sensitivity_by=demanded.decided_by,
        sensitivity_reason=demanded.reason,
    )


def _beside(version: Version) -> QuerySet[Chunk]:
    return version.chunks.order_by("ordinal")
