"""PDF: text, headings and pages by xberg, ruled tables by pdfplumber; plain text by pdfium as the second engine."""

from collections.abc import Sequence
from pathlib import Path

from ingestion.parse import clean
from ingestion.parse.continued import with_headers
from ingestion.parse.elements import Element, Kind, Parsed
from ingestion.parse.headings import with_headings
from ingestion.parse.opened import open_pdf
from ingestion.parse.pdf_annotations import with_annotations
from ingestion.parse.pdf_right_to_left import paragraphs, with_right_to_left
from ingestion.parse.pdf_scans import with_scans
from ingestion.parse.pdf_tables import with_tables
from ingestion.parse.running import without_running_lines
from ingestion.parse.xberg_engine import FINGERPRINT, extract

ENDS = (".", "!", "?", ":", ";", "”", '"', ")")
CODE_SIGNS = ("{", "}", ";", "=>", "def ", "==", "):")


class LayoutPdf:
    fingerprint = f"{FINGERPRINT}+pdfplumber"

    def parse(self, path: Path, *, media_type: str) -> Parsed:
        found = extract(path, media_type)
        with open_pdf(path) as document:
            pages = len(document)
            written = with_right_to_left(document, with_tables(document, found.blocks))
            read = with_scans(document, with_annotations(document, written))
        elements = with_headers(without_running_lines(read.elements))
        mended = with_headings(_mended([_unframed(each) for each in elements]))
        return Parsed(
            elements=mended,
            parser=self.fingerprint,
            title=found.title,
            pages=pages,
            language=found.language,
            warnings=(*read.warnings, *_warnings(mended, pages)),
        )


class PlainPdf:
    fingerprint = "pdfium-text"

    def parse(self, path: Path, *, media_type: str) -> Parsed:
        elements: list[Element] = []
        with open_pdf(path) as document:
            for number, page in enumerate(document, start=1):
                elements += paragraphs(page, number)
            pages = len(document)
        return Parsed(elements=tuple(elements), parser=self.fingerprint, pages=pages)


def _unframed(element: Element) -> Element:
    """Prose in a typewriter face, which xberg takes for code, as a paragraph; real code as it is."""
    if element.kind is not Kind.CODE:
        return element
    lines = element.text.splitlines()
    if sum(any(sign in line for sign in CODE_SIGNS) for line in lines) > len(lines) / 3:
        return element
    return Element(Kind.PARAGRAPH, clean.flow(element.text), element.page)


def _mended(elements: Sequence[Element]) -> list[Element]:
    """Paragraphs that the layout had cut in the middle of a sentence are whole again, page by page."""
    mended: list[Element] = []
    for element in elements:
        if mended and _continues(mended[-1], element):
            whole = clean.flow(f"{mended.pop().text}\n{element.text}")
            element = Element(Kind.PARAGRAPH, whole, element.page)
        mended.append(element)
    return mended


def _continues(before: Element, after: Element) -> bool:
    together = before.kind is after.kind is Kind.PARAGRAPH and before.page == after.page
    return (
        together and not before.text.endswith(ENDS) and (after.text[0].islower() or after.text[0] in ",.;)")
    )


def _warnings(elements: Sequence[Element], pages: int) -> tuple[str, ...]:
    """A sentence when some pages, but not all, have no text."""
    without = sorted(set(range(1, pages + 1)) - {each.page for each in elements})
    if not without or len(without) == pages:
        return ()
    named = ", ".join(map(str, without[:10])) + (" and others" if len(without) > 10 else "")
    return (f"{len(without)} of {pages} pages hold no text and cannot be searched: {named}.",)
