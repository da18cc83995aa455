"""Cutting one element that is too long for a chunk: at sentence ends, then words; tables between rows, then
cells. Pure.

A piece is a span of the text. Pieces of an element follow each other and together hold all of it but white space.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import pairwise

Counter = Callable[[str], int]

SENTENCE_END = re.compile(r"""(?<=[.!?…])["”’')\]]*\s+(?=["“‘'(\[]*[A-Z0-9À-Þ])|\n+|(?<=[。！？])""")
ABBREVIATION = re.compile(
    r"(?:^|[\s(“\"'])(?:[A-Z]|mr|mrs|ms|dr|prof|st|nos?|vs|inc|ltd|co|corp|e\.g|i\.e|cf|art|sec|fig|pp?|u\.s|u\.k)\.$",
    re.I,
)
LONGEST_ABBREVIATION = 8
"""Characters, with what stands before it."""

CELL = re.compile(r" \| ")
"""Between two cells of a row; a bar inside a cell has a backslash before it."""
WORDS_OF_A_NAME = (8, 4, 2, 1)
"""Words that are kept of a column's name, the most that fit."""
LONGEST_WORD = 20
"""Characters of a word of a column's name."""

CHARACTERS_PER_TOKEN = 3
"""Fewer than in any language written with spaces, so that a first cut by characters seldom needs a second one."""


@dataclass(frozen=True, slots=True)
class Piece:
    """`tokens` counts `prefix` too: what a later piece of a table has before its span, header rows and empty cells."""

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
    """Runs of rows, each with the header rows: the first in its span, every other as its prefix.

    A header that takes over half of the limit stands by itself, and is shortened before the rows.
    """
    head_end = text.find("\n", text.find("\n") + 1)
    if head_end == -1:
        yield from cut_text(text, start, limit=limit, count=count)
        return
    whole = text[: head_end + 1]
    head = _shortened(whole, limit // 2, count)
    first = 0
    if head != whole:
        for run in _runs(text[:head_end], 0, limit, count):
            yield Piece(start + run.start, start + run.end, run.tokens)
        first = head_end + 1
    paid = count(head)
    for number, run in enumerate(_runs(text, head_end + 1, limit - paid, count)):
        if number == 0 and first == 0:
            yield Piece(start, start + run.end, paid + run.tokens)
        else:
            prefix = head and head + run.prefix
            yield Piece(start + run.start, start + run.end, paid + run.tokens, prefix)


def _shortened(head: str, most: int, count: Counter) -> str:
    """The header rows with as many words of each column's name as fit; nothing if one word each does not."""
    if count(head) <= most:
        return head
    names, rule, _ = head.split("\n")
    cells = CELL.split(names.removeprefix("| ").removesuffix(" |"))
    for words in WORDS_OF_A_NAME:
        short = f"| {' | '.join(_first_words(cell, words) for cell in cells)} |\n{rule}\n"
        if count(short) <= most:
            return short
    return ""


def _first_words(name: str, words: int) -> str:
    kept = " ".join(name.split()[:words])[: words * LONGEST_WORD]
    return kept if kept == name.strip() else f"{kept}…"


def _runs(text: str, begin: int, room: int, count: Counter) -> Iterator[Piece]:
    """The longest runs of rows that fit the room."""
    run: Piece | None = None
    for row in _rows(text, begin, room, count):
        if run and not row.prefix and run.tokens + row.tokens <= room:
            run = replace(run, end=row.end, tokens=run.tokens + row.tokens)
            continue
        if run:
            yield run
        run = row
    if run:
        yield run


def _rows(text: str, begin: int, room: int, count: Counter) -> Iterator[Piece]:
    while begin < len(text):
        end = text.find("\n", begin)
        end = len(text) if end == -1 else end
        tokens = count(text[begin:end])
        if tokens <= room:
            yield Piece(begin, end, tokens)
        else:
            yield from _cells(text[begin:end], begin, room, count)
        begin = end + 1


def _cells(row: str, start: int, room: int, count: Counter) -> Iterator[Piece]:
    """Runs of cells of a row that is longer than the room; a cell that is longer is cut between words.

    All but the first have a prefix that puts them below their columns.
    """
    run: Piece | None = None
    edges = [0, *(found.start() + 1 for found in CELL.finditer(row)), len(row)]
    for column, (begin, end) in enumerate(pairwise(edges)):
        cell = row[begin:end].rstrip()
        tokens = count(cell)
        if run and run.tokens + tokens <= room:
            run = replace(run, end=start + begin + len(cell), tokens=run.tokens + tokens)
            continue
        if run:
            yield run
        run = None
        before = _before(row[: edges[1]], column, room // 4, count)
        paid = count(before)
        if paid + tokens <= room:
            run = Piece(start + begin, start + begin + len(cell), paid + tokens, before)
        else:
            yield from _parts(cell, start + begin, before, room, count)
    if run:
        yield run


def _before(name: str, column: int, most: int, count: Counter) -> str:
    """What puts a cell into its column: the row's first cell, if that is short, and empty ones."""
    if column == 0:
        return ""
    fitting = (first + "| " * (column - 1) for first in (f"{name.rstrip()} ", "| "))
    return next((before for before in fitting if count(before) <= most), "")


def _parts(cell: str, start: int, before: str, room: int, count: Counter) -> Iterator[Piece]:
    """A cell between words; the first part has the bar that it begins with."""
    paid = count(f"{before}| ")
    for part in _words(cell, start, limit=max(1, room - paid), count=count):
        prefix = before if part.start == start else f"{before}| "
        yield replace(part, tokens=paid + part.tokens, prefix=prefix)


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
