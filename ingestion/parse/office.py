"""Office files: Word and Excel by xberg, PowerPoint by unstructured, which alone keeps split words whole."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING
from zipfile import ZipFile

from ingestion.parse import clean
from ingestion.parse.elements import Element, Hidden, Hiding, Kind, Parsed
from ingestion.parse.sniff import DOCX, XLSX
from ingestion.parse.unstructured_engine import Unstructured
from ingestion.parse.xberg_engine import FINGERPRINT, extract

if TYPE_CHECKING:
    from pptx.slide import Slide

SHEET = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}sheet"
MARK = " (hidden)"
"""What xberg adds to the name of a hidden sheet."""


class Office:
    fingerprint = FINGERPRINT

    def parse(self, path: Path, *, media_type: str) -> Parsed:
        found = extract(path, media_type)
        elements = tuple(block.element for block in found.blocks)
        warnings: tuple[str, ...] = ()
        hidden: tuple[Hidden, ...] = ()
        if media_type == XLSX.media_type:
            sheets = _sheets(path)
            elements, hidden = _by_sheet(elements, sheets)
            warnings = tuple(
                f"The sheet “{name}” is hidden and was left out." for name, seen in sheets if not seen
            )
        # Word stores page breaks, not pages: without any, it has told us nothing.
        paged = media_type != DOCX.media_type or found.pages > 1
        return Parsed(
            elements=elements if paged else tuple(replace(each, page=None) for each in elements),
            parser=self.fingerprint,
            title=found.title,
            pages=found.pages if paged else None,
            language=found.language,
            warnings=warnings,
            hidden=hidden,
        )


class Slides:
    """Each slide: its title, its text, its notes. Slides that are hidden are not shown, so not read."""

    def __init__(self) -> None:
        self._engine = Unstructured()
        self.fingerprint = self._engine.fingerprint

    def parse(self, path: Path, *, media_type: str) -> Parsed:
        from pptx import Presentation

        slides = list(Presentation(str(path)).slides)
        hidden = {number for number, slide in enumerate(slides, start=1) if slide._element.get("show") == "0"}
        found = self._engine.parse(path, media_type=media_type)
        elements = [_slide_text(each) for each in found.elements] + list(_notes(slides))
        return Parsed(
            elements=tuple(
                sorted((each for each in elements if each.page not in hidden), key=_reading_order)
            ),
            parser=self.fingerprint,
            pages=len(slides),
            warnings=tuple(f"Slide {number} is hidden and was left out." for number in sorted(hidden)),
            hidden=tuple(
                Hidden(Hiding.SLIDE, each.text, each.page) for each in elements if each.page in hidden
            ),
        )


def _slide_text(element: Element) -> Element:
    """Only a slide's own title is a heading: unstructured's other titles are guesses at short lines."""
    guessed = element.kind is Kind.HEADING and element.level != 1
    return replace(element, kind=Kind.PARAGRAPH, level=None) if guessed else element


def _notes(slides: "Sequence[Slide]") -> Iterator[Element]:
    for number, slide in enumerate(slides, start=1):
        frame = slide.notes_slide.notes_text_frame if slide.has_notes_slide else None
        if frame is not None and (text := clean.tidy(frame.text)):
            yield Element(Kind.PARAGRAPH, f"Notes: {text}", number)


def _reading_order(element: Element) -> tuple[int, bool, bool]:
    is_notes = element.text.startswith("Notes: ")
    return element.page or 0, element.kind is not Kind.HEADING, is_notes


def _sheets(path: Path) -> list[tuple[str, bool]]:
    """Each sheet's name, and whether people see it."""
    from lxml import etree

    with ZipFile(path) as archive:
        parser = etree.XMLParser(resolve_entities=False, no_network=True)
        workbook = etree.fromstring(archive.read("xl/workbook.xml"), parser)
    return [(sheet.get("name"), sheet.get("state", "visible") == "visible") for sheet in workbook.iter(SHEET)]


def _by_sheet(
    elements: Sequence[Element], sheets: Sequence[tuple[str, bool]]
) -> tuple[tuple[Element, ...], tuple[Hidden, ...]]:
    """The elements of the sheets that people see, and what the others say."""
    numbers = {clean.flow(name if seen else name + MARK): i for i, (name, seen) in enumerate(sheets, start=1)}
    shown, hidden, number = list[Element](), list[Hidden](), 0
    for element in elements:
        if element.kind is Kind.HEADING:
            number = numbers.get(element.text, number + 1)
        if not sheets or sheets[number - 1][1]:
            shown.append(replace(element, page=number, level=element.level and 1))
        elif element.kind is not Kind.HEADING:
            hidden.append(Hidden(Hiding.SHEET, element.text, number))
    return tuple(shown), tuple(hidden)
