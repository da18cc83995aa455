"""What is drawn on a page of a PDF, from pdfium, as pdfplumber's table finder wants it.

pdfplumber has a reader of its own, which gives the same and takes many times as long.
"""

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Iterator
from ctypes import byref, c_float
from dataclasses import dataclass
from itertools import pairwise
from math import pi
from typing import TYPE_CHECKING, Any, cast

from pdfplumber.container import Container
from pdfplumber.table import Table, TableFinder
from pdfplumber.utils.text import extract_text, extract_words
from pypdfium2 import PdfMatrix, PdfObject, PdfPage, raw

from ingestion.parse.pdf_headers import Word
from ingestion.parse.pdf_place import Box, Frame, Upright, bounds, outer_matrix

THIN = 2
"""Points; what is thinner is a rule."""
LEVEL = 0.1
"""Points by which the ends of a level line may differ."""
QUARTER = pi / 2
SEGMENTS_OF_A_BOX = 6
"""A path with more is looked at line by line."""

ABOVE = 90
"""Points above a table in which its header may stand."""
SLACK = 5
"""Points by which the header may be wider."""
SIDES = ("x0", "top", "x1", "bottom")

if TYPE_CHECKING:
    from pdfplumber.page import Page

Drawing = dict[str, Any]
"""A letter, a line or a box, with the keys that pdfplumber gives it."""


@dataclass(frozen=True, slots=True)
class _Letter:
    """`angle` is how far it must be turned clockwise to stand upright, in degrees."""

    text: str
    box: Box
    angle: int


class DrawnPage(Container):
    """The letters, lines and boxes of a page, which is turned so that most of its letters stand upright."""

    def __init__(self, page: PdfPage, paths: Iterable[PdfObject]) -> None:
        letters = list(_letters(page))
        angles = Counter(letter.angle for letter in letters)
        self.upright = Upright(page, angles.most_common(1)[0][0] if angles else 0)
        self.bbox = Frame(0, 0, self.upright.width, self.upright.height)
        rules = [rule for path in paths for rule in self._rules(path)]
        self._drawn = {
            "char": sorted((self._char(letter) for letter in letters), key=_middle),
            "line": [rule for rule in rules if rule["object_type"] == "line"],
            "rect": [rule for rule in rules if rule["object_type"] == "rect"],
        }

    @property
    def objects(self) -> dict[str, list[Drawing]]:
        return self._drawn

    def tables(self) -> list[Table]:
        # It asks for a page's edges and corners only, which a container has too.
        return TableFinder(cast("Page", self)).tables

    def text_in(self, place: Frame) -> str:
        """The text whose letters have their middle there."""
        inside = self._chars_in(place)
        text: str = extract_text(inside) if inside else ""
        return text

    def words_above(self, table: Frame) -> list[Word]:
        return _words(
            self._chars_in(Frame(table.left - SLACK, table.top - ABOVE, table.right + SLACK, table.top))
        )

    def words(self) -> list[Word]:
        return _words(self.chars)

    def _chars_in(self, place: Frame) -> list[Drawing]:
        first, last = (bisect_left(self.chars, edge, key=_middle) for edge in (place.top, place.bottom))
        return [
            char
            for char in self.chars[first:last]
            if place.left <= (char["x0"] + char["x1"]) / 2 < place.right
        ]

    def _char(self, letter: _Letter) -> Drawing:
        frame = self.upright.frame(letter.box)
        return _drawing("char", frame) | {
            "text": letter.text,
            "upright": letter.angle == self.upright.turned,
            "size": frame.bottom - frame.top,
        }

    def _rules(self, path: PdfObject) -> Iterator[Drawing]:
        if raw.FPDFPath_CountSegments(path) > SEGMENTS_OF_A_BOX:
            yield from self._lines(path)
            return
        frame = self.upright.frame(bounds(path))
        # Two points that are not level are a slash and not a box.
        if raw.FPDFPath_CountSegments(path) > 2 or min(_sides(frame)) <= THIN:
            yield _drawing("rect", frame)

    def _lines(self, path: PdfObject) -> Iterator[Drawing]:
        """The level and upright lines of a grid that was drawn in one stroke."""
        matrix = path.get_matrix()
        outer = outer_matrix(path)
        for stroke in _strokes(path, matrix if outer is None else matrix.multiply(outer)):
            for (x0, y0), (x1, y1) in pairwise(stroke):
                if min(abs(x0 - x1), abs(y0 - y1)) <= LEVEL:
                    frame = self.upright.frame(Box(min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1)))
                    yield _drawing("line", _straight(frame))


def _words(chars: list[Drawing]) -> list[Word]:
    return [Word(each["text"], Frame(*(each[side] for side in SIDES))) for each in extract_words(chars)]


def _letters(page: PdfPage) -> Iterator[_Letter]:
    text_page = page.get_textpage()
    found, end = raw.FS_RECTF(), None
    for i in range(raw.FPDFText_CountChars(text_page)):
        text = chr(raw.FPDFText_GetUnicode(text_page, i))
        if raw.FPDFText_IsGenerated(text_page, i) == 1:
            # pdfium sees gaps between words; it gives them no place.
            if text == " " and end:
                yield end
            continue
        raw.FPDFText_GetLooseCharBox(text_page, i, byref(found))
        box = Box(found.left, found.bottom, found.right, found.top)
        angle = -90 * round(raw.FPDFText_GetCharAngle(text_page, i) / QUARTER) % 360
        end = _Letter(" ", box, angle)
        if text != "\0":
            yield _Letter(text, box, angle)
    text_page.close()


def _strokes(path: PdfObject, matrix: PdfMatrix) -> Iterator[list[tuple[float, float]]]:
    """The points between which the pen is down."""
    x, y = c_float(), c_float()
    stroke: list[tuple[float, float]] = []
    for i in range(raw.FPDFPath_CountSegments(path)):
        segment = raw.FPDFPath_GetPathSegment(path, i)
        raw.FPDFPathSegment_GetPoint(segment, byref(x), byref(y))
        if raw.FPDFPathSegment_GetType(segment) == raw.FPDF_SEGMENT_MOVETO:
            yield stroke
            stroke = []
        stroke.append(matrix.on_point(x.value, y.value))
        if raw.FPDFPathSegment_GetClose(segment):
            stroke.append(stroke[0])
    yield stroke


def _straight(frame: Frame) -> Frame:
    """pdfplumber takes for level only what is so to the last digit."""
    if frame.bottom - frame.top <= LEVEL:
        return frame._replace(bottom=frame.top)
    return frame._replace(right=frame.left)


def _sides(frame: Frame) -> tuple[float, float]:
    return frame.right - frame.left, frame.bottom - frame.top


def _middle(char: Drawing) -> float:
    middle: float = (char["top"] + char["bottom"]) / 2
    return middle


def _drawing(kind: str, frame: Frame) -> Drawing:
    width, height = _sides(frame)
    return {
        "object_type": kind,
        "x0": frame.left,
        "x1": frame.right,
        "y0": -frame.bottom,
        "y1": -frame.top,
        "top": frame.top,
        "bottom": frame.bottom,
        "doctop": frame.top,
        "width": width,
        "height": height,
    }
