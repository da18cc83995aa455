"""The changes themselves: a run of chunks → the run that takes its place. Pure.

Each keeps to what is known of the original: pages and characters never become narrower than what is certain, and a
label is never laxer than that of what it was made from.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import takewhile
from typing import Any

from ingestion.chunk import BREAK
from ingestion.mend.state import State
from ingestion.parse.clean import visible
from kb.errors import Rejected
from kb.models import Mending

Kind = Mending.Kind
HEADING_LENGTH = 300
"""Characters."""
HEADINGS = 8
"""Levels."""
WORD_GAP, LINE_GAP = 0, 1
"""Characters between two chunks of one paragraph, at most."""


def changed(kind: str, run: Sequence[State], detail: Mapping[str, Any]) -> tuple[State, ...]:
    """What the run becomes by a change of this kind.

    Raises:
        Rejected: the change cannot be made of it.
    """
    first = run[0]
    match Kind(kind):
        case Kind.EDIT:
            return (edited(first, detail["text"], detail["headings"]),)
        case Kind.SPLIT:
            return split(first, detail["at"])
        case Kind.MERGE:
            return (merged(first, run[1]),)
        case Kind.EXCLUDE:
            return (replace(first, excluded=True),)
        case Kind.INCLUDE:
            return (replace(first, excluded=False),)


def edited(state: State, text: str, headings: Sequence[str]) -> State:
    """With other words and headings. The span and the pages stay: they say where it came from."""
    said = visible(text).strip()
    if not said:
        raise Rejected("A passage without words cannot be found. Leave it out of the search instead.")
    path = tuple(line for each in headings if (line := " ".join(visible(each).split())))
    if len(path) > HEADINGS or any(len(each) > HEADING_LENGTH for each in path):
        raise Rejected(
            f"Give at most {HEADINGS} headings, a line each, of at most {HEADING_LENGTH} characters."
        )
    return replace(state, text=said, headings=path)


def split(state: State, at: int) -> tuple[State, State]:
    """Cut before the character `at` of its text."""
    before, after = state.text[: max(at, 0)].rstrip(), state.text[max(at, 0) :].lstrip()
    if not before or not after:
        raise Rejected("Choose a place inside the passage: something has to stand on both sides of the cut.")
    first, second = replace(state, text=before), replace(state, text=after)
    if not _is_its_span(state):
        return first, second
    middle = state.start + len(before)
    return replace(first, end=middle), replace(second, start=state.end - len(after))


def merged(first: State, second: State) -> State:
    """Both as one, below the headings that they share. The stricter label holds, and the later edit."""
    if first.excluded != second.excluded:
        raise Rejected(
            "Only one of the two is left out of the search. Leave out both or none, then join them."
        )
    strict = second if second.label.sensitivity > first.label.sensitivity else first
    edits = [each for each in (first, second) if each.edited_at]
    last = max(edits, key=lambda each: str(each.edited_at), default=first)
    shared = takewhile(lambda pair: pair[0] == pair[1], zip(first.headings, second.headings, strict=False))
    pages = [page for each in (first, second) for page in (each.first_page, each.last_page) if page]
    return State(
        text=_joined(first, second),
        headings=tuple(heading for heading, _ in shared),
        first_page=min(pages, default=None),
        last_page=max(pages, default=None),
        start=min(first.start, second.start),
        end=max(first.end, second.end),
        excluded=first.excluded,
        edited_by=last.edited_by,
        edited_at=last.edited_at,
        own_sensitivity=strict.own_sensitivity,
        sensitivity_by=strict.sensitivity_by,
        sensitivity_reason=strict.sensitivity_reason,
    )


def _joined(first: State, second: State) -> str:
    """As they stood in the text, as far as their spans tell: a table goes on without its header rows."""
    head = second.text[: max(0, len(second.text) - (second.end - second.start))]
    if head and not second.edited_by and first.text.startswith(head):
        return f"{first.text}\n{second.text.removeprefix(head)}"
    gap = second.start - first.end
    in_one = not (first.edited_by or second.edited_by) and WORD_GAP <= gap <= LINE_GAP
    return f"{first.text}{' ' if in_one else BREAK}{second.text}"


def _is_its_span(state: State) -> bool:
    return not state.edited_by and len(state.text) == state.end - state.start
