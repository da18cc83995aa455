"""Pages in Hebrew and Arabic, whose words pdfium puts in order better than xberg does."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from ingestion.parse import clean
from ingestion.parse.elements import Element, Kind

if TYPE_CHECKING:
    from pypdfium2 import PdfDocument, PdfPage

LETTER = re.compile("[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufeff]")
SHARE = 0.3
"""Of a page's letters."""


def with_right_to_left(document: "PdfDocument", elements: Sequence[Element]) -> list[Element]:
    """The elements, with those of pages that are written from right to left read anew."""
    own, letters = Counter[int | None](), Counter[int | None]()
    for element in elements:
        own[element.page] += len(LETTER.findall(element.text))
        letters[element.page] += sum(map(str.isalpha, element.text))
    turned = {page for page in own if page and own[page] > SHARE * letters[page]}
    if not turned:
        return list(elements)
    kept = [element for element in elements if element.page not in turned]
    read = [each for number in turned for each in paragraphs(document[number - 1], number)]
    return sorted([*kept, *read], key=lambda element: element.page or 0)


def paragraphs(page: "PdfPage", number: int) -> Iterator[Element]:
    """The page's text as pdfium has it, which knows no paragraphs."""
    text_page = page.get_textpage()
    if text := clean.flow(text_page.get_text_bounded()):
        yield Element(Kind.PARAGRAPH, text, number)
    text_page.close()
