"""Workbooks: a second-level heading begins a sheet, and cells that look like numbers are numbers."""

import io
import re

from openpyxl import Workbook
from openpyxl.styles import Font
from openpyxl.worksheet.worksheet import Worksheet

from kb.sample.manuscript import Block, Heading, Item, Manuscript, Paragraph, Table
from kb.sample.writers.office import settle

NUMBER = re.compile(r"-?\d+(\.\d+)?")
COLUMN_WIDTH = 24


def write_xlsx(manuscript: Manuscript) -> bytes:
    book = Workbook()
    book.remove(book.active)
    book.properties.title = manuscript.title
    book.properties.creator = manuscript.author
    for block in manuscript.blocks:
        if isinstance(block, Heading):
            book.create_sheet(block.text)
        else:
            _append(book.worksheets[-1], block)
    stream = io.BytesIO()
    book.save(stream)
    return settle(stream.getvalue(), manuscript.written)


def _append(sheet: Worksheet, block: Block) -> None:
    match block:
        case Table(header, rows):
            _append_table(sheet, header, rows)
        case Paragraph(text) | Item(text):
            sheet.append([text])


def _append_table(sheet: Worksheet, header: tuple[str, ...], rows: tuple[tuple[str, ...], ...]) -> None:
    sheet.append(header)
    for cell in sheet[sheet.max_row]:
        cell.font = Font(bold=True)
        sheet.column_dimensions[cell.column_letter].width = COLUMN_WIDTH
    for row in rows:
        sheet.append([_value(text) for text in row])


def _value(text: str) -> str | int | float:
    if not NUMBER.fullmatch(text):
        return text
    return float(text) if "." in text else int(text)
