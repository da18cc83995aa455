"""What goes with the reading of one file: by which engine, how pictures of text are read, and who waits for it."""

from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass
from math import inf
from typing import Protocol

OnProgress = Callable[[int, int], None]
"""Is told the page that is being read, from 1, and how many there are."""


def unheard(page: int, pages: int) -> None:
    """For those who need not know."""


@dataclass(frozen=True, slots=True)
class Recognition:
    """`languages` are Tesseract's names joined by “+”; `most_pages` is how many pages of a file are recognised."""

    languages: str = "eng"
    most_pages: int = 100


ENGLISH = Recognition()


@dataclass(frozen=True, slots=True)
class Wanted:
    """How a file is to be read. `parser` is the dotted path of the only engine that may; any may where it is empty."""

    parser: str = ""
    recognition: Recognition = ENGLISH


ANYHOW = Wanted()


class Watch(Protocol):
    """Who waits for a file to be read."""

    def check(self) -> None:
        """Is called twice a second. What it raises ends the reading."""

    def progress(self, page: int, pages: int) -> None:
        """The page that is being read, from 1, and how many there are."""


class Patient:
    """Waits, and need not know."""

    def check(self) -> None: ...

    def progress(self, page: int, pages: int) -> None: ...


PATIENT = Patient()


@dataclass(frozen=True, slots=True)
class Reading:
    recognition: Recognition = ENGLISH
    on_progress: OnProgress = unheard
    until: float = inf
    """By the monotonic clock: what takes long stops then, so that what has been read is not lost."""


ALONE = Reading()
READING: ContextVar[Reading] = ContextVar("READING", default=ALONE)
"""Set by the child process. Parsers have no settings of their own."""
