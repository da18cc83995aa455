"""A sheet with a cell far away from the others, drawn together.

What reads a workbook makes a grid that reaches to the farthest cell: one cell in the last row and column of a sheet
makes 17 billion of it.
"""

import re
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING
from zipfile import ZipFile

from ingestion.parse.bounds.package import SHEETS
from ingestion.parse.hidden.package import part, rewritten

if TYPE_CHECKING:
    from lxml.etree import _Element as Xml

S = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
PLACE = re.compile(rb'<(?:\w+:)?c\b[^>]*?\br="([A-Z]{1,3})(\d{1,7})"')
LARGE = 10_000_000
"""Cells of a grid that is looked at; smaller ones cost little."""
SPREAD = 50
"""Times its own cells that the grid of an honest sheet may have."""


def drawn_together(path: Path) -> Path:
    """The workbook without the long stretches of empty rows and columns: `path` itself, or a new file beside it."""
    with ZipFile(path) as package:
        sheets = [name for name in package.namelist() if name.startswith(SHEETS) and name.endswith(".xml")]
        far = [name for name in sheets if _is_far(package.read(name))]
        parts = {name: _compact(part(package, name)) for name in far}
    return rewritten(path, parts) if parts else path


def _is_far(sheet: bytes) -> bool:
    places = PLACE.findall(sheet)
    if not places:
        return False
    grid = max(int(row) for _, row in places) * max(_number(column.decode()) for column, _ in places)
    return grid > max(LARGE, SPREAD * len(places))


def _compact(sheet: "Xml") -> "Xml":
    cells = [cell for cell in sheet.iter(f"{S}c") if cell.get("r")]
    for cell in [cell for cell in cells if not len(cell)]:
        cell.getparent().remove(cell)
    places = {cell: _place(cell) for cell in cells if len(cell)}
    columns = _closer(column for column, _ in places.values())
    rows = _closer(row for _, row in places.values())
    for cell, (column, row) in places.items():
        cell.set("r", f"{_letters(columns[column])}{rows[row]}")
        cell.getparent().set("r", str(rows[row]))
    for row in [row for row in sheet.iter(f"{S}row") if not len(row)]:
        row.getparent().remove(row)
    # They speak of places that are no more.
    for name in ("dimension", "mergeCells", "cols"):
        for element in sheet.findall(f"{S}{name}"):
            sheet.remove(element)
    return sheet


def _closer(used: Iterable[int]) -> dict[int, int]:
    """New numbers for those in use, from 1 on. Of free ones in between one stays, which keeps tables apart."""
    new, last, at = dict[int, int](), 0, 0
    for number in sorted(set(used)):
        at += min(number - last, 2)
        new[number], last = at, number
    return new


def _place(cell: "Xml") -> tuple[int, int]:
    """Column and row."""
    name = str(cell.get("r"))
    letters = name.rstrip("0123456789")
    return _number(letters), int(name[len(letters) :])


def _number(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - ord("A") + 1
    return number


def _letters(number: int) -> str:
    letters = ""
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters
