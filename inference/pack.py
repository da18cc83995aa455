"""Hits → the chunks that fit the model's window, numbered for citing, and those that do not fit.

Neighbours are not merged into one source: one chunk is one marker, so that a citation opens the very passage, and
the ledger has the label of each. The prompt says the heading of neighbours once.
"""

from collections.abc import Callable, Sequence, Set
from dataclasses import dataclass
from itertools import groupby
from uuid import UUID

from inference.hits import Hit
from inference.protocols import Shown

FENCE = 30
"""Tokens of the tags around a source, with its number; tokenizers of 2026 take 16 to 27."""
MARGIN = 0.03
"""Share of a window that is kept free: some backends count by another model's tokenizer, and aliases are counted as
the names that they stand for."""


@dataclass(frozen=True, slots=True)
class Packed:
    """A hit under the number by which the answer may cite it."""

    shown: Shown
    hit: Hit


@dataclass(frozen=True, slots=True)
class Pack:
    """What is shown, in the order in which it is shown, and what was offered and did not fit, the best first."""

    shown: tuple[Packed, ...]
    left_out: tuple[Hit, ...]


def room_for_sources(window: int, *, instructions: int, answer: int, most: int | None = None) -> int:
    """Tokens that sources may take: what the instructions with all that is not a source, and the answer leave.

    `most` is what the whole prompt may take at most, where it costs something.
    """
    prompt = int(window * (1 - MARGIN)) - answer
    return min(prompt, most if most is not None else prompt) - instructions


def pack(
    hits: Sequence[Hit],
    *,
    room: int,
    count_tokens: Callable[[str], int],
    after: int = 0,
    outdated: Set[UUID] = frozenset(),
    ends_first: bool = True,
) -> Pack:
    """The hits that fit `room` tokens together, taken in the order in which they come: the most valuable first.

    They are numbered from `after` + 1 on, where others go before them. `outdated` are documents of older editions.
    `ends_first` is for models that use the ends of a prompt most; without it documents stand in the order of their
    value.
    """
    chosen, left_out = list[Hit](), list[Hit]()
    for hit in hits:
        cost = count_tokens(f"{hit.header}\n{hit.text}") + FENCE
        fits = cost <= room
        (chosen if fits else left_out).append(hit)
        room -= cost if fits else 0
    shown = tuple(
        Packed(Shown(marker, hit.header, hit.text, outdated=hit.document in outdated), hit)
        for marker, hit in enumerate(_reading_order(chosen, ends_first=ends_first), after + 1)
    )
    return Pack(shown, tuple(left_out))


def _reading_order(hits: Sequence[Hit], *, ends_first: bool) -> list[Hit]:
    """Chunks of one document as they stand in it; with `ends_first` the strongest document first, the second last.

    What stands in the middle of a long prompt is used least (Liu et al., Lost in the Middle, 2023).
    """
    rank = {hit.document: place for place, hit in reversed(list(enumerate(hits)))}
    ordered = sorted(hits, key=lambda hit: (rank[hit.document], hit.ordinal))
    documents = [list(group) for _, group in groupby(ordered, lambda hit: hit.document)]
    if ends_first:
        documents = documents[::2] + documents[1::2][::-1]
    return [hit for document in documents for hit in document]
