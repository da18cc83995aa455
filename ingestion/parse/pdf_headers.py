"""What heads the columns of a ruled table when it stands above the rules, as in the statements of companies."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby

from ingestion.parse.pdf_place import Frame

LINES = 4
"""The most that head a table."""
LINE_GAP = 1.0
"""Heights of a line that may lie between two of them, and between the last one and the table."""
WORD_GAP = 0.8
"""Heights of a line; words that are farther apart belong to different columns."""

AMOUNT = re.compile(r"[-–—$€£¥(+]*\s*\d[\d.,’ ]*\s*[%)]*|[-–—]")
YEAR = re.compile(r"(?:19|20)\d\d")


@dataclass(frozen=True, slots=True)
class Span:
    """From left to right, in points."""

    left: float
    right: float

    def overlaps(self, other: "Span") -> bool:
        return min(self.right, other.right) > max(self.left, other.left)


@dataclass(frozen=True, slots=True)
class Word:
    text: str
    frame: Frame


@dataclass(frozen=True, slots=True)
class Phrase:
    """Words of one line that belong together."""

    text: str
    span: Span


@dataclass(frozen=True, slots=True)
class Header:
    """One cell a column, and where it begins."""

    cells: tuple[str, ...]
    top: float


def heads_nothing(row: Sequence[str]) -> bool:
    """Whether a row holds amounts, or nothing beside its first cell, and so cannot head the others."""
    cells = [cell for cell in row[1:] if cell]
    return not cells or any(AMOUNT.fullmatch(cell) and not YEAR.fullmatch(cell) for cell in cells)


def header_above(words: Iterable[Word], top: float, columns: Sequence[Span]) -> Header | None:
    """The lines right above a table that starts at `top` and stand over its columns; None when there are none."""
    cells: list[list[str]] = [[] for _ in columns]
    begins = top
    for line in _lines_above(words, top)[:LINES]:
        height = max(word.frame.bottom - word.frame.top for word in line)
        phrases = _phrases(line, height * WORD_GAP)
        below = begins - max(word.frame.bottom for word in line)
        if below > height * LINE_GAP or not _heads(phrases, columns):
            break
        begins = min(word.frame.top for word in line)
        for cell, column in zip(cells, columns, strict=True):
            cell[:0] = [phrase.text for phrase in phrases if phrase.span.overlaps(column)]
    return Header(tuple(" ".join(cell) for cell in cells), begins) if begins < top else None


def _lines_above(words: Iterable[Word], top: float) -> list[list[Word]]:
    """The lowest one first, each from left to right."""
    above = [word for word in words if word.frame.bottom <= top + 1]
    above.sort(key=lambda word: (-round(word.frame.bottom), word.frame.left))
    return [list(line) for _, line in groupby(above, key=lambda word: round(word.frame.bottom))]


def _phrases(line: Sequence[Word], gap: float) -> list[Phrase]:
    phrases: list[Phrase] = []
    for word in line:
        span = Span(word.frame.left, word.frame.right)
        if phrases and span.left - phrases[-1].span.right <= gap:
            before = phrases.pop()
            phrases.append(Phrase(f"{before.text} {word.text}", Span(before.span.left, span.right)))
        else:
            phrases.append(Phrase(word.text, span))
    return phrases


def _heads(phrases: Sequence[Phrase], columns: Sequence[Span]) -> bool:
    """Whether something stands over the values, and nothing runs on from the first column into them as prose does."""
    first = columns[0].right
    over_values = [phrase for phrase in phrases if phrase.span.left >= first - 1]
    return bool(over_values) and all(
        phrase in over_values or phrase.span.right <= first + 1 for phrase in phrases
    )
