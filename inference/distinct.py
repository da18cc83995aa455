"""Hits that say something new: the same text is shown once, and no document crowds out the others."""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from inference.hits import Hit

ALIKE = 0.9
"""Share of all words of two texts that both hold (Jaccard); from here on they say the same."""
NEAR = 0.1
"""Difference of two cosines to the question; texts that are farther apart cannot be the same."""
WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class _Words:
    similarity: float
    all: frozenset[str]
    numbers: frozenset[str]


def distinct(hits: tuple[Hit, ...]) -> tuple[Hit, ...]:
    """Without those that repeat a better one. Last year's price list does not: a number differs."""
    return tuple(_distinct(hits))


def capped(hits: tuple[Hit, ...], per_document: int | None) -> tuple[Hit, ...]:
    """At most so many hits of each document; None is no limit."""
    if per_document is None:
        return hits
    seen: Counter[object] = Counter()
    kept = []
    for hit in hits:
        seen[hit.document] += 1
        if seen[hit.document] <= per_document:
            kept.append(hit)
    return tuple(kept)


def _distinct(hits: tuple[Hit, ...]) -> Iterator[Hit]:
    kept: list[_Words] = []
    for hit in hits:
        words = _words(hit)
        if not any(_repeats(words, earlier) for earlier in kept):
            kept.append(words)
            yield hit


def _words(hit: Hit) -> _Words:
    words = frozenset(WORD.findall(hit.text.casefold()))
    return _Words(hit.similarity, words, frozenset(word for word in words if not word.isalpha()))


def _repeats(words: _Words, earlier: _Words) -> bool:
    if abs(words.similarity - earlier.similarity) > NEAR or words.numbers != earlier.numbers:
        return False
    return len(words.all & earlier.all) >= ALIKE * len(words.all | earlier.all)
