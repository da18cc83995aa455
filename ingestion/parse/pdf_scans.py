"""The pages of a PDF that are pictures: which they are, and the document with their text put in."""

from collections import Counter
from collections.abc import Sequence
from functools import partial
from math import sqrt
from typing import TYPE_CHECKING

from ingestion.parse.elements import Element
from ingestion.parse.scans import Scanned, Sheet, listed, read_scans
from kb.errors import Unreadable

if TYPE_CHECKING:
    from PIL.Image import Image
    from pypdfium2 import PdfDocument, PdfPage

FEWEST_LETTERS = 25
"""A page with fewer says nothing beside its number or a stamp."""
DOTS = 250
"""Per inch; 300 takes a fifth longer and reads the same."""
POINTS = 72
"""Per inch."""
MOST_PIXELS = 20_000_000
"""Of a page; posters are drawn coarser."""


def with_scans(document: "PdfDocument", elements: Sequence[Element]) -> Scanned:
    """The elements and what is written in the pictures. Where recognition is not installed, that is a warning.

    Raises:
        Unreadable: it is not installed, and all pages are pictures.
    """
    pictures = _pictures(document, elements)
    if not pictures:
        return Scanned(tuple(elements), ())
    try:
        read = read_scans([Sheet(number, partial(_drawn, document, number)) for number in pictures])
    except Unreadable as error:
        if len(pictures) == len(document):
            raise
        return Scanned(
            tuple(elements), (f"These pages are pictures and were not read: {listed(pictures)}. {error}",)
        )
    found = {each.page for each in read.elements}
    kept = [each for each in elements if each.page not in found]
    return Scanned(tuple(sorted([*kept, *read.elements], key=lambda each: each.page or 0)), read.warnings)


def _pictures(document: "PdfDocument", elements: Sequence[Element]) -> list[int]:
    """The pages with something drawn and next to nothing written."""
    letters: Counter[int | None] = Counter()
    for element in elements:
        letters[element.page] += sum(map(str.isalnum, element.text))
    return [
        number
        for number in range(1, len(document) + 1)
        if letters[number] < FEWEST_LETTERS and _has_drawing(document[number - 1])
    ]


def _has_drawing(page: "PdfPage") -> bool:
    from pypdfium2.raw import FPDF_PAGEOBJ_IMAGE, FPDF_PAGEOBJ_PATH

    drawings = page.get_objects(filter=[FPDF_PAGEOBJ_IMAGE, FPDF_PAGEOBJ_PATH], max_depth=3)
    return next(iter(drawings), None) is not None


def _drawn(document: "PdfDocument", number: int) -> "Image":
    page = document[number - 1]
    width, height = page.get_size()
    scale = min(DOTS / POINTS, sqrt(MOST_PIXELS / (width * height)))
    image: Image = page.render(scale=scale, grayscale=True).to_pil()
    return image
