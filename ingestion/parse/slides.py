"""PowerPoint: each slide is a page with its title, its text, its tables and its notes."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ingestion.parse import clean
from ingestion.parse.elements import Element, Hidden, Hiding, Kind, Parsed
from ingestion.parse.running import without_running_lines
from ingestion.parse.tables import Cell, laid_out, pipe_table

if TYPE_CHECKING:
    from pptx.slide import Slide
    from pptx.table import Table
    from pptx.text.text import TextFrame

BULLET, NO_BULLET = "a:pPr/a:buChar | a:pPr/a:buAutoNum", "a:pPr/a:buNone"
DRAWING = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
PARAGRAPH, TEXT = f"{DRAWING}p", f"{DRAWING}t"
CHOICE = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Choice"
DIAGRAM = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/diagramData"
"""ECMA-376 part 1, 21 and 15.2.4, and part 3, 7.5."""


class Slides:
    """Slides that are hidden are not shown, so not read."""

    fingerprint = "python-pptx-1.0.2"

    def parse(self, path: Path, *, media_type: str) -> Parsed:
        from pptx import Presentation

        slides = list(Presentation(str(path)).slides)
        hidden = {number for number, slide in enumerate(slides, start=1) if slide._element.get("show") == "0"}
        elements = [
            element for number, slide in enumerate(slides, start=1) for element in _slide(slide, number)
        ]
        return Parsed(
            elements=without_running_lines([each for each in elements if each.page not in hidden]),
            parser=self.fingerprint,
            pages=len(slides),
            warnings=tuple(f"Slide {number} is hidden and was left out." for number in sorted(hidden)),
            hidden=tuple(
                Hidden(Hiding.SLIDE, each.text, each.page) for each in elements if each.page in hidden
            ),
        )


def _slide(slide: "Slide", number: int) -> Iterator[Element]:
    """The title first, then everything else from the top of the slide to its bottom, and the notes."""
    title = slide.shapes.title
    if title is not None and (text := clean.flow(title.text_frame.text)):
        yield Element(Kind.HEADING, text, number, level=1)
    for shape in sorted(slide.shapes, key=_place):
        if title is None or shape.shape_id != title.shape_id:
            yield from _shape(shape, number)
    for text in _beside_the_shapes(slide):
        yield Element(Kind.PARAGRAPH, text, number)
    frame = slide.notes_slide.notes_text_frame if slide.has_notes_slide else None
    if frame is not None and (text := clean.tidy(frame.text)):
        yield Element(Kind.PARAGRAPH, f"Notes: {text}", number)


def _place(shape: Any) -> tuple[int, int]:
    return shape.top or 0, shape.left or 0


def _shape(shape: Any, number: int) -> Iterator[Element]:
    from pptx.enum.shapes import PP_PLACEHOLDER

    kind = shape.placeholder_format.type if shape.is_placeholder else None
    if kind in {PP_PLACEHOLDER.SLIDE_NUMBER, PP_PLACEHOLDER.DATE}:
        return
    if hasattr(shape, "shapes"):  # A group.
        for inner in sorted(shape.shapes, key=_place):
            yield from _shape(inner, number)
    elif shape.has_text_frame:
        listed = kind in {PP_PLACEHOLDER.OBJECT, PP_PLACEHOLDER.BODY}
        yield from _paragraphs(shape.text_frame, number, listed=listed)
    elif getattr(shape, "has_table", False) and (table := pipe_table(_rows(shape.table))):
        yield Element(Kind.TABLE, table, number)


def _paragraphs(frame: "TextFrame", number: int, *, listed: bool) -> Iterator[Element]:
    """`listed`: they have bullets unless they say otherwise, as a layout's main text has."""
    for paragraph in frame.paragraphs:
        has_bullet = paragraph._p.xpath(BULLET) or (listed and not paragraph._p.xpath(NO_BULLET))
        kind = Kind.LIST_ITEM if has_bullet else Kind.PARAGRAPH
        if text := clean.tidy(paragraph.text.replace("\v", "\n")):
            yield Element(kind, text, number)


def _rows(table: "Table") -> list[list[str]]:
    return laid_out(
        [Cell(cell.text, cell.span_width, cell.span_height) for cell in row.cells if not cell.is_spanned]
        for row in table.rows
    )


def _beside_the_shapes(slide: "Slide") -> Iterator[str]:
    """Text of diagrams, which stand in parts of their own, and of shapes that only newer programs know."""
    from lxml import etree

    parser = etree.XMLParser(resolve_entities=False, no_network=True)
    diagrams = [each.target_part.blob for each in slide.part.rels.values() if each.reltype == DIAGRAM]
    newer = slide.shapes._spTree.iter(CHOICE)
    for tree in (*newer, *(etree.fromstring(data, parser) for data in diagrams)):
        for paragraph in tree.iter(PARAGRAPH):
            if text := clean.flow("".join(each.text or "" for each in paragraph.iter(TEXT))):
                yield text
