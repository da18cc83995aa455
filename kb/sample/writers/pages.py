"""PDF documents: headings by size, ruled tables, a running foot."""

from datetime import UTC

from fpdf import FPDF
from fpdf.enums import XPos, YPos
from fpdf.fonts import FontFace

from kb.sample.manuscript import Block, Heading, Item, Manuscript, PageBreak, Paragraph, Table
from kb.sample.writers.office import at_noon

FONT = "Helvetica"
BULLET = "•"
BODY_SIZE, FOOT_SIZE = 10.5, 8.0
"""Points."""
HEADING_SIZES = {1: 20.0, 2: 15.0, 3: 12.0}
"""Points, by level."""
LINE = 5.4
MARGIN = 22.0
INDENT = 6.0
"""Millimetres, like all lengths below."""
NARROWEST, WIDEST = 10, 45
"""Characters that a column counts for when the width of a table is shared out."""


class _Pages(FPDF):
    def __init__(self, foot: str) -> None:
        super().__init__()
        self.foot = foot
        # The built-in fonts know more than Latin-1: this adds the euro sign, dashes and quotation marks.
        self.core_fonts_encoding = "cp1252"
        self.set_margins(MARGIN, MARGIN)
        self.set_auto_page_break(auto=True, margin=MARGIN)

    def footer(self) -> None:
        self.set_y(-15)
        self.set_font(FONT, size=FOOT_SIZE)
        self.cell(0, LINE, f"{self.foot}  |  Page {self.page_no()} of {{nb}}", align="C")


def write_pdf(manuscript: Manuscript) -> bytes:
    pages = _Pages(f"Keldmere Filtration  |  {manuscript.title}")
    pages.set_title(manuscript.title)
    pages.set_author(manuscript.author)
    pages.set_lang(manuscript.language)
    pages.set_creation_date(at_noon(manuscript.written).replace(tzinfo=UTC))
    pages.add_page()
    for block in manuscript.blocks:
        _set(pages, block)
    return bytes(pages.output())


def _set(pages: FPDF, block: Block) -> None:
    match block:
        case Heading(level, text):
            _set_heading(pages, text, HEADING_SIZES[level])
        case Paragraph(text):
            _set_text(pages, text)
            pages.ln(LINE / 2)
        case Item(text, number):
            _set_item(pages, text, BULLET if number is None else f"{number}.")
        case Table():
            _set_table(pages, block)
        case PageBreak():
            pages.add_page()


def _set_heading(pages: FPDF, text: str, size: float) -> None:
    # A heading never stands alone at the foot of a page.
    if pages.will_page_break(size + 3 * LINE):
        pages.add_page()
    pages.ln(LINE / 2)
    pages.set_font(FONT, style="B", size=size)
    pages.multi_cell(0, size / 2, text, align="L", new_x=XPos.LMARGIN, new_y=YPos.NEXT)
    pages.ln(LINE / 2)


def _set_text(pages: FPDF, text: str) -> None:
    pages.set_font(FONT, size=BODY_SIZE)
    pages.multi_cell(0, LINE, text, align="L", new_x=XPos.LMARGIN, new_y=YPos.NEXT)


def _set_item(pages: FPDF, text: str, marker: str) -> None:
    pages.set_font(FONT, size=BODY_SIZE)
    pages.cell(INDENT, LINE, marker)
    pages.multi_cell(0, LINE, text, align="L", new_x=XPos.LMARGIN, new_y=YPos.NEXT)
    pages.ln(1)


def _set_table(pages: FPDF, table: Table) -> None:
    pages.set_font(FONT, size=BODY_SIZE - 1)
    bold = FontFace(emphasis="BOLD")
    with pages.table(
        col_widths=_shares(table), headings_style=bold, text_align="LEFT", line_height=LINE, padding=1
    ) as grid:
        for row in (table.header, *table.rows):
            grid.row(row)
    pages.ln(LINE)


def _shares(table: Table) -> tuple[int, ...]:
    """How wide the columns are to one another: as their longest cells, within reason."""
    columns = zip(table.header, *table.rows, strict=True)
    return tuple(min(max(max(map(len, column)), NARROWEST), WIDEST) for column in columns)
