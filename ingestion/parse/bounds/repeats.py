"""OpenDocument tables: a row or a cell is written once and says how often it is there."""

from dataclasses import dataclass
from xml.parsers.expat import ExpatError, ParserCreate

from ingestion.parse.bounds import Bounds
from kb.errors import Unreadable

TABLE = "urn:oasis:names:tc:opendocument:xmlns:table:1.0 "
TEXT = "urn:oasis:names:tc:opendocument:xmlns:text:1.0 "
ROW, CELL = f"{TABLE}table-row", f"{TABLE}table-cell"
SAID = frozenset({f"{TEXT}p", f"{TEXT}h"})
ROWS_REPEATED, COLUMNS_REPEATED = f"{TABLE}number-rows-repeated", f"{TABLE}number-columns-repeated"
DIGITS = 9
"""Of a number; what has more is over any bound."""


def is_open_document(name: str) -> bool:
    """Whether a part of a package is the text of an OpenDocument file, or of an object inside one."""
    return name == "content.xml" or name.endswith("/content.xml")


@dataclass(slots=True)
class _Row:
    """`empty` are the cells since the last one that says something."""

    repeated: int
    cells: int = 0
    empty: int = 0


class RepeatCounter:
    """Counts cells block by block, with repeated ones as often as they are there.

    Empty rows count for nothing, and so do the empty cells at the end of a row: programs fill every sheet with them.
    """

    def __init__(self, bounds: Bounds) -> None:
        self._most = bounds.cells
        self._cells = 0
        self._rows = list[_Row]()
        self._broken = False
        self._parser = ParserCreate(namespace_separator=" ")
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end

    def feed(self, block: bytes) -> None:
        """
        Raises:
            Unreadable: there are more cells than one file may have.
        """
        if self._broken:
            return
        try:
            self._parser.Parse(block)
        except ExpatError:
            self._broken = True

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        if name == ROW:
            self._rows.append(_Row(_number(attributes.get(ROWS_REPEATED))))
        elif name == CELL and self._rows:
            self._rows[-1].empty += _number(attributes.get(COLUMNS_REPEATED))
        elif name in SAID and self._rows:
            row = self._rows[-1]
            row.cells, row.empty = row.cells + row.empty, 0

    def _end(self, name: str) -> None:
        if name != ROW:
            return
        row = self._rows.pop()
        self._cells += row.cells * row.repeated
        if self._cells > self._most:
            raise Unreadable(
                f"It has more than {self._most:,} cells with those that it repeats, and one file may have no more. "
                "Remove what is repeated, or split it."
            )


def _number(value: str | None) -> int:
    return int(value[:DIGITS]) if value and value.isascii() and value.isdigit() else 1
