"""PowerPoint: what stands off the slide, is switched off, or is too small to be read."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from ingestion.parse import clean
from ingestion.parse.elements import Hidden, Hiding
from ingestion.parse.hidden import Shown
from ingestion.parse.hidden.package import beside_the_text

if TYPE_CHECKING:
    from pptx.shapes.base import BaseShape
    from pptx.text.text import _Run as Run

SMALLEST = 2
"""Points."""


def separate(path: Path) -> Shown:
    from pptx import Presentation

    found = list(beside_the_text(path))
    deck, removed = Presentation(str(path)), False
    for number, slide in enumerate(deck.slides, start=1):
        for shape in list(slide.shapes):
            how = _how(shape, deck.slide_width or 0, deck.slide_height or 0)
            if how:
                found += _told(how, _text(shape), number)
                shape._element.getparent().remove(shape._element)
                removed = True
            for run in _tiny(shape):
                found += _told(Hiding.TINY, run.text, number)
                run.text = ""
                removed = True
    if not removed:
        return Shown(path, tuple(found))
    shown = path.with_name(f"{path.stem}-shown.pptx")
    deck.save(str(shown))
    return Shown(shown, tuple(found))


def _how(shape: "BaseShape", width: int, height: int) -> Hiding | None:
    """Of a shape with text."""
    if not _text(shape):
        return None
    if shape._element.xpath(".//p:cNvPr[@hidden='1' or @hidden='true']"):
        return Hiding.FORMAT
    place = (shape.left, shape.top, shape.width, shape.height)
    if None in place:
        return None  # It stands where its layout has it.
    left, top, wide, high = place
    off = left >= width or top >= height or left + wide <= 0 or top + high <= 0
    return Hiding.OFF_PAGE if off else None


def _text(shape: "BaseShape") -> str:
    from pptx.shapes.autoshape import Shape

    return clean.flow(shape.text_frame.text) if isinstance(shape, Shape) else ""


def _tiny(shape: "BaseShape") -> "Iterator[Run]":
    from pptx.shapes.autoshape import Shape

    if isinstance(shape, Shape):
        for paragraph in shape.text_frame.paragraphs:
            yield from (run for run in paragraph.runs if run.font.size and run.font.size.pt < SMALLEST)


def _told(how: Hiding, text: str, slide: int) -> Iterator[Hidden]:
    if said := clean.flow(text):
        yield Hidden(how, said, slide)
