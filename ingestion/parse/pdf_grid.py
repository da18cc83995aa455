"""The cells of a ruled table of a PDF as rows of text."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from ingestion.parse.clean import flow
from ingestion.parse.pdf_headers import Span
from ingestion.parse.pdf_place import Frame

if TYPE_CHECKING:
    from pdfplumber.table import Table

    from ingestion.parse.pdf_drawn import DrawnPage

BEFORE = frozenset("$€£¥")
AFTER = frozenset({"%", ")", ")%"})
"""Signs that stand in cells of their own, beside the amounts that they belong to."""


@dataclass(frozen=True, slots=True)
class Grid:
    """Rows of equal length, and where their columns are. No column is empty."""

    rows: tuple[tuple[str, ...], ...]
    columns: tuple[Span, ...]


def grid_of(page: "DrawnPage", table: "Table") -> Grid:
    rows = [_joined([_text(page, cell) for cell in row.cells]) for row in table.rows]
    kept = [i for i in range(len(table.columns)) if any(row[i] for row in rows)]
    edges = [table.columns[i].bbox[0] for i in kept] + [table.bbox[2]]
    return Grid(
        tuple(tuple(row[i] for i in kept) for row in rows if any(row)),
        tuple(Span(left, right) for left, right in pairwise(edges)),
    )


def _text(page: "DrawnPage", cell: tuple[float, float, float, float] | None) -> str:
    return flow(page.text_in(Frame(*cell))) if cell else ""


def _joined(cells: Sequence[str]) -> list[str]:
    """The row with each sign in the cell of its amount."""
    joined = list(cells)
    for i, (cell, after) in enumerate(pairwise(cells)):
        if cell in BEFORE and after:
            joined[i], joined[i + 1] = cell + after, ""
        elif after in AFTER and joined[i]:
            joined[i], joined[i + 1] = joined[i] + after, ""
    return joined
