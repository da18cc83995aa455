"""PDF: a text is hidden when nothing of it can be seen where it stands on the rendered page.

White text on a dark heading is seen, and so is the text that recognition puts behind a scan: both have contrast there.
Only pages with something suspicious are rendered.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from ingestion.parse import clean
from ingestion.parse.elements import Hidden, Hiding
from ingestion.parse.hidden import Shown
from ingestion.parse.hidden.characters import in_text
from ingestion.parse.opened import open_pdf

if TYPE_CHECKING:
    from pypdfium2 import PdfDocument, PdfObject, PdfPage, PdfTextPage

SMALLEST = 2.0
"""Points from the top to the bottom of what is written; print that people read has 4 and more."""
PALE = 200
"""Of 255, of each of red, green and blue: from here on a colour may vanish on paper."""
FAINT = 60
"""Of 255: opacity."""
SEEN = 24
"""Difference of grey, of 255, inside a text's box that an eye finds."""
SCALE = 2.0
"""Pixels a point."""
LARGEST = 16_000_000
"""Pixels; of a larger page, such as a plan of a house, the points get fewer."""
DEPTH = 3
"""Levels of drawings inside drawings that are looked into."""
SHORTEST = 4
"""Characters that are told of; less is a page's number under a picture."""
PROPERTIES = ("Subject", "Keywords")

Grey = npt.NDArray[np.uint8]
"""Shape (height, width)."""


@dataclass(frozen=True, slots=True)
class _Box:
    """Points from the lower left corner."""

    left: float
    bottom: float
    right: float
    top: float

    def holds(self, other: "_Box") -> bool:
        across, up = (other.left + other.right) / 2, (other.bottom + other.top) / 2
        return self.left <= across <= self.right and self.bottom <= up <= self.top


@dataclass(frozen=True, slots=True)
class _Text:
    drawn: "PdfObject"
    box: _Box
    how: Hiding


def separate(path: Path) -> Shown:
    with open_pdf(path) as document:
        found = list(_properties(document))
        removed = False
        for number, page in enumerate(document, start=1):
            hidden = list(_hidden(page))
            found += _told(page, hidden, number)
            removed = _remove(page, hidden) or removed
            page.close()
        if not removed:
            return Shown(path, tuple(found))
        shown = path.with_name(f"{path.stem}-shown.pdf")
        document.save(shown)
        return Shown(shown, tuple(found))


def _properties(document: "PdfDocument") -> Iterator[Hidden]:
    for name in PROPERTIES:
        if said := clean.flow(document.get_metadata_value(name)):
            yield Hidden(Hiding.PROPERTY, said)


def _hidden(page: "PdfPage") -> Iterator[_Text]:
    suspects = list(_suspects(page))
    unsure = [text for text in suspects if text.how is Hiding.UNSEEN]
    yield from (text for text in suspects if text.how is not Hiding.UNSEEN)
    if unsure:
        width, height = page.get_size()
        scale = min(SCALE, (LARGEST / max(width * height, 1)) ** 0.5)
        rendered: Grey = page.render(scale=scale, grayscale=True).to_numpy().squeeze()
        yield from (text for text in unsure if not _is_seen(rendered, page, text.box))


def _suspects(page: "PdfPage") -> Iterator[_Text]:
    """Texts that are too small or off the page, and those that may be unseen, for the rendered page to decide."""
    from pypdfium2.raw import FPDF_PAGEOBJ_IMAGE, FPDF_PAGEOBJ_PATH, FPDF_PAGEOBJ_TEXT

    covers: list[_Box] = []
    # From the front to the back, so that what covers a text comes before it.
    for drawn in reversed(list(page.get_objects(max_depth=DEPTH))):
        box = _box(drawn)
        if drawn.type in (FPDF_PAGEOBJ_IMAGE, FPDF_PAGEOBJ_PATH):
            covers.append(box)
        elif drawn.type == FPDF_PAGEOBJ_TEXT and (how := _how(page, drawn, box, covers)):
            yield _Text(drawn, box, how)


def _box(drawn: "PdfObject") -> _Box:
    """Where it is on the page, also when it is drawn inside another drawing."""
    left, bottom, right, top = drawn.get_bounds()
    outer = drawn.container
    while outer is not None:
        corners = [outer.get_matrix().on_point(x, y) for x in (left, right) for y in (bottom, top)]
        left, right = min(x for x, _ in corners), max(x for x, _ in corners)
        bottom, top = min(y for _, y in corners), max(y for _, y in corners)
        outer = outer.container
    return _Box(left, bottom, right, top)


def _how(page: "PdfPage", drawn: "PdfObject", box: _Box, covers: Sequence[_Box]) -> Hiding | None:
    if not _is_on(page, box):
        return Hiding.OFF_PAGE
    if min(box.top - box.bottom, box.right - box.left) < SMALLEST and _size(drawn) < SMALLEST:
        return Hiding.TINY
    return Hiding.UNSEEN if _is_pale(drawn) or any(cover.holds(box) for cover in covers) else None


def _is_on(page: "PdfPage", box: _Box) -> bool:
    width, height = map(round, page.get_size())
    left, top, right, bottom = _pixels(page, box, width, height)
    return left <= width and right >= 0 and top <= height and bottom >= 0


def _size(drawn: "PdfObject") -> float:
    """Points of its letters as they are drawn."""
    from ctypes import byref, c_float

    from pypdfium2.raw import FPDFTextObj_GetFontSize

    size = c_float()
    FPDFTextObj_GetFontSize(drawn, byref(size))
    matrix = drawn.get_matrix()
    return size.value * float(np.hypot(matrix.c, matrix.d))


def _is_pale(drawn: "PdfObject") -> bool:
    from ctypes import byref, c_uint

    from pypdfium2.raw import (
        FPDF_TEXTRENDERMODE_CLIP,
        FPDF_TEXTRENDERMODE_INVISIBLE,
        FPDFPageObj_GetFillColor,
        FPDFTextObj_GetTextRenderMode,
    )

    if FPDFTextObj_GetTextRenderMode(drawn) in (FPDF_TEXTRENDERMODE_INVISIBLE, FPDF_TEXTRENDERMODE_CLIP):
        return True
    red, green, blue, opacity = c_uint(), c_uint(), c_uint(), c_uint()
    if not FPDFPageObj_GetFillColor(drawn, byref(red), byref(green), byref(blue), byref(opacity)):
        return True
    return min(red.value, green.value, blue.value) >= PALE or opacity.value <= FAINT


def _is_seen(rendered: Grey, page: "PdfPage", box: _Box) -> bool:
    height, width = rendered.shape
    left, top, right, bottom = _pixels(page, box, width, height)
    inside = rendered[max(top, 0) : max(bottom, top + 1), max(left, 0) : max(right, left + 1)]
    return inside.size > 0 and int(inside.max()) - int(inside.min()) >= SEEN


def _pixels(page: "PdfPage", box: _Box, width: int, height: int) -> tuple[int, int, int, int]:  # fmt: skip
    """Left, top, right, bottom, whichever way the page is turned."""
    from ctypes import byref, c_int

    from pypdfium2.raw import FPDF_PageToDevice

    corners = []
    for across, up in ((box.left, box.bottom), (box.right, box.top)):
        x, y = c_int(), c_int()
        FPDF_PageToDevice(page, 0, 0, width, height, 0, across, up, byref(x), byref(y))
        corners.append((x.value, y.value))
    (x0, y0), (x1, y1) = corners
    return min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1)


def _told(page: "PdfPage", hidden: Sequence[_Text], number: int) -> Iterator[Hidden]:
    """What the hidden texts say, those that stand together as one, and the comments."""
    text_page = page.get_textpage()
    for how, together in groupby(hidden, key=lambda text: text.how):
        # They were found from the front to the back, and are written from the back to the front.
        said = [_said(text.drawn, text_page) for text in reversed(list(together))]
        if len(text := clean.flow(" ".join(said))) >= SHORTEST:
            yield Hidden(how, text, number)
    yield from in_text(text_page.get_text_range(), number)
    text_page.close()
    yield from (Hidden(Hiding.COMMENT, said, number) for said in _comments(page))


def _said(drawn: "PdfObject", text_page: "PdfTextPage") -> str:
    from ctypes import create_string_buffer

    from pypdfium2.raw import FPDFTextObj_GetText

    length = FPDFTextObj_GetText(drawn, text_page, None, 0)
    buffer = create_string_buffer(length * 2)
    FPDFTextObj_GetText(drawn, text_page, _wide(buffer), length)
    return buffer.raw.decode("utf-16-le", "replace").rstrip("\0")


def _comments(page: "PdfPage") -> Iterator[str]:
    from ctypes import create_string_buffer

    from pypdfium2.raw import (
        FPDFAnnot_GetStringValue,
        FPDFPage_CloseAnnot,
        FPDFPage_GetAnnot,
        FPDFPage_GetAnnotCount,
    )

    for place in range(FPDFPage_GetAnnotCount(page)):
        annotation = FPDFPage_GetAnnot(page, place)
        length = FPDFAnnot_GetStringValue(annotation, b"Contents", None, 0)
        buffer = create_string_buffer(max(length, 2))
        FPDFAnnot_GetStringValue(annotation, b"Contents", _wide(buffer), length)
        FPDFPage_CloseAnnot(annotation)
        if said := clean.flow(buffer.raw.decode("utf-16-le", "replace").rstrip("\0")):
            yield said


def _wide(buffer: object) -> object:
    """The buffer as pdfium wants it for UTF-16."""
    from ctypes import POINTER, c_ushort, cast

    return cast(buffer, POINTER(c_ushort))  # type: ignore[arg-type]


def _remove(page: "PdfPage", hidden: Sequence[_Text]) -> bool:
    """Takes the texts off the page, and says whether there were any."""
    for text in hidden:
        page.remove_obj(text.drawn)
    if hidden:
        page.gen_content()
    return bool(hidden)
