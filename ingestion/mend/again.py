"""Changes made again on a file that was read again: those whose passages still read as they did. Pure.

A change is found again by the words that it was made on, never by its place. What it became is made anew from what was
read, so that pages and characters are those of the new reading. The others are lost, and told.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from ingestion.chunk import ChunkDraft
from ingestion.mend.change import changed
from ingestion.mend.judge import floored
from ingestion.mend.state import State, read
from kb.models import Mending

Path = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Redone:
    """A change that holds again, and what it was made on now. `ordinal` is of the first chunk when it was made."""

    mending: Mending
    ordinal: int
    before: tuple[State, ...]
    after: tuple[State, ...]


@dataclass(frozen=True, slots=True)
class Reread:
    """The passages of a reading with the changes in them, and what became of each change.

    `states` has those that a change has touched, by ordinal: their labels are the floor of what the rules say.
    """

    drafts: tuple[ChunkDraft, ...]
    states: Mapping[int, State] = field(default_factory=dict)
    redone: tuple[Redone, ...] = ()
    lost: tuple[Mending, ...] = ()

    @property
    def searched(self) -> list[str]:
        """The texts of those that are not left out of the search."""
        left_out = {ordinal for ordinal, state in self.states.items() if state.excluded}
        return [draft.text for draft in self.drafts if draft.ordinal not in left_out]


@dataclass(frozen=True, slots=True)
class _Slot:
    state: State
    header: str
    touched: bool = False


def again(drafts: Sequence[ChunkDraft], mendings: Sequence[Mending], header: Callable[[Path], str]) -> Reread:
    """`mendings` are those that stand, the oldest first; `header` says what is embedded above a text."""
    slots = [_Slot(State.of_draft(draft), draft.header) for draft in drafts]
    redone, lost = list[Redone](), list[Mending]()
    for mending in mendings:
        before, left = read(mending.before), read(mending.after)
        at = _place(slots, before, near=mending.ordinal)
        if at is None:
            lost.append(mending)
            continue
        run = tuple(slot.state for slot in slots[at : at + len(before)])
        after = _as_it_was(changed(mending.kind, run, _detail(mending, before, left, run)), left)
        slots[at : at + len(before)] = [_Slot(state, header(state.headings), touched=True) for state in after]
        redone.append(Redone(mending, at, _labelled(run, before), after))
    return Reread(
        tuple(_draft(ordinal, slot) for ordinal, slot in enumerate(slots)),
        {ordinal: slot.state for ordinal, slot in enumerate(slots) if slot.touched},
        tuple(redone),
        tuple(lost),
    )


def _place(slots: Sequence[_Slot], before: Sequence[State], *, near: int) -> int | None:
    """Where these texts stand one after the other; of several places the nearest to where they stood."""
    wanted = [state.text for state in before]
    texts = [slot.state.text for slot in slots]
    places = [at for at in range(len(texts)) if texts[at : at + len(wanted)] == wanted]
    return min(places, key=lambda at: abs(at - near), default=None)


def _detail(
    mending: Mending, before: Sequence[State], left: Sequence[State], run: Sequence[State]
) -> Mapping[str, Any]:
    """What the change needs. An edit that left the headings alone leaves those of the new reading alone too."""
    detail: Mapping[str, Any] = mending.detail
    if mending.kind != Mending.Kind.EDIT or before[0].headings != left[0].headings:
        return detail
    return {**detail, "headings": run[0].headings}


def _as_it_was(run: Sequence[State], kept: Sequence[State]) -> tuple[State, ...]:
    """The run as strict, and by the same hand, as the change left it."""
    signed = (
        replace(state, edited_by=was.edited_by, edited_at=was.edited_at)
        for state, was in zip(run, kept, strict=True)
    )
    return _labelled(tuple(signed), kept)


def _labelled(run: Sequence[State], kept: Sequence[State]) -> tuple[State, ...]:
    return tuple(floored(state, was.label) for state, was in zip(run, kept, strict=True))


def _draft(ordinal: int, slot: _Slot) -> ChunkDraft:
    state = slot.state
    return ChunkDraft(
        ordinal=ordinal,
        text=state.text,
        headings=state.headings,
        header=slot.header,
        first_page=state.first_page,
        last_page=state.last_page,
        start=state.start,
        end=state.end,
    )
