"""Rows of pipe tables, read out: “Hotel, Germany — 2026: €140; 2023: €120” says what its row alone does not."""

import re
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
            found.append(_statement(_read_out(header, _cells(sentence.text)), sentence))
    return found


def _statement(text: str, sentence: Sentence) -> Statement:
    return Statement(text, sentence.text, sentence.start, sentence.end)


def _cells(row: str) -> list[str]:
    cells = BAR.split(row.strip().strip("|"))
    return [EMPHASIS.sub("", cell).replace("\\|", "|").strip() for cell in cells]


def _read_out(header: list[str], cells: list[str]) -> str:
    """“first cell — column: cell; column: cell”, leaving out what is empty."""
    named = [
        f"{name}: {cell}" if name else cell for name, cell in zip(header[1:], cells[1:], strict=False) if cell
    ]
    return f"{cells[0]} — {'; '.join(named)}" if cells[0] and named else cells[0] or "; ".join(named)
