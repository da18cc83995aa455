"""Cutting one element that is too long for a chunk: at sentence ends, then words; tables between rows. Pure.

A piece is a span of the text. Pieces of an element follow each other and together hold all of it but white space.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

Counter = Callable[[str], int]

SENTENCE_END = re.compile(r"""(?<=[.!?…])["”’')\]]*\s+(?=["“‘'(\[]*[A-Z0-9À-Þ])|\n+|(?<=[。！？])""")
ABBREVIATION = re.compile(
    r"(?:^|[\s(“\"'])(?:[A-Z]|mr|mrs|ms|dr|prof|st|nos?|vs|inc|ltd|co|corp|e\.g|i\.e|cf|art|sec|fig|pp?|u\.s|u\.k)\.$",
    re.I,
)
LONGEST_ABBREVIATION = 8
"""Characters, with what stands before it."""

CHARACTERS_PER_TOKEN = 3
"""Fewer than in any language written with spaces, so that a first cut by characters seldom needs a second one."""


@dataclass(frozen=True, slots=True)
class Piece:
    """`tokens` counts `prefix` too: the header rows that a later piece of a table repeats before its span."""

    start: int
    end: int
    tokens: int
    prefix: str = ""


def cut_text(text: str, start: int, *, limit: int, count: Counter) -> Iterator[Piece]:
    """Sentences of a text that starts at `start`, each within the limit of tokens."""
    for begin, end in _sentences(text):
        tokens = count(text[begin:end])
        if tokens <= limit:
            yield Piece(start + begin, start + end, tokens)
        else:
            yield from _words(text[begin:end], start + begin, limit=limit, count=count)


def cut_table(text: str, start: int, *, limit: int, count: Counter) -> Iterator[Piece]:
    """Runs of rows; every piece but the first has the header rows as its prefix."""
    head_end = text.find("\n", text.find("\n") + 1)
    head = text[: head_end + 1]
    room = limit - count(head)
    if head_end == -1 or room < limit // 2:
        # A header that leaves no room for rows is text like any other.
        yield from cut_text(text, start, limit=limit, count=count)
        return
    for number, (begin, end, tokens) in enumerate(_runs(text, head_end + 1, room, count)):
        whole = limit - room + tokens
        if number == 0:
            yield Piece(start, start + end, whole)
        else:
            yield Piece(start + begin, start + end, whole, prefix=head)


def _runs(text: str, begin: int, room: int, count: Counter) -> Iterator[tuple[int, int, int]]:
    """Start, end and tokens of the longest runs of rows that fit the room."""
    first, last, total = begin, begin, 0
    for row in _rows(text, begin, room, count):
        if total and total + row.tokens > room:
            yield first, last, total
            first, total = row.start, 0
        last, total = row.end, total + row.tokens
    if total:
        yield first, last, total


def _rows(text: str, begin: int, room: int, count: Counter) -> Iterator[Piece]:
    while begin < len(text):
        end = text.find("\n", begin)
        end = len(text) if end == -1 else end
        tokens = count(text[begin:end])
        if tokens <= room:
            yield Piece(begin, end, tokens)
        else:
            yield from _words(text[begin:end], begin, limit=room, count=count)
        begin = end + 1


def _sentences(text: str) -> Iterator[tuple[int, int]]:
    begin = 0
    for gap in SENTENCE_END.finditer(text):
        if _is_abbreviated(text, gap.start()):
            continue
        # Closing quotes and brackets in the gap belong to the sentence before it.
        end = gap.start() + len(gap[0].rstrip())
        if text[begin:end].strip():
            yield begin, end
            begin = gap.end()
    if text[begin:].strip():
        yield begin, len(text)


def _is_abbreviated(text: str, end: int) -> bool:
    return bool(ABBREVIATION.search(text[max(0, end - LONGEST_ABBREVIATION) : end]))


def _words(text: str, start: int, *, limit: int, count: Counter) -> Iterator[Piece]:
    """Pieces between words, or inside a word that is longer than the limit itself."""
    for begin, end in _strides(text, limit * CHARACTERS_PER_TOKEN):
        yield from _halves(text[begin:end], start + begin, limit=limit, count=count)


def _strides(text: str, size: int) -> Iterator[tuple[int, int]]:
    begin = 0
    while begin < len(text):
        end = begin + size
        if end < len(text):
            space = text.rfind(" ", begin + 1, end)
            end = space if space != -1 else end
        yield begin, min(end, len(text))
        begin = end


def _halves(text: str, start: int, *, limit: int, count: Counter) -> Iterator[Piece]:
    lead = len(text) - len(text.lstrip())
    text, start = text.strip(), start + lead
    tokens = count(text)
    if not text:
        return
    if tokens <= limit or len(text) == 1:
        yield Piece(start, start + len(text), tokens)
        return
    space = text.rfind(" ", 1, len(text) // 2 + 1)
    middle = space if space != -1 else len(text) // 2
    yield from _halves(text[:middle], start, limit=limit, count=count)
    yield from _halves(text[middle:], start + middle, limit=limit, count=count)
