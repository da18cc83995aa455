"""Text recognition: a picture of a page → its paragraphs, and how sure Tesseract is of them.

Tesseract runs as a library in the parser's own process, so that nothing has to start a program.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from math import degrees, sqrt
from typing import TYPE_CHECKING

from ingestion.parse import clean, tessdata
from kb.errors import Unreadable

if TYPE_CHECKING:
    from PIL.Image import Image
    from tesserocr import PyTessBaseAPI

FINGERPRINT = "tesseract-5.5.4"

NOISE = 30
"""Of 100: a paragraph of which Tesseract is less sure is a drawing."""
SMALL, SHARP = 1_200, 2_400
"""Pixels of the longer side: a page with fewer than the first is enlarged to the second, for letters need about 20."""
MOST_PIXELS = 20_000_000
"""Of a picture; a larger one is made smaller."""
LEVEL = 0.5
"""Degrees. Tesseract reads a page that is askew by less as it is."""
ASKEW = 20.0
"""Degrees; what is turned by more is no page that lay badly on the glass."""
WHITE = 255


@dataclass(frozen=True, slots=True)
class Recognised:
    """`confidence` is from 0 to 100, the mean over the letters; 0 where there are none."""

    paragraphs: tuple[str, ...]
    confidence: float


class Recogniser:
    """Reads pictures in some languages, named as Tesseract names them and joined by “+”.

    Raises:
        Unreadable: the languages are not installed; the message says what to do.
    """

    def __init__(self, languages: str) -> None:
        folder = tessdata.folder_with(languages)
        if folder is None:
            raise Unreadable(tessdata.advice(languages))
        from tesserocr import PSM, PyTessBaseAPI  # A large native library: only pictures pay.

        layout = PSM.AUTO_OSD if tessdata.has_orientation(folder) else PSM.AUTO
        self._engine: PyTessBaseAPI = PyTessBaseAPI(path=f"{folder}/", lang=languages, psm=layout)

    def read(self, picture: "Image") -> Recognised:
        """The text of a picture in grey."""
        self._engine.SetImage(_straight(self._engine, _sized(picture)))
        self._engine.Recognize()
        found = list(self._paragraphs())
        letters = sum(len(text) for text, _ in found)
        sure = sum(len(text) * confidence for text, confidence in found)
        return Recognised(tuple(text for text, _ in found), sure / letters if letters else 0.0)

    def _paragraphs(self) -> Iterator[tuple[str, float]]:
        from tesserocr import RIL, iterate_level

        for place in iterate_level(self._engine.GetIterator(), RIL.PARA):
            if place is None or place.Empty(RIL.PARA):
                continue
            confidence = place.Confidence(RIL.PARA)
            text = clean.flow(place.GetUTF8Text(RIL.PARA))
            if text and confidence >= NOISE:
                yield text, confidence


def _sized(picture: "Image") -> "Image":
    from PIL.Image import Resampling

    width, height = picture.size
    enlarged = SHARP / max(width, height) if max(width, height) < SMALL else 1
    scale = min(sqrt(MOST_PIXELS / (width * height)), enlarged)
    if scale == 1:
        return picture
    return picture.resize((max(1, round(width * scale)), max(1, round(height * scale))), Resampling.LANCZOS)


def _straight(engine: "PyTessBaseAPI", picture: "Image") -> "Image":
    """The picture turned by what it lay askew on the glass."""
    engine.SetImage(picture)
    layout = engine.AnalyseLayout()
    askew = degrees(layout.Orientation()[3]) if layout else 0.0
    if not LEVEL <= abs(askew) <= ASKEW:
        return picture
    return picture.rotate(askew, expand=True, fillcolor=WHITE)
