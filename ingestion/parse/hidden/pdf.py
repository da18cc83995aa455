"""PDF: a text is hidden when nothing of it can be seen where it stands on the rendered page.

White text on a dark heading is seen, and so is the text that recognition puts behind a scan: both have contrast there.
Only pages with something suspicious are rendered.
"""

from collections.abc import Iterator, Sequence
from ctypes import POINTER, byref, c_float, c_int, c_uint, c_ushort, cast, create_string_buffer
from dataclasses import dataclass, replace
from itertools import groupby
from pathlib import Path

import numpy as np
import numpy.typing as npt
from pypdfium2 import PdfDocument, PdfObject, PdfPage, PdfTextPage, raw

from ingestion.parse import clean
from ingestion.parse.elements import Hidden, Hiding
from ingestion.parse.hidden import Shown
from ingestion.parse.hidden.characters import in_text
from ingestion.parse.opened import open_pdf, sound
from ingestion.parse.pdf_annotations import annotations
from ingestion.parse.pdf_place import Box, bounds

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
COVERS = (raw.FPDF_PAGEOBJ_IMAGE, raw.FPDF_PAGEOBJ_PATH)
COMPARED = 1_000_000
"""Texts times covers that are looked at together; they take memory."""
REPAIRED = (
    "This PDF is damaged and was repaired as far as possible. Check that nothing of its text is missing."
)
PROPERTIES = ("Subject", "Keywords")

Grey = npt.NDArray[np.uint8]
"""Shape (height, width)."""


@dataclass(frozen=True, slots=True)
class _Text:
    drawn: PdfObject
    box: Box
    how: Hiding


def separate(path: Path) -> Shown:
    whole = sound(path)
    shown = _separate(whole)
    return shown if whole == path else replace(shown, warnings=(REPAIRED,))


def _separate(path: Path) -> Shown:
    with open_pdf(path) as document:
        found = list(_properties(document))
        removed = False
        for number, page in enumerate(document, start=1):
            hidden = _with_words(page, list(_hidden(page)))
            found += _told(page, hidden, number)
            removed = _remove(page, hidden) or removed
            page.close()
        if not removed:
            return Shown(path, tuple(found))
        shown = path.with_name(f"{path.stem}-shown.pdf")
        document.save(shown)
        return Shown(shown, tuple(found))


def _properties(document: PdfDocument) -> Iterator[Hidden]:
    for name in PROPERTIES:
        if said := clean.flow(document.get_metadata_value(name)):
            yield Hidden(Hiding.PROPERTY, said)


def _hidden(page: PdfPage) -> Iterator[_Text]:
    suspects = list(_suspects(page))
    unsure = [text for text in suspects if text.how is Hiding.UNSEEN]
    yield from (text for text in suspects if text.how is not Hiding.UNSEEN)
    if unsure:
        width, height = page.get_size()
        scale = min(SCALE, (LARGEST / max(width * height, 1)) ** 0.5)
        rendered: Grey = page.render(scale=scale, grayscale=True).to_numpy().squeeze()
        yield from (text for text in unsure if not _is_seen(rendered, page, text.box))


def _suspects(page: PdfPage) -> Iterator[_Text]:
    """Texts that are too small or off the page, and those that may be unseen, for the rendered page to decide; from
    the front to the back.
    """
    drawn = list(page.get_objects(max_depth=DEPTH))
    boxes = [bounds(each) for each in drawn]
    texts = [i for i, each in enumerate(drawn) if each.type == raw.FPDF_PAGEOBJ_TEXT]
    covers = [i for i, each in enumerate(drawn) if each.type in COVERS]
    covered = _covered(boxes, texts, covers)
    paper = Box(*page.get_bbox())
    for i in reversed(texts):
        how = _how(drawn[i], boxes[i], paper)
        if how or i in covered:
            yield _Text(drawn[i], boxes[i], how or Hiding.UNSEEN)


def _covered(boxes: Sequence[Box], texts: Sequence[int], covers: Sequence[int]) -> set[int]:
    """Those texts whose middle lies in something that was drawn after them."""
    if not texts or not covers:
        return set()
    places = np.array(boxes)
    left, bottom, right, top = places[covers].T
    found: set[int] = set()
    step = max(1, COMPARED // len(covers))
    for some in (np.array(texts[i : i + step]) for i in range(0, len(texts), step)):
        across, up = (places[some, :2] + places[some, 2:]).T[:, :, None] / 2
        inside = (left <= across) & (across <= right) & (bottom <= up) & (up <= top)
        later = np.array(covers) > some[:, None]
        found.update(some[(inside & later).any(axis=1)].tolist())
    return found


def _how(drawn: PdfObject, box: Box, paper: Box) -> Hiding | None:
    if box.left > paper.right or box.right < paper.left or box.bottom > paper.top or box.top < paper.bottom:
        return Hiding.OFF_PAGE
    if min(box.top - box.bottom, box.right - box.left) < SMALLEST and _size(drawn) < SMALLEST:
        return Hiding.TINY
    return Hiding.UNSEEN if _is_pale(drawn) else None


def _size(drawn: PdfObject) -> float:
    """Points of its letters as they are drawn."""
    size = c_float()
    raw.FPDFTextObj_GetFontSize(drawn, byref(size))
    matrix = drawn.get_matrix()
    return size.value * float(np.hypot(matrix.c, matrix.d))


def _is_pale(drawn: PdfObject) -> bool:
    if raw.FPDFTextObj_GetTextRenderMode(drawn) in (
        raw.FPDF_TEXTRENDERMODE_INVISIBLE,
        raw.FPDF_TEXTRENDERMODE_CLIP,
    ):
        return True
    red, green, blue, opacity = c_uint(), c_uint(), c_uint(), c_uint()
    if not raw.FPDFPageObj_GetFillColor(drawn, byref(red), byref(green), byref(blue), byref(opacity)):
        return True
    return min(red.value, green.value, blue.value) >= PALE or opacity.value <= FAINT


def _is_seen(rendered: Grey, page: PdfPage, box: Box) -> bool:
    height, width = rendered.shape
    left, top, right, bottom = _pixels(page, box, width, height)
    inside = rendered[max(top, 0) : max(bottom, top + 1), max(left, 0) : max(right, left + 1)]
    return inside.size > 0 and int(inside.max()) - int(inside.min()) >= SEEN


def _pixels(page: PdfPage, box: Box, width: int, height: int) -> tuple[int, int, int, int]:  # fmt: skip
    """Left, top, right, bottom, whichever way the page is turned."""
    corners = []
    for across, up in ((box.left, box.bottom), (box.right, box.top)):
        x, y = c_int(), c_int()
        raw.FPDF_PageToDevice(page, 0, 0, width, height, 0, across, up, byref(x), byref(y))
        corners.append((x.value, y.value))
    (x0, y0), (x1, y1) = corners
    return min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1)


def _with_words(page: PdfPage, hidden: Sequence[_Text]) -> list[_Text]:
    """Without mere spaces: there is nothing to hide in them, and a page that is written anew loses its order."""
    if not hidden:
        return []
    text_page = page.get_textpage()
    worded = [text for text in hidden if _said(text.drawn, text_page).strip()]
    text_page.close()
    return worded


def _told(page: PdfPage, hidden: Sequence[_Text], number: int) -> Iterator[Hidden]:
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


def _said(drawn: PdfObject, text_page: PdfTextPage) -> str:
    length = raw.FPDFTextObj_GetText(drawn, text_page, None, 0)
    buffer = create_string_buffer(length * 2)
    raw.FPDFTextObj_GetText(drawn, text_page, _wide(buffer), length)
    return buffer.raw.decode("utf-16-le", "replace").rstrip("\0")


def _comments(page: PdfPage) -> Iterator[str]:
    """What people wrote about the page. What they wrote on it, `pdf_annotations` reads."""
    for annotation in annotations(page):
        seen = annotation.is_seen and annotation.kind == raw.FPDF_ANNOT_FREETEXT
        if not seen and annotation.contents:
            yield annotation.contents


def _wide(buffer: object) -> object:
    """The buffer as pdfium wants it for UTF-16."""
    return cast(buffer, POINTER(c_ushort))  # type: ignore[arg-type]


def _remove(page: PdfPage, hidden: Sequence[_Text]) -> bool:
    """Takes the texts off the page, and says whether there were any."""
    for text in hidden:
        page.remove_obj(text.drawn)
    if hidden:
        page.gen_content()
    return bool(hidden)
