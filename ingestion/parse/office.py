"""Word and Excel files, of today and of old, by xberg."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from zipfile import ZipFile

from ingestion.parse import clean
from ingestion.parse.elements import Element, Hidden, Hiding, Kind, Parsed
from ingestion.parse.sniff import DOCX, XLSX
from ingestion.parse.xberg_engine import FINGERPRINT, extract

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
