"""Rows of pipe tables, read out: “Hotel, Germany — 2026: €140; 2023: €120” says what its row alone does not."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from inference.sentences import Sentence

RULE = re.compile(r"^\s*\|?\s*:?-{2,}:?\s*(\|\s*:?-{2,}:?\s*)*\|?\s*$")
"""The line of dashes under a header row."""
BAR = re.compile(r"(?<!\\)\|")
"""Between cells; one with a backslash belongs to its cell."""
EMPHASIS = re.compile(r"\*\*|__|`")


@dataclass(frozen=True, slots=True)
class Statement:
    """Something that a chunk says: `text` as a reader should read it, `source` as it stands in the chunk.

    `source` is `chunk[start:end]`, in characters.
    """

    text: str
    source: str
    start: int
    end: int
    cells: tuple[tuple[str, str], ...] = ()
    """Of a row: pairs of a column's name and what stands there; the first cell names the row."""

    def only(self, columns: frozenset[str]) -> str:
        """The row read out with these of its columns alone."""
        return _read_out([cell for cell in self.cells[1:] if cell[0] in columns], self.cells[0][1])


def statements(sentences: list[Sentence]) -> list[Statement]:
    """Sentences as they stand, and rows with the names of their columns. Header rows state nothing."""
    found: list[Statement] = []
    header: list[str] | None = None
    for sentence in sentences:
        if not sentence.text.startswith("|"):
            header = None
            found.append(_statement(EMPHASIS.sub("", sentence.text), sentence))
        elif header is None:
            header = _cells(sentence.text)
        elif not RULE.match(sentence.text):
            cells = tuple(zip(header, _cells(sentence.text), strict=False))
            found.append(_statement(_read_out(cells[1:], cells[0][1]), sentence, cells))
    return found


def _statement(text: str, sentence: Sentence, cells: tuple[tuple[str, str], ...] = ()) -> Statement:
    return Statement(text, sentence.text, sentence.start, sentence.end, cells)


def _cells(row: str) -> list[str]:
    cells = BAR.split(row.strip().strip("|"))
    return [EMPHASIS.sub("", cell).replace("\\|", "|").strip() for cell in cells]


def _read_out(cells: Sequence[tuple[str, str]], row: str) -> str:
    """“row — column: cell; column: cell”, leaving out what is empty."""
    said = "; ".join(f"{name}: {cell}" if name else cell for name, cell in cells if cell)
    return f"{row} — {said}" if row and said else row or said
