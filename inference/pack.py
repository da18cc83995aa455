"""Hits → the chunks that fit the model's window, numbered for citing."""

from collections.abc import Callable, Sequence, Set
from dataclasses import dataclass
from uuid import UUID

from inference.hits import Hit
from inference.protocols import Shown

RESERVED = 1_200
"""Tokens kept free for the instructions, the question, the history and the answer."""


@dataclass(frozen=True, slots=True)
class Packed:
    """A hit under the number by which the answer may cite it."""

    shown: Shown
    hit: Hit


def pack(
    hits: Sequence[Hit],
    *,
    window: int,
    count_tokens: Callable[[str], int],
    after: int = 0,
    outdated: Set[UUID] = frozenset(),
) -> tuple[Packed, ...]:
    """The best hits that fit `window` tokens together, in reading order inside each document.

    They are numbered from `after` + 1 on, where others go before them. `outdated` are documents of older editions.
    """
    room, chosen = window - RESERVED, list[Hit]()
    for hit in hits:
        cost = count_tokens(f"{hit.header}\n{hit.text}")
        if cost <= room:
            chosen.append(hit)
            room -= cost
    return tuple(
        Packed(Shown(marker, hit.header, hit.text, outdated=hit.document in outdated), hit)
        for marker, hit in enumerate(_reading_order(chosen), after + 1)
    )


def _reading_order(hits: Sequence[Hit]) -> list[Hit]:
    """Documents by their best hit; chunks of one document as they stand in it."""
    rank = {hit.document: place for place, hit in reversed(list(enumerate(hits)))}
    return sorted(hits, key=lambda hit: (rank[hit.document], hit.ordinal))
