"""What the index owner and its clients say to each other."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from kb.index.protocol import VectorIndex


@dataclass(frozen=True, slots=True)
class Call:
    """`method` is an `operator.methodcaller` that the owner applies to the index of that name."""

    index: str
    method: Callable[[VectorIndex], Any]


@dataclass(frozen=True, slots=True)
class Reply:
    """`failure` is the sentence of an `IndexUnavailable`; without one, `value` is what the method returned."""

    value: Any = None
    failure: str | None = None
