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
SPACE_OF_AMOUNTS = 0.5
"""Of that gap, between two amounts: “1 234” is one, and narrow columns of them stand close."""

AMOUNT = re.compile(r"[-–—$€£¥(+]*\s*\d[\d.,’ ]*\s*[%)]*|[-–—]")
YEAR = re.compile(r"(?:19|20)\d\d")


@dataclass(frozen=True, slots=True)
class Span:
    """From left to right, in points."""

    left: float
    right: float

    def overlaps(self, other: "Span") -> bool:
        return self.shared(other) > 0

    def shared(self, other: "Span") -> float:
        """Points that both cover; below 0, how far they are apart."""
        return min(self.right, other.right) - max(self.left, other.left)


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


def is_amount(text: str) -> bool:
    return bool(AMOUNT.fullmatch(text)) and not YEAR.fullmatch(text)


def heads_nothing(row: Sequence[str]) -> bool:
    """Whether a row holds amounts, or nothing beside its first cell, and so cannot head the others."""
    cells = [cell for cell in row[1:] if cell]
    return not cells or any(map(is_amount, cells))


def header_above(words: Iterable[Word], top: float, columns: Sequence[Span]) -> Header | None:
    """The lines right above a table that starts at `top` and stand over its columns; None when there are none."""
    cells: list[list[str]] = [[] for _ in columns]
    begins = top
    for line in _lines_above(words, top)[:LINES]:
        height = max(word.frame.bottom - word.frame.top for word in line)
        own = phrases(line, height * WORD_GAP)
        below = begins - max(word.frame.bottom for word in line)
        if below > height * LINE_GAP or not _heads(own, columns):
            break
        begins = min(word.frame.top for word in line)
        for place, cell in enumerate(cells):
            cell[:0] = [phrase.text for phrase in own if place in _stands_over(phrase, columns)]
    return Header(tuple(" ".join(cell) for cell in cells), begins) if begins < top else None


def _stands_over(phrase: Phrase, columns: Sequence[Span]) -> list[int]:
    """Places of the columns that it heads: those that it touches, or else the nearest."""
    touched = [place for place, column in enumerate(columns) if phrase.span.overlaps(column)]
    return touched or [max(range(len(columns)), key=lambda place: columns[place].shared(phrase.span))]


def _lines_above(words: Iterable[Word], top: float) -> list[list[Word]]:
    """The lowest one first, each from left to right."""
    above = [word for word in words if word.frame.bottom <= top + 1]
    above.sort(key=lambda word: (-round(word.frame.bottom), word.frame.left))
    return [list(line) for _, line in groupby(above, key=lambda word: round(word.frame.bottom))]


def phrases(line: Sequence[Word], gap: float) -> list[Phrase]:
    """The words from left to right, those together that no more than `gap` points part; half of that two amounts."""
    found: list[Phrase] = []
    for word in line:
        span = Span(word.frame.left, word.frame.right)
        near = gap * (SPACE_OF_AMOUNTS if found and is_amount(word.text) and is_amount(found[-1].text) else 1)
        if found and span.left - found[-1].span.right <= near:
            before = found.pop()
            found.append(Phrase(f"{before.text} {word.text}", Span(before.span.left, span.right)))
        else:
            found.append(Phrase(word.text, span))
    return found


def _heads(phrases: Sequence[Phrase], columns: Sequence[Span]) -> bool:
    """Whether something stands over the values, and nothing runs on from the first column into them as prose does."""
    first = columns[0].right
    reach = max(first + 1, (columns[1].left + columns[1].right) / 2) if len(columns) > 1 else first + 1
    over_values = [phrase for phrase in phrases if phrase.span.left >= first - 1]
    return bool(over_values) and all(
        phrase in over_values or phrase.span.right <= reach for phrase in phrases
    )
