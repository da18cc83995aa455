"""Word documents, with real heading, list and table styles."""

import io

from docx import Document
from docx.document import Document as WordDocument
from docx.enum.text import WD_BREAK

from kb.sample.manuscript import Block, Heading, Item, Manuscript, PageBreak, Paragraph, Table
from kb.sample.writers.office import settle


def write_docx(manuscript: Manuscript) -> bytes:
    document = Document()
    document.core_properties.title = manuscript.title
    document.core_properties.author = manuscript.author
    document.core_properties.language = manuscript.language
    for block in manuscript.blocks:
        _add(document, block)
    stream = io.BytesIO()
    document.save(stream)
    return settle(stream.getvalue(), manuscript.written)


def _add(document: WordDocument, block: Block) -> None:
    match block:
        case Heading(1, text):
            document.add_heading(text, level=0)
        case Heading(level, text):
            document.add_heading(text, level=level - 1)
        case Paragraph(text):
            document.add_paragraph(text)
        case Item(text, None):
            document.add_paragraph(text, style="List Bullet")
        case Item(text, number):
            # Word's own numbering would run on from one list to the next.
            document.add_paragraph(f"{number}. {text}", style="List Continue")
        case Table():
            _add_table(document, block)
        case PageBreak():
            document.add_paragraph().add_run().add_break(WD_BREAK.PAGE)


def _add_table(document: WordDocument, table: Table) -> None:
    grid = document.add_table(rows=0, cols=len(table.header), style="Table Grid")
    for row in (table.header, *table.rows):
        for cell, text in zip(grid.add_row().cells, row, strict=True):
            cell.text = text
    for cell in grid.rows[0].cells:
        cell.paragraphs[0].runs[0].bold = True
    document.add_paragraph()
