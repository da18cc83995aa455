"""Slide decks: a second-level heading begins a slide."""

import io

from pptx import Presentation
from pptx.presentation import Presentation as Deck
from pptx.slide import Slide
from pptx.util import Emu, Inches, Pt

from kb.sample.manuscript import Block, Heading, Item, Manuscript, Paragraph, Table
from kb.sample.writers.office import settle

TITLE_LAYOUT, CONTENT_LAYOUT, TITLE_ONLY_LAYOUT = 0, 1, 5
TABLE_LEFT, TABLE_TOP, TABLE_WIDTH, ROW_HEIGHT = Inches(0.5), Inches(1.6), Inches(9), Inches(0.4)
NOTE_LEFT, NOTE_GAP, NOTE_HEIGHT = Inches(0.5), Inches(0.2), Inches(1.2)
CELL_SIZE, NOTE_SIZE, BODY_SIZE = Pt(14), Pt(16), Pt(20)


def write_pptx(manuscript: Manuscript) -> bytes:
    deck = Presentation()
    deck.core_properties.title = manuscript.title
    deck.core_properties.author = manuscript.author
    for heading, content in _slides(manuscript.blocks):
        _add_slide(deck, heading, content)
    stream = io.BytesIO()
    deck.save(stream)
    return settle(stream.getvalue(), manuscript.written)


def _slides(blocks: tuple[Block, ...]) -> list[tuple[Heading, list[Block]]]:
    slides: list[tuple[Heading, list[Block]]] = []
    for block in blocks:
        if isinstance(block, Heading):
            slides.append((block, []))
        else:
            slides[-1][1].append(block)
    return slides


def _add_slide(deck: Deck, heading: Heading, content: list[Block]) -> None:
    table = next((block for block in content if isinstance(block, Table)), None)
    lines = [block.text for block in content if isinstance(block, Paragraph | Item)]
    layout = TITLE_LAYOUT if heading.level == 1 else TITLE_ONLY_LAYOUT if table else CONTENT_LAYOUT
    slide = deck.slides.add_slide(deck.slide_layouts[layout])
    slide.shapes.title.text = heading.text
    if table:
        _add_table(slide, table)
        _add_note(slide, lines, below=len(table.rows) + 1)
    else:
        _fill_body(slide, lines)


def _fill_body(slide: Slide, lines: list[str]) -> None:
    frame = slide.placeholders[1].text_frame
    frame.text = "\n".join(lines)
    for paragraph in frame.paragraphs:
        paragraph.font.size = BODY_SIZE


def _add_table(slide: Slide, table: Table) -> None:
    rows = (table.header, *table.rows)
    height = Emu(ROW_HEIGHT * len(rows))
    frame = slide.shapes.add_table(len(rows), len(table.header), TABLE_LEFT, TABLE_TOP, TABLE_WIDTH, height)
    for row, texts in zip(frame.table.rows, rows, strict=True):
        for cell, text in zip(row.cells, texts, strict=True):
            cell.text = text
            cell.text_frame.paragraphs[0].font.size = CELL_SIZE


def _add_note(slide: Slide, lines: list[str], *, below: int) -> None:
    """Puts the lines under a table of `below` rows."""
    top = Emu(TABLE_TOP + ROW_HEIGHT * below + NOTE_GAP)
    frame = slide.shapes.add_textbox(NOTE_LEFT, top, TABLE_WIDTH, NOTE_HEIGHT).text_frame
    frame.word_wrap = True
    frame.text = "\n".join(lines)
    for paragraph in frame.paragraphs:
        paragraph.font.size = NOTE_SIZE
