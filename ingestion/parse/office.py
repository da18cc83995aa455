"""Word and Excel files of today and of old, RTF, e-books and notebooks, by xberg."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from zipfile import ZipFile

from ingestion.parse import clean
from ingestion.parse.elements import Element, Hidden, Hiding, Kind, Parsed
from ingestion.parse.sniff import XLS, XLSX
from ingestion.parse.xberg_engine import FINGERPRINT, extract

SHEET = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}sheet"
MARK = " (hidden)"
"""What xberg adds to the name of a hidden sheet."""


class Office:
    fingerprint = FINGERPRINT

    def parse(self, path: Path, *, media_type: str) -> Parsed:
        found = extract(path, media_type)
        elements = tuple(block.element for block in found.blocks)
        sheets = _sheets(path, media_type, elements)
        elements, hidden = _by_sheet(elements, sheets) if sheets else (elements, ())
        # Word stores page breaks, not pages: without any, it has told us nothing.
        paged = bool(sheets) or found.pages > 1
        return Parsed(
            elements=elements if paged else tuple(replace(each, page=None) for each in elements),
            parser=self.fingerprint,
            title=found.title,
            pages=found.pages if paged else None,
            language=found.language,
            warnings=tuple(
                f"The sheet “{sheet.name}” is hidden and was left out."
                for sheet in sheets
                if not sheet.is_seen
            ),
            hidden=hidden,
        )


@dataclass(frozen=True, slots=True)
class Sheet:
    name: str
    is_seen: bool


def _sheets(path: Path, media_type: str, elements: Sequence[Element]) -> list[Sheet]:
    """Of a workbook; none of other files."""
    if media_type == XLSX.media_type:
        return _named_sheets(path)
    if media_type == XLS.media_type:
        names = [each.text for each in elements if each.kind is Kind.HEADING]
        return [Sheet(name.removesuffix(MARK), not name.endswith(MARK)) for name in names]
    return []


def _named_sheets(path: Path) -> list[Sheet]:
    from lxml import etree

    with ZipFile(path) as archive:
        parser = etree.XMLParser(resolve_entities=False, no_network=True)
        workbook = etree.fromstring(archive.read("xl/workbook.xml"), parser)
    return [
        Sheet(sheet.get("name", ""), sheet.get("state", "visible") == "visible")
        for sheet in workbook.iter(SHEET)
    ]


def _by_sheet(
    elements: Sequence[Element], sheets: Sequence[Sheet]
) -> tuple[tuple[Element, ...], tuple[Hidden, ...]]:
    """The elements of the sheets that people see, and what the others say."""
    headings = [clean.flow(sheet.name if sheet.is_seen else sheet.name + MARK) for sheet in sheets]
    numbers = {heading: number for number, heading in enumerate(headings, start=1)}
    shown, hidden, number = list[Element](), list[Hidden](), 0
    for element in elements:
        if element.kind is Kind.HEADING:
            number = numbers.get(element.text, number + 1)
        if sheets[number - 1].is_seen:
            shown.append(replace(element, page=number, level=element.level and 1))
        elif element.kind is not Kind.HEADING:
            hidden.append(Hidden(Hiding.SHEET, element.text, number))
    return tuple(shown), tuple(hidden)
