"""A kind of hostile file, and what must become of it."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from ingestion.parse.bounds import MEGABYTE, Bounds
from ingestion.parse.elements import Hiding

BOUNDS = Bounds(
    entries=500, unpacked=16 * MEGABYTE, markup=4 * MEGABYTE, cells=10_000, line=MEGABYTE, pixels=1_000_000
)
"""Small ones, so that the files which break them are quick to write."""


@dataclass(frozen=True, slots=True)
class Read:
    """It is read, and its text holds `says` and does not hold `never`. `warns` is part of a warning."""

    says: str = ""
    never: str = ""
    warns: str = ""
    hides: Hiding | None = None


@dataclass(frozen=True, slots=True)
class Refused:
    """Nothing of it is read; the sentence holds these words."""

    because: str


@dataclass(frozen=True, slots=True)
class Ends:
    """Whether it can be read depends on how much a parser forgives; it ends soon, with text or a sentence."""


Fate = Read | Refused | Ends


@dataclass(frozen=True, slots=True)
class Kind:
    """`name` is what its owner calls the file; `write` makes it at a path."""

    name: str
    write: Callable[[Path], object]
    fate: Fate

    def __str__(self) -> str:
        return self.write.__name__
