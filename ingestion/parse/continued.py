"""Tables that go on over the end of a page: each part has the header, so that its rows can be read alone."""

import re
from collections.abc import Iterable
from dataclasses import replace

from ingestion.parse.elements import Element, Kind
from ingestion.parse.headings import LONGEST_HEADING
from ingestion.parse.pdf_headers import heads_nothing

CELL_END = re.compile(r"(?<!\\)\|")
BETWEEN = 2
"""Short elements that may stand between two parts: the footer of one page and the header of the next."""


def with_headers(elements: Iterable[Element]) -> list[Element]:
    """The elements; a table at the top of a page that has no header of its own gets that of the page before."""
    completed: list[Element] = []
    before: Element | None = None
    between = 0
    for element in elements:
        if element.kind is Kind.TABLE:
            whole = _completed(before, element) if before else element
            before, between = whole, 0
            completed.append(whole)
            continue
        between += 1
        if between > BETWEEN or len(element.text) > LONGEST_HEADING or element.kind is Kind.HEADING:
            before = None
        completed.append(element)
    return completed


def _completed(before: Element, part: Element) -> Element:
    header, first = before.text.split("\n", 1)[0], part.text.split("\n", 1)[0]
    cells = _cells(first)
    follows = before.page is not None and part.page == before.page + 1
    if not follows or len(_cells(header)) != len(cells) or not heads_nothing(cells):
        return part
    _, rule, *rows = part.text.split("\n")
    return replace(part, text="\n".join([header, rule, first, *rows]))


def _cells(row: str) -> list[str]:
    return [cell.strip() for cell in CELL_END.split(row)[1:-1]]
