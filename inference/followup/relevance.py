"""Which earlier exchanges bear on a question, and fit beside its sources."""

from collections.abc import Sequence
from dataclasses import replace

from inference.followup.lexicon import WORD, lexicon_of
from inference.followup.phrases import CODE
from inference.followup.rewrite import Understood
from inference.protocols import Turn
from inference.sentences import split

TURNS = 3
"""Exchanges, at most."""
CHARACTERS = 1_200
"""Of all of them together: 300 to 400 tokens, which `pack` keeps free beside the answer's."""
SHARED = 2
"""Content words that an exchange must share with the question; a code such as “CB-150” is enough alone."""


def relevant(meant: Understood, history: Sequence[Turn]) -> tuple[Turn, ...]:
    """In order. The last exchange is among them where the question leans on it, cut short if need be."""
    kept: list[Turn] = []
    room = CHARACTERS
    for place, turn in enumerate(reversed(history)):
        needed = meant.leans and place == 0
        if len(kept) == TURNS or not (needed or _bears_on(turn, meant.text)):
            continue
        fitted = _cut(turn, room) if needed else turn
        if _length(fitted) <= room:
            kept.append(fitted)
            room -= _length(fitted)
    return tuple(reversed(kept))


def _bears_on(turn: Turn, question: str) -> bool:
    shared = _content(question) & _content(f"{turn.question} {turn.answer}")
    return len(shared) >= SHARED or any(map(CODE.search, shared))


def _content(text: str) -> frozenset[str]:
    small = lexicon_of(text).small
    return frozenset(word.lower() for word in WORD.findall(text)) - small


def _length(turn: Turn) -> int:
    return len(turn.question) + len(turn.answer)


def _cut(turn: Turn, room: int) -> Turn:
    """With as many of the answer's first sentences as fit; the question stays whole where it can."""
    question = turn.question[:room]
    ends = [sentence.end for sentence in split(turn.answer) if sentence.end <= room - len(question)]
    return replace(turn, question=question, answer=turn.answer[: max(ends, default=0)])
