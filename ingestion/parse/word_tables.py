"""Word tables made plain before xberg reads them: it gives a merged cell once, and a table in a cell as a line."""

from copy import deepcopy
from pathlib import Path
from typing import TYPE_CHECKING
from zipfile import ZipFile

from ingestion.parse.hidden.package import part, rewritten

if TYPE_CHECKING:
    from lxml.etree import _Element as Xml

DOCUMENT = "word/document.xml"
W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
WIDEST = 63
"""Columns of a table in Word, at most."""


def with_whole_tables(path: Path) -> Path:
    """The file itself, or one beside it, in which each place of a table has a cell of its own."""
    with ZipFile(path) as archive:
        document = part(archive, DOCUMENT)
    tables = list(document.iter(f"{W}tbl"))
    if not tables:
        return path
    for table in tables:
        _unwrap(table)
    for table in document.iter(f"{W}tbl"):
        _fill(table)
    return rewritten(path, {DOCUMENT: document})


def _unwrap(table: "Xml") -> None:
    """A table with one cell only frames what is in it."""
    cells = [cell for row in table.iterchildren(f"{W}tr") for cell in row.iterchildren(f"{W}tc")]
    parent = table.getparent()
    if len(cells) == 1 and parent is not None:
        place = parent.index(table)
        parent[place : place + 1] = [each for each in cells[0] if each.tag != f"{W}tcPr"]


def _fill(table: "Xml") -> None:
    """Each cell as often as it spans columns and rows."""
    above: list[Xml] = []
    for row in table.iterchildren(f"{W}tr"):
        cells: list[Xml] = [_empty(table) for _ in range(_number(row.find(f"{W}trPr/{W}gridBefore"), 0))]
        for cell in list(row.iterchildren(f"{W}tc")):
            goes_on = _goes_on(cell) and len(cells) < len(above)
            source = above[len(cells)] if goes_on else cell
            cells += [deepcopy(source) for _ in range(_number(cell.find(f"{W}tcPr/{W}gridSpan"), 1))]
            row.remove(cell)
        for cell in cells:
            _forget_spans(cell)
        row.extend(cells)
        above = cells


def _empty(table: "Xml") -> "Xml":
    cell = table.makeelement(f"{W}tc", {}, None)
    cell.append(table.makeelement(f"{W}p", {}, None))
    return cell


def _goes_on(cell: "Xml") -> bool:
    """Whether it is a part of the cell above: ECMA-376 part 1, 17.4.84."""
    merge = cell.find(f"{W}tcPr/{W}vMerge")
    return merge is not None and merge.get(f"{W}val", "continue") == "continue"


def _number(element: "Xml | None", default: int) -> int:
    value = "" if element is None else element.get(f"{W}val", "")
    return min(int(value), WIDEST) if value.isdecimal() else default


def _forget_spans(cell: "Xml") -> None:
    for name in ("gridSpan", "vMerge"):
        for each in cell.findall(f"{W}tcPr/{W}{name}"):
            each.getparent().remove(each)
