"""What a vector index is to the rest of the house, whichever engine keeps it.

The index is a cache of what SQL holds: it can be dropped and rebuilt at any time, and nothing that it
returns is shown before SQL has agreed. Values here are plain and picklable, because in the embedded
profile they cross a process boundary.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Protocol
from uuid import UUID, uuid5

import numpy as np
import numpy.typing as npt


@dataclass(frozen=True, slots=True)
class Scope:
    """What one person may see, as the index can filter it: these collections, up to this sensitivity.

    An empty `collections` sees nothing.
    """

    collections: frozenset[int]
    clearance: int


@dataclass(frozen=True, slots=True)
class Narrowing:
    """What the person asked to be kept to; it can only make a scope smaller.

    A chunk has to fit all of it. None means any, and an empty set fits nothing.
    """

    collections: frozenset[int] | None = None
    documents: frozenset[UUID] | None = None
    versions: frozenset[UUID] | None = None
    categories: frozenset[int] | None = None
    tags: frozenset[str] | None = None
    """One of them is enough."""
    languages: frozenset[str] | None = None
    """ISO 639-1."""
    since: date | None = None
    until: date | None = None
    """Both are days in UTC, and belong to what is asked for: see `Facts.added`."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What else the points of a version are narrowed by. What is None or empty fits no narrowing by it."""

    category: int | None
    tags: frozenset[str]
    language: str | None
    """ISO 639-1."""
    added: date
    """The day in UTC on which the version was brought in."""


def point_id(version: UUID, ordinal: int, embedder: str) -> UUID:
    """The same for the same chunk and embedder (by its fingerprint), so that writing it again is harmless."""
    return uuid5(version, f"{ordinal} {embedder}")


@dataclass(frozen=True, slots=True)
class Point:
    """One chunk. `id` is its `point_id`."""

    id: UUID
    dense: npt.NDArray[np.float32]
    """Shape (d,), float32, unit length."""
    sparse_indices: tuple[int, ...]
    sparse_values: tuple[float, ...]
    collection: int
    document: UUID
    version: UUID
    ordinal: int
    sensitivity: int
    facts: Facts


@dataclass(frozen=True, slots=True)
class DenseQuery:
    """Nearest by cosine; scores lie in -1..1, higher is nearer. `among` are the only points to be looked at."""

    vector: npt.NDArray[np.float32]
    among: frozenset[UUID] | None = None


@dataclass(frozen=True, slots=True)
class SparseQuery:
    """Sum of query weight × passage weight × IDF over shared terms; scores are at least 0, higher is better."""

    indices: tuple[int, ...]
    values: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Scored:
    """One point that matched. Which chunk it is: (version, ordinal)."""

    version: UUID
    ordinal: int
    score: float


class VectorIndex(Protocol):
    """An index of chunks for one embedder; `name` identifies it (see `index_name`).

    Raises:
        IndexUnavailable: the engine cannot be reached or opened; every method may raise it.
    """

    def upsert(self, points: Sequence[Point]) -> None:
        """Writes or overwrites; durable when it returns."""
        ...

    def delete_version(self, version: UUID) -> None: ...

    def delete_stale(self, version: UUID, *, keep: int) -> None:
        """Drops the version's points whose ordinal is `keep` or more, left by an earlier, longer run."""
        ...

    def relabel(self, version: UUID, sensitivities: Sequence[int]) -> None:
        """Sets the sensitivity of the version's points; `sensitivities[i]` is for ordinal i."""
        ...

    def describe(self, version: UUID, facts: Facts) -> None:
        """Sets the facts of all points of the version."""
        ...

    def shelve(self, version: UUID, collection: int) -> None:
        """Sets the collection of all points of the version, and so who finds them."""
        ...

    def search(
        self, query: DenseQuery | SparseQuery, *, scope: Scope, narrowing: Narrowing, limit: int
    ) -> list[Scored]:
        """The best first; only points inside both scope and narrowing."""
        ...

    def vectors(self, points: Sequence[UUID]) -> list[npt.NDArray[np.float32]]:
        """The dense vectors of these points, each of shape (d,) and unit length; points that are gone are left out."""
        ...

    def count(self) -> int: ...

    def versions(self) -> Iterable[tuple[UUID, int]]:
        """Each version that has points, with how many: for reconciling against SQL."""
        ...

    def clear(self) -> None: ...

    def close(self) -> None: ...
