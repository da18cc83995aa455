"""Running headers and footers: what stands at the edge of most pages and belongs to none."""

import re
from collections import Counter, defaultdict
from collections.abc import Sequence

from ingestion.parse.elements import Element, Kind

FEWEST_PAGES = 3
SHARE = 0.5
"""Of the pages; a line at the edge of so many is a running one."""

EDGE = 2
"""Elements from the top and from the bottom of a page."""

LONGEST = 120
"""Characters."""

DIGITS = re.compile(r"\d+")


def without_running_lines(elements: Sequence[Element]) -> tuple[Element, ...]:
    """The elements less those that repeat at the edges of most pages; page numbers may differ.

    The first of each stays: it may be a marking such as “Confidential”.
    """
    edges = _edges(elements)
    pages = len({each.page for each in elements})
    seen = Counter(key for _, key in {(elements[i].page, _key(elements[i])) for i in edges})
    running = {key for key, count in seen.items() if count >= max(FEWEST_PAGES, SHARE * pages)}
    kept, told = [], set()
    for i, element in enumerate(elements):
        key = _key(element)
        if i not in edges or key not in running or key not in told:
            kept.append(element)
        told.add(key)
    return tuple(kept)


def _edges(elements: Sequence[Element]) -> set[int]:
    by_page: defaultdict[int | None, list[int]] = defaultdict(list)
    for i, element in enumerate(elements):
        by_page[element.page].append(i)
    edges = {i for own in by_page.values() for i in own[:EDGE] + own[-EDGE:]}
    return {i for i in edges if len(elements[i].text) <= LONGEST}


def _key(element: Element) -> str:
    # “Chapter 1” and “Chapter 2” are not the same heading; “Page 1” and “Page 2” are the same footer.
    text = element.text.casefold()
    return text if element.kind is Kind.HEADING else DIGITS.sub("#", text)
