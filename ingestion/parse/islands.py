"""The tables of a sheet: people put several on one, with titles above and nothing between them. Pure."""

import re
from collections.abc import Iterator, Sequence
from itertools import groupby

from ingestion.parse import clean
from ingestion.parse.elements import Element, Kind
from ingestion.parse.tables import pipe_table

Grid = Sequence[Sequence[str]]
Extent = tuple[int, int]

SHARED = 0.75
"""Of two blocks with a gap between them, the share of their common width from which they are one table."""
NUMBER = re.compile(r"[-+(]?[\d.,'\s]*\d[\d.,'\s]*[%)]?|\d{4}-\d\d-\d\d.*")
MOST_TURNS = 8
"""Times that a sheet is cut along rows and along columns."""


def sheet_elements(rows: Grid, page: int) -> Iterator[Element]:
    """Each table with its own header row; what stands above it in a line of its own, or alone, is a paragraph."""
    for island in islands(rows):
        titles, table = _titled(island)
        for title in titles:
            yield Element(Kind.PARAGRAPH, title, page)
        if table:
            yield Element(Kind.TABLE, pipe_table(table), page)


def islands(rows: Grid) -> list[Grid]:
    """The blocks of cells that stand apart, from top to bottom and from left to right."""
    width = max(map(len, rows), default=0)
    return list(_cut([[*row, *[""] * (width - len(row))] for row in rows], along_rows=True, turns=MOST_TURNS))


def _cut(grid: Grid, *, along_rows: bool, turns: int, whole: bool = False) -> Iterator[Grid]:
    """`whole`: the other direction has found no gap, so that this is the last try."""
    parts = _parts(grid, has_headers=along_rows)
    for part in parts:
        if len(parts) == 1 and (whole or not turns):
            yield part if along_rows else _turned(part)
        else:
            yield from _cut(_turned(part), along_rows=not along_rows, turns=turns - 1, whole=len(parts) == 1)


def _turned(grid: Grid) -> Grid:
    return list(zip(*grid, strict=True))


def _parts(grid: Grid, *, has_headers: bool) -> list[Grid]:
    """Runs of lines that hold something. Across a gap a table goes on if it is as wide and has no new header."""
    runs = [list(lines) for filled, lines in groupby(grid, key=any) if filled]
    parts: list[list[Sequence[str]]] = []
    extents: list[Extent] = []
    for run in runs:
        extent = _extent(run)
        begins = has_headers and len(run) > 1 and _is_header(run[0], run[1])
        if parts and not begins and _shared(extents[-1], extent) >= SHARED:
            parts[-1] += run
            extents[-1] = (min(extents[-1][0], extent[0]), max(extents[-1][1], extent[1]))
        else:
            parts.append(run)
            extents.append(extent)
    return list(parts)


def _extent(lines: Grid) -> Extent:
    places = [i for line in lines for i, cell in enumerate(line) if cell]
    return min(places), max(places) + 1


def _shared(one: Extent, other: Extent) -> float:
    common = min(one[1], other[1]) - max(one[0], other[0])
    return common / (max(one[1], other[1]) - min(one[0], other[0]))


def _is_header(first: Sequence[str], second: Sequence[str]) -> bool:
    """Words above numbers."""
    said = [cell for cell in first if cell]
    return len(said) > 1 and not any(map(NUMBER.fullmatch, said)) and any(map(NUMBER.fullmatch, second))


def _titled(rows: Grid) -> tuple[list[str], Grid]:
    """Titles above a table, and the table; none where nothing else is left."""
    first = next((number for number, row in enumerate(rows) if not _is_title(row)), len(rows))
    if len(rows[0]) == 1 < len(rows):
        first = 0  # A single column of values.
    return [clean.flow(row[0]) for row in rows[:first]], rows[first:]


def _is_title(row: Sequence[str]) -> bool:
    """A line that says one thing only, in its first cell or across all of them."""
    return bool(row[0]) and (not any(row[1:]) or (len(set(row)) == 1 and not NUMBER.fullmatch(row[0])))
