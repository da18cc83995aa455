"""Headings and titles where a document has them only as plain lines."""

import re
from collections.abc import Sequence
from itertools import takewhile

from ingestion.parse.clean import flow
from ingestion.parse.elements import Element, Kind

LONGEST_HEADING = 90
"""Characters. Numbered sentences are longer."""

FEWEST_LETTERS = 4
CAPITALS = 0.9
"""Share of the letters."""

LAST_BEFORE_TITLE = 3
"""Short lines, such as a company's name or a date, that may stand above the title."""

LONGEST_TITLE = 200
"""Characters."""

NUMBERED = re.compile(
    r"(?:(?:article|section|item|part|chapter|schedule|annex|appendix)\s+)?(\d+(?:\.\d+)*|[IVX]+)[.):]?\s+",
    re.I,
)
GARBAGE = re.compile(
    r"^(microsoft (word|powerpoint|excel)\b.*|untitled.*|(document|presentation|book|sheet|slide) ?\d*"
    r"|powerpoint presentation|.*\.(docx?|pptx?|xlsx?|pdf|indd|qxd|rtf|odt|html?|txt)|[\W\d]*|.{0,2})$",
    re.I,
)
"""Titles that programs write by themselves."""


def level_of(line: str) -> int | None:
    """The level of a numbered line in capitals, which can only be a heading; None when the line may be text."""
    number = NUMBERED.match(line) if len(line) <= LONGEST_HEADING and "\n" not in line else None
    if number is None:
        return None
    letters = [character for character in line[number.end() :] if character.isalpha()]
    shouted = sum(letter.isupper() for letter in letters) >= CAPITALS * len(letters)
    return number[1].count(".") + 1 if len(letters) >= FEWEST_LETTERS and shouted else None


def with_headings(elements: Sequence[Element]) -> tuple[Element, ...]:
    """Numbered paragraphs in capitals become headings, unless the document has headings of its own."""
    if any(each.kind is Kind.HEADING for each in elements):
        return tuple(elements)
    return tuple(_promoted(each) for each in elements)


def _promoted(element: Element) -> Element:
    level = level_of(element.text) if element.kind is Kind.PARAGRAPH else None
    return Element(Kind.HEADING, element.text, element.page, level) if level else element


def good_title(candidate: str | None) -> str | None:
    """The title on one line, or None when a program made it up."""
    title = flow(candidate or "")
    return None if GARBAGE.match(title) or len(title) > LONGEST_TITLE else title


def opening_heading(elements: Sequence[Element]) -> str | None:
    """The highest heading with which the document opens: what comes after real text titles only a part of it."""
    before = takewhile(_opens, enumerate(elements))
    headings = [each for _, each in before if each.kind is Kind.HEADING and not NUMBERED.match(each.text)]
    return min(headings, key=lambda each: each.level or 1).text if headings else None


def _opens(numbered: tuple[int, Element]) -> bool:
    position, element = numbered
    return element.kind is Kind.HEADING or (
        position < LAST_BEFORE_TITLE and len(element.text) <= LONGEST_HEADING
    )
