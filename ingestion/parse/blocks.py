"""The blocks of an HTML tree in reading order: headings, paragraphs, list items, tables and code."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from ingestion.parse import clean
from ingestion.parse.elements import Element, Kind
from ingestion.parse.tables import Cell, laid_out, pipe_table

if TYPE_CHECKING:
    from lxml.html import HtmlElement

HEADINGS = {f"h{level}": level for level in range(1, 7)}
ITEMS = frozenset({"li", "dt", "dd"})
BREAKING = frozenset(
    {
        *HEADINGS,
        *ITEMS,
        *(
            "address",
            "article",
            "aside",
            "blockquote",
            "body",
            "button",
            "caption",
            "center",
            "details",
            "div",
        ),
        *("dl", "fieldset", "figcaption", "figure", "footer", "form", "header", "hgroup", "hr", "html"),
        *("legend", "main", "menu", "nav", "ol", "optgroup", "option", "p", "pre", "section", "select"),
        *("summary", "table", "tbody", "td", "textarea", "tfoot", "th", "thead", "tr", "ul"),
    }
)
"""Tags before and after which a browser begins a new line; all others run on."""
LONGEST_CELL = 1_000
"""Characters. What says more in a table without headers is a column of a page."""


def blocks(root: "HtmlElement") -> Iterator[Element]:
    """Everything that the tree says, once. Tables that only lay out a page give their cells as blocks."""
    return _Reader().read(root)


class _Reader:
    """Collects text until a block begins or ends."""

    def __init__(self) -> None:
        self._pieces: list[str] = []

    def read(self, root: "HtmlElement") -> Iterator[Element]:
        yield from self._inside(root, Kind.PARAGRAPH)
        yield from self._said(Kind.PARAGRAPH)

    def _inside(self, element: "HtmlElement", kind: Kind) -> Iterator[Element]:
        """`kind` is what text becomes that stands directly in the element."""
        self._add(element.text)
        for child in element:
            breaks = child.tag in BREAKING
            if breaks:
                yield from self._said(kind)
            if whole := _whole(child):
                yield from whole
            elif child.tag == "br":
                self._pieces.append("\n")
            else:
                inner = Kind.LIST_ITEM if child.tag in ITEMS else kind
                yield from self._inside(child, inner)
                if breaks:
                    yield from self._said(inner)
            self._add(child.tail)

    def _add(self, text: str | None) -> None:
        """In HTML a line end is a space."""
        self._pieces.append((text or "").replace("\n", " "))

    def _said(self, kind: Kind) -> Iterator[Element]:
        text = clean.tidy("".join(self._pieces))
        self._pieces.clear()
        if text:
            yield Element(kind, text)


def _whole(element: "HtmlElement") -> list[Element]:
    """The elements of a block whose inside is not looked at further; none when it is, or holds nothing."""
    if element.tag in HEADINGS:
        return _filled(Element(Kind.HEADING, _line(element), level=HEADINGS[element.tag]))
    if element.tag == "pre":
        return _filled(Element(Kind.CODE, clean.code(_preformatted(element))))
    if element.tag == "table" and _holds_values(element):
        captions = (Element(Kind.PARAGRAPH, _line(each)) for each in element.iterchildren("caption"))
        return _filled(*captions, Element(Kind.TABLE, pipe_table(_rows(element))))
    return []


def _filled(*elements: Element) -> list[Element]:
    return [each for each in elements if each.text]


def _holds_values(table: "HtmlElement") -> bool:
    """Whether it is a table of values: with headers of its own, or a grid of short cells without tables in them."""
    if table.get("role") in {"presentation", "none"}:
        return False
    rows = [_cells(row) for row in _own_rows(table)]
    if any(cell.tag == "th" for row in rows for cell in row):
        return True
    is_grid = len(rows) > 1 and max(map(len, rows)) > 1
    longest = max((len(cell.text_content()) for row in rows for cell in row), default=0)
    return is_grid and longest <= LONGEST_CELL and next(table.iterdescendants("table"), None) is None


def _own_rows(table: "HtmlElement") -> "Iterator[HtmlElement]":
    """Without those of tables inside it."""
    for child in table:
        if child.tag == "tr":
            yield child
        elif child.tag in {"thead", "tbody", "tfoot"}:
            yield from child.iterchildren("tr")


def _cells(row: "HtmlElement") -> "list[HtmlElement]":
    return list(row.iterchildren("td", "th"))


def _rows(table: "HtmlElement") -> list[list[str]]:
    return laid_out(
        [Cell(_line(cell), _span(cell, "colspan"), _span(cell, "rowspan")) for cell in _cells(row)]
        for row in _own_rows(table)
    )


def _span(cell: "HtmlElement", name: str) -> int:
    value = cell.get(name, "").strip()
    return int(value) if value.isdecimal() and value.isascii() else 1


def _line(element: "HtmlElement") -> str:
    """All that it says on one line, with spaces where a browser begins a new one."""
    return clean.flow("".join(_pieces(element)).replace("\n", " "))


def _pieces(element: "HtmlElement") -> Iterator[str]:
    yield element.text or ""
    for child in element:
        apart = " " if child.tag in BREAKING or child.tag == "br" else ""
        yield apart
        yield from _pieces(child)
        yield apart + (child.tail or "")


def _preformatted(element: "HtmlElement") -> str:
    for line_end in element.iter("br"):
        line_end.text = "\n"
    return str(element.text_content())
