"""OpenDocument: texts, spreadsheets and presentations (ISO/IEC 26300), from the XML that they are."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING
from zipfile import ZipFile

from ingestion.parse import clean
from ingestion.parse.elements import Element, Hidden, Hiding, Kind, Parsed
from ingestion.parse.hidden.characters import in_text
from ingestion.parse.hidden.package import part
from ingestion.parse.islands import sheet_elements
from ingestion.parse.tables import Cell, laid_out, pipe_table
from kb.errors import Unreadable

if TYPE_CHECKING:
    from lxml.etree import _Element as Xml

URN = "urn:oasis:names:tc:opendocument:xmlns:"
OFFICE, TEXT, TABLE, DRAW, STYLE, SHOW = (
    f"{{{URN}{name}:1.0}}" for name in ("office", "text", "table", "drawing", "style", "presentation")
)
HREF = "{http://www.w3.org/1999/xlink}href"
DC_TITLE = "{http://purl.org/dc/elements/1.1/}title"

CONTENT, STYLES, META, MANIFEST = "content.xml", "styles.xml", "meta.xml", "META-INF/manifest.xml"
ENCRYPTED = b"encryption-data"
ROWS = (f"{TABLE}table-header-rows", f"{TABLE}table-rows", f"{TABLE}table-row-group")
SHAPES = frozenset(
    DRAW + name
    for name in (
        "frame",
        "g",
        "custom-shape",
        "rect",
        "ellipse",
        "circle",
        "line",
        "connector",
        "polygon",
        "path",
    )
)
ASIDE = SHAPES | {f"{TEXT}note-body"}
"""What stands inside a paragraph without being part of its text."""
SILENT = frozenset(
    {
        f"{TEXT}tracked-changes",
        f"{TEXT}sequence-decls",
        f"{TEXT}note-citation",
        f"{OFFICE}forms",
        f"{SHOW}notes",
    }
)
"""Not read with what is around it; notes of a slide follow it."""
MOST_REPEATED = 1_000
"""Times that a row or a cell is repeated; programs end each sheet with a million empty rows."""

NOTHING = Cell("")
"""Programs end each row with thousands of them."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet or a slide."""

    number: int
    elements: tuple[Element, ...]
    is_hidden: bool


class OpenDocument:
    fingerprint = "opendocument-1"

    def parse(self, path: Path, *, media_type: str) -> Parsed:
        with ZipFile(path) as archive:
            if ENCRYPTED in archive.read(MANIFEST):
                raise Unreadable("It is protected by a password. Save it without one and upload it again.")
            return _Reader(archive).parsed(self.fingerprint)


class _Reader:
    def __init__(self, archive: ZipFile) -> None:
        self._archive = archive
        self._names = set(archive.namelist())
        self._content = part(archive, CONTENT)
        self._unseen = _unseen_styles(self._content)

    def parsed(self, fingerprint: str) -> Parsed:
        hidden = [*in_text("".join(self._content.itertext())), *self._taken_out()]
        body = self._content.find(f"{OFFICE}body")
        if body is None or not len(body):
            raise Unreadable("It has no content. Save it again in the program that made it.")
        whole = body[0]
        sheets = [*self._sheets(whole), *self._slides(whole)]
        word = "slide" if whole.tag == f"{OFFICE}presentation" else "sheet"
        shown = [element for sheet in sheets if not sheet.is_hidden for element in sheet.elements]
        for sheet in sheets:
            if sheet.is_hidden:
                how = Hiding.SLIDE if word == "slide" else Hiding.SHEET
                hidden += [Hidden(how, each.text, sheet.number) for each in sheet.elements]
        return Parsed(
            elements=tuple(shown) if sheets else (*self._edges(), *self._blocks(whole, Kind.PARAGRAPH)),
            parser=fingerprint,
            title=self._title(),
            pages=len(sheets) or None,
            warnings=tuple(
                f"The {word} number {sheet.number} is hidden and was left out."
                for sheet in sheets
                if sheet.is_hidden
            ),
            hidden=tuple(hidden),
        )

    def _title(self) -> str | None:
        return part(self._archive, META).findtext(f".//{DC_TITLE}") if META in self._names else None

    def _taken_out(self) -> Iterator[Hidden]:
        """Comments, and text that is formatted as hidden; it is gone afterwards."""
        from lxml.etree import strip_elements

        for node in list(self._content.iter(f"{OFFICE}annotation", f"{TEXT}p", f"{TEXT}h", f"{TEXT}span")):
            is_comment = node.tag == f"{OFFICE}annotation"
            if is_comment or node.get(f"{TEXT}style-name") in self._unseen:
                if said := clean.flow(" ".join(node.itertext())):
                    yield Hidden(Hiding.COMMENT if is_comment else Hiding.FORMAT, said)
                node.tag = "hidden"
        strip_elements(self._content, "hidden", with_tail=False)

    def _edges(self) -> Iterator[Element]:
        """Page headers and footers, once each: a marking often stands only there."""
        if STYLES not in self._names:
            return
        styles = part(self._archive, STYLES)
        seen = set[str]()
        for edge in styles.iter(f"{STYLE}header", f"{STYLE}footer"):
            for element in self._blocks(edge, Kind.PARAGRAPH):
                if element.text not in seen:
                    seen.add(element.text)
                    yield element

    # --- Sheets and slides ---

    def _sheets(self, body: "Xml") -> Iterator[Sheet]:
        if body.tag != f"{OFFICE}spreadsheet":
            return
        for number, sheet in enumerate(body.iterchildren(f"{TABLE}table"), start=1):
            name = Element(Kind.HEADING, clean.flow(sheet.get(f"{TABLE}name", "")), number, level=1)
            tables = sheet_elements(_rows(sheet), number)
            shapes = (replace(each, page=number) for each in self._shapes(sheet))
            yield Sheet(number, (name, *tables, *shapes), sheet.get(f"{TABLE}style-name") in self._unseen)

    def _shapes(self, sheet: "Xml") -> Iterator[Element]:
        for shapes in sheet.iterchildren(f"{TABLE}shapes"):
            yield from self._blocks(shapes, Kind.PARAGRAPH)

    def _slides(self, body: "Xml") -> Iterator[Sheet]:
        for number, slide in enumerate(body.iterchildren(f"{DRAW}page"), start=1):
            elements = tuple(replace(each, page=number) for each in self._slide(slide))
            yield Sheet(number, elements, slide.get(f"{DRAW}style-name") in self._unseen)

    def _slide(self, slide: "Xml") -> Iterator[Element]:
        titles = [each for each in slide if each.get(f"{SHOW}class") == "title"]
        for title in titles:
            if text := clean.flow(" ".join(each.text for each in self._blocks(title, Kind.PARAGRAPH))):
                yield Element(Kind.HEADING, text, level=1)
        for shape in slide:
            if shape not in titles:
                yield from self._block(shape, Kind.PARAGRAPH)
        for notes in slide.iterchildren(f"{SHOW}notes"):
            said = "\n".join(each.text for each in self._blocks(notes, Kind.PARAGRAPH))
            if said:
                yield Element(Kind.PARAGRAPH, f"Notes: {said}")

    # --- Blocks ---

    def _blocks(self, parent: "Xml", kind: Kind) -> Iterator[Element]:
        for child in parent:
            yield from self._block(child, kind)

    def _block(self, node: "Xml", kind: Kind) -> Iterator[Element]:
        """`kind` is what a paragraph becomes."""
        if node.tag in {f"{TEXT}p", f"{TEXT}h"}:
            yield from self._paragraph(node, kind)
        elif node.tag == f"{TABLE}table":
            if table := pipe_table(_rows(node)):
                yield Element(Kind.TABLE, table)
        elif node.tag == f"{DRAW}object":
            yield from self._object(node)
        elif node.tag not in SILENT:
            yield from self._blocks(node, Kind.LIST_ITEM if node.tag == f"{TEXT}list-item" else kind)

    def _paragraph(self, node: "Xml", kind: Kind) -> Iterator[Element]:
        if text := clean.tidy(_inline(node)):
            level = int(node.get(f"{TEXT}outline-level", "1")) if node.tag == f"{TEXT}h" else None
            yield Element(Kind.HEADING, clean.flow(text), level=level) if level else Element(kind, text)
        for aside in _asides(node):
            yield from self._block(aside, Kind.PARAGRAPH)

    def _object(self, node: "Xml") -> Iterator[Element]:
        """The values of a chart, which is a document of its own inside the file."""
        name = node.get(HREF, "").removeprefix("./") + "/content.xml"
        if name in self._names:
            yield from self._blocks(part(self._archive, name), Kind.PARAGRAPH)


def _unseen_styles(content: "Xml") -> frozenset[str]:
    """Names of styles by which text, a sheet or a slide is not shown."""
    return frozenset(
        style.get(f"{STYLE}name", "")
        for style in content.iter(f"{STYLE}style")
        for properties in style
        if properties.get(f"{TEXT}display") == "none"
        or properties.get(f"{TABLE}display") == "false"
        or properties.get(f"{SHOW}visibility") == "hidden"
    )


def _rows(table: "Xml") -> list[list[str]]:
    return laid_out(cells for row in _own_rows(table) for cells in _repeated_row(row))


def _own_rows(table: "Xml") -> "Iterator[Xml]":
    for child in table:
        if child.tag == f"{TABLE}table-row":
            yield child
        elif child.tag in ROWS:
            yield from _own_rows(child)


def _repeated_row(row: "Xml") -> Iterator[list[Cell]]:
    """An empty row once, however often it is repeated."""
    cells = [cell for node in row.iterchildren(f"{TABLE}table-cell") for cell in _repeated_cell(node)]
    while cells and cells[-1] == NOTHING:
        cells.pop()
    filled = any(cell.text for cell in cells)
    for _ in range(_count(row, "number-rows-repeated") if filled else 1):
        yield cells


def _repeated_cell(cell: "Xml") -> list[Cell]:
    """Cells that another one covers are not among the children of a row that count: `laid_out` fills them."""
    text = clean.flow(" ".join(_inline(each) for each in cell.iter(f"{TEXT}p", f"{TEXT}h")))
    made = Cell(text, _count(cell, "number-columns-spanned"), _count(cell, "number-rows-spanned"))
    return [made] * _count(cell, "number-columns-repeated")


def _count(node: "Xml", name: str) -> int:
    value = node.get(TABLE + name, "1")
    return min(int(value), MOST_REPEATED) if value.isdecimal() else 1


def _inline(node: "Xml") -> str:
    """The text of a paragraph; white space is an element of its own where there is more than one."""
    return "".join(_pieces(node))


def _pieces(node: "Xml") -> Iterator[str]:
    yield node.text or ""
    for child in node:
        if child.tag in {f"{TEXT}s", f"{TEXT}tab"}:
            yield " "
        elif child.tag == f"{TEXT}line-break":
            yield "\n"
        elif child.tag not in ASIDE | SILENT:
            yield from _pieces(child)
        yield child.tail or ""


def _asides(node: "Xml") -> "Iterator[Xml]":
    for child in node:
        if child.tag in ASIDE:
            yield child
        else:
            yield from _asides(child)
