"""What retrieval is measured on: documents, questions, and what answers each."""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Protocol, TypeVar
from uuid import UUID

from kb.models import Sensitivity

RUN = 20
"""Words. A chunk holds a gold passage when it shares a run of so many with it, or all of a shorter one."""
SHINGLE = 6
"""Words. What a chunk covers of a gold passage is counted in runs of at least so many."""
WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class Source:
    """A document to search in: a text, or a file that is parsed first. `name` is the file's, for people.

    `shelf` names its collection where a set has several.
    """

    id: str
    name: str
    title: str = ""
    text: str = ""
    path: Path | None = None
    shelf: str = ""
    sensitivity: Sensitivity = Sensitivity.PUBLIC


@dataclass(frozen=True, slots=True)
class Gold:
    """One thing that answers a query: a document, or a page or a passage of it. A higher grade answers better."""

    document: str
    page: int | None = None
    """Counted from 1."""
    passage: str = ""
    grade: int = 1

    def is_in(self, chunk: "Judged") -> bool:
        if chunk.document != self.document or (self.page is not None and self.page not in chunk.pages):
            return False
        return not self.passage or chunk.holds(self.passage)


@dataclass(frozen=True, slots=True)
class Query:
    id: str
    text: str
    gold: tuple[Gold, ...]


@dataclass(frozen=True, slots=True)
class JudgedSet:
    """`by_document`: a result is a document, as in BEIR; else it is a chunk."""

    name: str
    sources: Sequence[Source]
    queries: Sequence[Query]
    by_document: bool = True


@dataclass(frozen=True)
class Judged:
    """A chunk that was found, as it is compared with what answers."""

    document: str
    ordinal: int
    pages: Sequence[int]
    text: str

    @cached_property
    def words(self) -> str:
        return _spaced(self.text)

    def holds(self, passage: str) -> bool:
        words = words_of(passage)
        run = min(len(words), RUN)
        return bool(words) and any(
            _joined(words[start : start + run]) in self.words for start in range(len(words) - run + 1)
        )


class Place(Protocol):
    """What names a chunk: a hit does, and so does a point of the index."""

    @property
    def version(self) -> UUID: ...

    @property
    def ordinal(self) -> int: ...


LookUp = Callable[[Sequence[Place]], list[Judged]]
"""The chunks at these places, in the same order; those that are not to be seen are left out."""

Item = TypeVar("Item")


class Tracked(Protocol):
    """Shows how far a long loop is: `for item in tracked(items, "Asking")`."""

    def __call__(self, items: Sequence[Item], what: str) -> Iterable[Item]: ...


def untracked(items: Sequence[Item], what: str) -> Iterable[Item]:
    return items


def covered(passage: str, chunks: Iterable[Judged]) -> float:
    """The share of the passage's characters that stand in any of the chunks, counted in whole words."""
    words, chunks = words_of(passage), list(chunks)
    run = min(len(words), SHINGLE)
    found: set[int] = set()
    for start in range(len(words) - run + 1):
        piece = _joined(words[start : start + run])
        if any(piece in chunk.words for chunk in chunks):
            found.update(range(start, start + run))
    total = sum(map(len, words))
    return sum(len(words[place]) for place in found) / total if total else 0.0


@lru_cache(maxsize=4096)
def words_of(text: str) -> tuple[str, ...]:
    return tuple(WORD.findall(text.casefold()))


def _spaced(text: str) -> str:
    return _joined(words_of.__wrapped__(text))


def _joined(words: Sequence[str]) -> str:
    """With a space at both ends, so that “art” is not found in “part”."""
    return f" {' '.join(words)} "
