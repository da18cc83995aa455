"""Ruled tables of a PDF: which pages may have one, and the blocks with their tables put in."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING

from ingestion.parse import clean
from ingestion.parse.elements import Element, Kind
from ingestion.parse.tables import pipe_table
from ingestion.parse.xberg_engine import Block, Box

if TYPE_CHECKING:
    from pdfplumber.page import Page
    from pypdfium2 import PdfDocument, PdfObject

FEWEST_RULES = 2
"""Of rules across and of rules down; a page with fewer of either has no grid."""

FEWEST_BOXES = 4
"""Drawn boxes that may be cells."""

MOST_LOST = 0.1
"""Share of the words between a table's top and bottom that it may lack, for they may be cut differently."""

THIN = 2
"""Points; a thinner path is a rule, a longer one is drawn on purpose."""

SEGMENTS_OF_A_GRID = 16
"""In one path; a box has five, a grid of two rows and two columns drawn in one stroke more."""

RIGHT_TO_LEFT = re.compile("[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufeff]")
"""Hebrew and Arabic, whose letters pdfplumber gives in the order of the page, backwards."""

FEWEST_CELLS = 2
"""Rows and columns; fewer is a frame or an underlined line."""


@dataclass(frozen=True, slots=True)
class RuledTable:
    """`top` and `bottom` are points from the top of the page."""

    text: str
    top: float
    bottom: float


def ruled_pages(document: "PdfDocument") -> frozenset[int]:
    """Pages, counted from 1, on which a grid is drawn: pdfplumber takes a quarter of a second for each."""
    from pypdfium2.raw import FPDF_PAGEOBJ_PATH

    found = set()
    for number, page in enumerate(document, start=1):
        if _has_grid(page.get_objects(filter=[FPDF_PAGEOBJ_PATH], max_depth=3)):
            found.add(number)
        page.close()
    return frozenset(found)


def _has_grid(paths: "Iterable[PdfObject]") -> bool:
    from pypdfium2.raw import FPDFPath_CountSegments

    across = down = boxes = 0
    for path in paths:
        if FPDFPath_CountSegments(path) >= SEGMENTS_OF_A_GRID:
            return True
        left, bottom, right, top = path.get_bounds()
        width, height = right - left, top - bottom
        across += height <= THIN < width
        down += width <= THIN < height
        boxes += width > THIN and height > THIN
        if boxes >= FEWEST_BOXES or min(across, down) >= FEWEST_RULES:
            return True
    return False


def with_tables(path: Path, blocks: Sequence[Block], pages: frozenset[int]) -> list[Element]:
    """The blocks' elements, with each ruled table in the place of the text that it holds."""
    if not pages:
        return [block.element for block in blocks]
    import pdfplumber  # Slow to load, and slow on a page: only for documents with rules.

    elements: list[Element] = []
    with pdfplumber.open(path) as document:
        for number, group in groupby(blocks, key=lambda block: block.element.page):
            if number in pages and number is not None:
                page = document.pages[number - 1]
                elements += _laid_out(page, list(group))
                page.close()
            else:
                elements += [block.element for block in group]
    return elements


def _laid_out(page: "Page", blocks: Sequence[Block]) -> Iterator[Element]:
    tables = [table for table in _tables(page) if _is_whole(page, table, blocks)]
    placed: set[RuledTable] = set()
    for block in blocks:
        touched = _touched(page, block, tables)
        if block.box and touched:
            new = [table for table in touched if table not in placed]
            yield from _around(page, block.box, touched, new)
            placed.update(new)
        else:
            yield block.element


def _is_whole(page: "Page", table: RuledTable, blocks: Sequence[Block]) -> bool:
    """Whether the table has what its blocks say: one without rules at its sides loses its outer columns."""
    boxes = [block.box for block in blocks if block.box and _touched(page, block, [table])]
    if not boxes:
        return False
    left, right = min(box.left for box in boxes), max(box.right for box in boxes)
    said = Counter(_text_at(page, Box(left, table.bottom, right, table.top)).split())
    return (said - Counter(table.text.split())).total() <= MOST_LOST * said.total()


def _touched(page: "Page", block: Block, tables: Sequence[RuledTable]) -> list[RuledTable]:
    return [table for table in tables if block.box and _overlap(page, block.box, table)]


def _tables(page: "Page") -> list[RuledTable]:
    found = []
    for table in page.find_tables():
        if text := _text(table.extract()):
            found.append(RuledTable(text, top=table.bbox[1], bottom=table.bbox[3]))
    return sorted(found, key=lambda table: table.top)


def _text(rows: Sequence[Sequence[str | None]]) -> str:
    filled = [[cell for cell in row if cell and cell.strip()] for row in rows]
    wide = sum(len(row) >= FEWEST_CELLS for row in filled)
    text = pipe_table(rows) if wide >= FEWEST_CELLS else ""
    return "" if RIGHT_TO_LEFT.search(text) else text


def _overlap(page: "Page", box: Box, table: RuledTable) -> bool:
    top, bottom = page.height - box.top, page.height - box.bottom
    shared = min(bottom, table.bottom) - max(top, table.top)
    return bool(shared > 0.5 * min(bottom - top, table.bottom - table.top))


def _around(
    page: "Page", box: Box, tables: Sequence[RuledTable], new: Sequence[RuledTable]
) -> Iterator[Element]:
    """What a block says above, between and below the tables that it touches, and those not yet placed."""
    number, cursor = page.page_number, page.height - box.top
    for table in tables:
        if above := _lines(page, cursor, table.top):
            yield Element(Kind.PARAGRAPH, above, number)
        if table in new:
            yield Element(Kind.TABLE, table.text, number)
        cursor = max(cursor, table.bottom)
    if below := _lines(page, cursor, page.height - box.bottom):
        yield Element(Kind.PARAGRAPH, below, number)


def _lines(page: "Page", top: float, bottom: float) -> str:
    return clean.flow(_text_at(page, Box(page.bbox[0], bottom, page.bbox[2], top)))


def _text_at(page: "Page", place: Box) -> str:
    """The text at a place, in points from the top of the page, as far as it is on the page."""
    left, top, right, bottom = page.bbox
    inside = (max(place.left, left), max(place.top, top), min(place.right, right), min(place.bottom, bottom))
    if inside[2] - inside[0] < 1 or inside[3] - inside[1] < 1:
        return ""
    text: str = page.crop(inside, strict=False).extract_text()
    return text
