"""Tables of a PDF, ruled or not: which pages may have one, and the blocks with their tables put in."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING

from ingestion.parse import clean
from ingestion.parse.elements import Element, Kind
from ingestion.parse.pdf_columns import column_tables, may_have_columns
from ingestion.parse.pdf_grid import grid_of
from ingestion.parse.pdf_headers import header_above, heads_nothing
from ingestion.parse.pdf_place import Frame
from ingestion.parse.pdf_right_to_left import LETTER
from ingestion.parse.tables import pipe_table
from ingestion.parse.xberg_engine import Block

if TYPE_CHECKING:
    from pdfplumber.table import Table
    from pypdfium2 import PdfDocument, PdfObject, PdfPage

    from ingestion.parse.pdf_drawn import DrawnPage

FEWEST_RULES = 2
"""Of rules across and of rules down; a page with fewer of either has no grid."""

DEPTH = 3
"""Levels of drawings inside drawings that are looked into."""

FEWEST_BOXES = 4
"""Drawn boxes that may be cells."""

MOST_LOST = 0.1
"""Share of the letters between a table's top and bottom that it may lack."""

LINE = 6
"""Points that a line of text takes at least; what shares less with a table only touches it."""

THIN = 2
"""Points; a thinner path is a rule, a longer one is drawn on purpose."""

SEGMENTS_OF_A_GRID = 16
"""In one path; a box has five, a grid of two rows and two columns drawn in one stroke more."""

MUCH_FULLER = 0.1
"""Share of its cells that a table holds more than another."""

FEWEST_CELLS = 2
"""Rows and columns; fewer is a frame or an underlined line."""


@dataclass(frozen=True, slots=True)
class PlacedTable:
    """Rows of equal length, and where they stand."""

    rows: tuple[tuple[str, ...], ...]
    frame: Frame

    @property
    def text(self) -> str:
        return pipe_table(self.rows)

    @property
    def filled(self) -> float:
        """The share of its cells that hold something."""
        return sum(bool(cell) for row in self.rows for cell in row) / sum(map(len, self.rows))


def with_tables(document: "PdfDocument", blocks: Sequence[Block]) -> list[Element]:
    """The blocks' elements, with each table in the place of the text that it holds."""
    elements: list[Element] = []
    for number, group in groupby(blocks, key=lambda block: block.element.page):
        own = list(group)
        drawn = _with_table(document[number - 1], own) if number else None
        elements += _laid_out(drawn, own) if drawn else [block.element for block in own]
    return elements


def _with_table(page: "PdfPage", blocks: Sequence[Block]) -> "DrawnPage | None":
    """The page, if rules or boxes are drawn on it that may make a table, or it says amounts enough for one."""
    from pypdfium2.raw import FPDF_PAGEOBJ_PATH

    paths = list(page.get_objects(filter=[FPDF_PAGEOBJ_PATH], max_depth=DEPTH))
    if not _makes_grid(paths) and not may_have_columns(block.element.text for block in blocks):
        return None
    from ingestion.parse.pdf_drawn import DrawnPage  # pdfplumber is slow to load.

    return DrawnPage(page, paths)


def _makes_grid(paths: "Iterable[PdfObject]") -> bool:
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


def _laid_out(page: "DrawnPage", blocks: Sequence[Block]) -> Iterator[Element]:
    tables = _tables(page, blocks)
    placed: set[PlacedTable] = set()
    for block in blocks:
        touched = _touched(page, block, tables)
        frame = _frame(page, block)
        if touched and frame:
            new = [table for table in touched if table not in placed]
            yield from _around(page, block.element.page, frame, touched, new)
            placed.update(new)
        else:
            yield block.element


def _is_whole(page: "DrawnPage", table: PlacedTable, blocks: Sequence[Block]) -> bool:
    """Whether the table has what its blocks say: one without rules at its sides loses its outer columns."""
    frames = [frame for block in blocks if _touched(page, block, [table]) and (frame := _frame(page, block))]
    if not frames:
        return False
    left, right = min(frame.left for frame in frames), max(frame.right for frame in frames)
    said = _letters(page.text_in(table.frame._replace(left=left, right=right)))
    return (said - _letters(table.text)).total() <= MOST_LOST * said.total()


def _letters(text: str) -> "Counter[str]":
    return Counter("".join(text.split()))


def _frame(page: "DrawnPage", block: Block) -> Frame | None:
    return page.upright.frame(block.box) if block.box else None


def _touched(page: "DrawnPage", block: Block, tables: Sequence[PlacedTable]) -> list[PlacedTable]:
    frame = _frame(page, block)
    return [table for table in tables if frame and _overlap(frame, table.frame)]


def _tables(page: "DrawnPage", blocks: Sequence[Block]) -> list[PlacedTable]:
    """From top to bottom. Rules win, unless white space alone makes fuller rows of the same place: rules are drawn
    around amounts and their signs too."""
    unruled = [PlacedTable(table.rows, table.frame) for table in column_tables(page.words())]
    unruled = [table for table in unruled if _is_whole(page, table, blocks)]
    tables: list[PlacedTable] = []
    for ruled in filter(None, (_ruled(page, table) for table in page.tables())):
        rivals = [table for table in unruled if _overlap(table.frame, ruled.frame)]
        fuller = rivals and min(rival.filled for rival in rivals) > ruled.filled + MUCH_FULLER
        if not fuller and _is_whole(page, ruled, blocks):
            unruled = [table for table in unruled if table not in rivals]
            tables.append(ruled)
    return sorted([*tables, *unruled], key=lambda table: table.frame.top)


def _ruled(page: "DrawnPage", table: "Table") -> PlacedTable | None:
    frame = Frame(*table.bbox)
    grid = grid_of(page, table)
    wide = sum(sum(map(bool, row)) >= FEWEST_CELLS for row in grid.rows)
    # pdfplumber gives the letters in the order of the page, which for Hebrew and Arabic is backwards.
    if wide < FEWEST_CELLS or any(LETTER.search(cell) for row in grid.rows for cell in row):
        return None
    rows = grid.rows
    if heads_nothing(rows[0]) and (header := header_above(page.words_above(frame), frame.top, grid.columns)):
        rows, frame = (header.cells, *rows), frame._replace(top=header.top)
    return PlacedTable(rows, frame)


def _overlap(frame: Frame, table: Frame) -> bool:
    down = min(frame.bottom, table.bottom) - max(frame.top, table.top)
    across = min(frame.right, table.right) - max(frame.left, table.left)
    return across > 0 and down > min(LINE, 0.5 * min(frame.bottom - frame.top, table.bottom - table.top))


def _around(
    page: "DrawnPage",
    number: int | None,
    rest: Frame,
    tables: Sequence[PlacedTable],
    new: Sequence[PlacedTable],
) -> Iterator[Element]:
    """What a block says above, between and below the tables that it touches, and those not yet placed."""
    for table in tables:
        if above := _lines(page, rest._replace(bottom=table.frame.top)):
            yield Element(Kind.PARAGRAPH, above, number)
        if table in new:
            yield Element(Kind.TABLE, table.text, number)
        rest = rest._replace(top=max(rest.top, table.frame.bottom))
    if below := _lines(page, rest):
        yield Element(Kind.PARAGRAPH, below, number)


def _lines(page: "DrawnPage", place: Frame) -> str:
    return clean.flow(page.text_in(place))
