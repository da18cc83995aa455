"""What a parser gives: the elements of a document in reading order, whatever the format was."""

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Protocol


class Kind(StrEnum):
    HEADING = "heading"
    PARAGRAPH = "paragraph"
    LIST_ITEM = "list-item"
    TABLE = "table"
    CODE = "code"


@dataclass(frozen=True, slots=True)
class Element:
    """A block of text. A table's text is a Markdown pipe table with its header row first."""

    kind: Kind
    text: str
    page: int | None = None
    """Counted from 1; a slide and a sheet are pages; None where the format has none."""
    level: int | None = None
    """Of a heading: 1 is the highest."""


class Hiding(StrEnum):
    """How text is kept from a reader."""

    UNSEEN = "unseen"
    """Drawn so that nothing of it can be seen: in the colour of what is behind it, transparent, or covered."""
    TINY = "tiny"
    OFF_PAGE = "off-page"
    CHARACTERS = "characters"
    """Written in characters that have no shape, or whose order on the screen is another."""
    FORMAT = "format"
    """Formatted as hidden, as word processors and web pages offer it."""
    SHEET = "sheet"
    SLIDE = "slide"
    COMMENT = "comment"
    PROPERTY = "property"


CONCEALED = frozenset({Hiding.UNSEEN, Hiding.TINY, Hiding.OFF_PAGE, Hiding.CHARACTERS})
"""What nobody does to text that others are meant to find; the rest is part of many harmless files."""


@dataclass(frozen=True, slots=True)
class Hidden:
    """Text that a reader does not see, or a part of it. It never becomes part of a passage."""

    how: Hiding
    text: str
    page: int | None = None


@dataclass(frozen=True, slots=True)
class Parsed:
    """A document as read. `title` is what the document calls itself, if it does.

    `language` is an ISO 639-1 code or None; `warnings` are sentences for the person who uploaded it.
    """

    elements: tuple[Element, ...]
    parser: str
    title: str | None = None
    pages: int | None = None
    language: str | None = None
    warnings: tuple[str, ...] = ()
    hidden: tuple[Hidden, ...] = ()

    @property
    def text(self) -> str:
        """All elements joined by blank lines: what character spans of chunks count in."""
        return "\n\n".join(element.text for element in self.elements)


class Parser(Protocol):
    """Reads one family of formats.

    Raises:
        Unreadable: the file is broken, encrypted, empty, or not what its name says.
    """

    fingerprint: str

    def parse(self, path: Path, *, media_type: str) -> Parsed: ...
