"""Pages that are pictures, whatever file they are in: read within the limits, with warnings where that went badly."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ingestion.parse.elements import Element, Kind
from ingestion.parse.ocr import Recogniser
from ingestion.parse.reading import READING

if TYPE_CHECKING:
    from PIL.Image import Image

UNSURE = 75
"""Of 100: print that was scanned well has 90 and more."""
NAMED = 10
"""Pages that a warning lists."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """A page, counted from 1, that is drawn only when its turn has come."""

    number: int
    draw: "Callable[[], Image]"


@dataclass(frozen=True, slots=True)
class Scanned:
    elements: tuple[Element, ...]
    warnings: tuple[str, ...]


def read_scans(sheets: Sequence[Sheet]) -> Scanned:
    """The text of the sheets, of as many as a file may have recognised.

    Raises:
        Unreadable: text recognition is not installed.
    """
    reading = READING.get()
    recogniser = Recogniser(reading.recognition.languages)
    most = min(len(sheets), reading.recognition.most_pages)
    elements: list[Element] = []
    unsure: list[int] = []
    done = 0
    while done < most and (done == 0 or time.monotonic() < reading.until):
        sheet = sheets[done]
        done += 1
        reading.on_progress(done, most)
        found = recogniser.read(sheet.draw())
        elements += [Element(Kind.PARAGRAPH, text, sheet.number) for text in found.paragraphs]
        if found.paragraphs and found.confidence < UNSURE:
            unsure.append(sheet.number)
    return Scanned(tuple(elements), _warnings(done, len(sheets), unsure))


def listed(pages: Sequence[int]) -> str:
    """For messages: “3, 4 and others”."""
    return ", ".join(map(str, pages[:NAMED])) + (" and others" if len(pages) > NAMED else "")


def _warnings(taken: int, scans: int, unsure: Sequence[int]) -> tuple[str, ...]:
    warnings = []
    if unsure:
        warnings.append(
            f"The text of these scanned pages is uncertain and may be wrong: {listed(unsure)}. "
            "Scan them anew with 300 dots per inch, if you can."
        )
    if taken < scans:
        warnings.append(
            f"Only the first {taken} of {scans} scanned pages were read. Split the file, or ask the administrator "
            "to raise STRONGROOM_OCR_PAGES and STRONGROOM_PARSE_SECONDS."
        )
    return tuple(warnings)
