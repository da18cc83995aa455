"""A chunk as its editors see it: its words, and all that was decided of it."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise

from inference import registry
from inference.personal import unpacked
from inference.sentences import split
from kb.errors import ModelUnavailable
from kb.models import Chunk

OPENING = 80
"""Characters of a sentence that a cut is offered by."""


@dataclass(frozen=True, slots=True)
class Cut:
    """A place where a chunk can be split: before the character `at`, where a sentence begins with these words."""

    at: int
    words: str


@dataclass(frozen=True, slots=True)
class Attempt:
    """An edit that was not saved, and why. `chunk` is the id of what was meant."""

    chunk: int
    text: str
    headings: str
    error: str


@dataclass(frozen=True, slots=True)
class Card:
    """`tokens` is None while the embedder is down, and `personal` where nobody has looked."""

    chunk: Chunk
    tokens: int | None
    personal: int | None
    cuts: tuple[Cut, ...]
    attempt: Attempt | None

    @property
    def text(self) -> str:
        """What its field holds: what was written and not saved, or what it says."""
        return self.attempt.text if self.attempt else self.chunk.text

    @property
    def headings(self) -> str:
        return self.attempt.headings if self.attempt else "\n".join(self.chunk.headings)


def cards(chunks: Iterable[Chunk], attempt: Attempt | None) -> list[Card]:
    return [_card(chunk, attempt if attempt and attempt.chunk == chunk.pk else None) for chunk in chunks]


def _card(chunk: Chunk, attempt: Attempt | None) -> Card:
    personal = None if chunk.personal is None else len(unpacked(chunk.personal))
    return Card(chunk, _tokens(chunk.text), personal, cuts(chunk.text), attempt)


def _tokens(text: str) -> int | None:
    try:
        return registry.embedder().count_tokens(text)
    except ModelUnavailable:
        return None


def cuts(text: str) -> tuple[Cut, ...]:
    """One before each sentence but the first."""
    sentences = split(text)
    return tuple(Cut(after.start, after.text[:OPENING]) for _, after in pairwise(sentences))
