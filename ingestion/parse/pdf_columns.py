"""Tables of a PDF that no rules are drawn around: rows of amounts that stand below each other.

What tells them from prose is white space that runs down between the columns, and amounts beside it.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from statistics import median

from ingestion.parse.pdf_grid import AFTER, BEFORE
from ingestion.parse.pdf_headers import (
    AMOUNT,
    WORD_GAP,
    Header,
    Phrase,
    Span,
    Word,
    header_above,
    is_amount,
    phrases,
)
from ingestion.parse.pdf_place import Frame

FEWEST_ROWS = 3
"""With amounts; fewer are a line that happens to have a gap."""
FEWEST_AMOUNTS = 5
"""Words on a page that are amounts; with fewer it is not looked at."""
ROW_GAP = 1.6
"""Heights of a line that may lie between two rows."""
LABEL_LINES = 2
"""Lines without an amount that may stand between two rows: a subtitle, a label in two lines."""
MOST_CROSSING = 0.08
"""Share of the rows that may cross the space between two columns."""
LONGEST_CELL = 6
"""Words in the middle of a table's cells beside its first column; more are prose in columns."""
SHARE_OF_AMOUNTS = 0.6
"""Of the cells beside the first column."""
LONGEST_TITLE = 8
"""Words of a line that stands over the first column."""
LEADER = "...."
"""What leads to the page number in a table of contents."""


@dataclass(frozen=True, slots=True)
class ColumnTable:
    """Rows of equal length, the header first where there is one."""

    rows: tuple[tuple[str, ...], ...]
    frame: Frame


@dataclass(frozen=True, slots=True)
class _Line:
    words: tuple[Word, ...]
    phrases: tuple[Phrase, ...]
    frame: Frame

    @property
    def height(self) -> float:
        return self.frame.bottom - self.frame.top

    @property
    def is_row(self) -> bool:
        """Something, and an amount to the right of it."""
        return len(self.phrases) > 1 and any(is_amount(each.text) for each in self.phrases[1:])


def may_have_columns(texts: Iterable[str]) -> bool:
    """Whether there are amounts enough on a page that looking at its layout may be worth it."""
    amounts = 0
    for text in texts:
        amounts += sum(is_amount(word) for word in text.split())
        if amounts >= FEWEST_AMOUNTS:
            return True
    return False


def column_tables(words: Sequence[Word]) -> list[ColumnTable]:
    """The tables of a page from its words, from top to bottom."""
    lines = _lines(words)
    return [table for run in _runs(lines) if (table := _table(_with_titles(run, lines), words))]


def _lines(words: Sequence[Word]) -> list[_Line]:
    """From top to bottom, each from left to right. A word belongs to the line whose middle it covers."""
    lines: list[list[Word]] = []
    for word in sorted(words, key=lambda word: (word.frame.top + word.frame.bottom, word.frame.left)):
        middle = (word.frame.top + word.frame.bottom) / 2
        if lines and lines[-1][0].frame.top <= middle <= lines[-1][0].frame.bottom:
            lines[-1].append(word)
        else:
            lines.append([word])
    return [_line(line) for line in lines]


def _line(words: list[Word]) -> _Line:
    words = _joined(sorted(words, key=lambda word: word.frame.left))
    frames = [word.frame for word in words]
    frame = Frame(
        frames[0].left,
        min(each.top for each in frames),
        max(each.right for each in frames),
        max(each.bottom for each in frames),
    )
    height = median(each.bottom - each.top for each in frames)
    return _Line(tuple(words), tuple(phrases(words, height * WORD_GAP)), frame)


def _joined(line: Sequence[Word]) -> list[Word]:
    """The words with each sign at its amount, and in that amount's place: columns of signs are none."""
    joined: list[Word] = []
    sign = ""
    for word, after in zip(line, (*line[1:], None), strict=True):
        if word.text in BEFORE and after and is_amount(after.text):
            sign = word.text
        elif word.text in AFTER and joined and is_amount(joined[-1].text):
            joined[-1] = replace(joined[-1], text=joined[-1].text + word.text)
        else:
            joined.append(replace(word, text=sign + word.text))
            sign = ""
    return joined


def _runs(lines: Sequence[_Line]) -> Iterator[list[_Line]]:
    """Lines that follow each other closely, from the first row with amounts to the last."""
    run: list[_Line] = []
    rows = labels = 0
    for line in lines:
        near = run and line.frame.top - run[-1].frame.bottom <= ROW_GAP * line.height
        if run and not (near and (line.is_row or labels < LABEL_LINES)):
            if rows >= FEWEST_ROWS:
                yield run[: len(run) - labels]
            run, rows, labels = [], 0, 0
        if line.is_row:
            run, rows, labels = [*run, line], rows + 1, 0
        elif run:
            run, labels = [*run, line], labels + 1
    if rows >= FEWEST_ROWS:
        yield run[: len(run) - labels]


def _with_titles(run: list[_Line], lines: Sequence[_Line]) -> list[_Line]:
    """The run with the lines right above it that stand over its first column alone, like “Current assets:”."""
    titled = list(run)
    beside = min(each.phrases[1].span.left for each in run if each.is_row)
    for line in reversed(lines[: lines.index(run[0])]):
        near = titled[0].frame.top - line.frame.bottom <= ROW_GAP * line.height
        if not near or len(run) + LABEL_LINES == len(titled) or not _is_title(line, beside):
            break
        titled.insert(0, line)
    return titled


def _is_title(line: _Line, beside: float) -> bool:
    [first, *others] = line.phrases
    short = len(first.text.split()) <= LONGEST_TITLE and not first.text[0].islower()
    return short and not others and line.frame.right <= beside


def _table(run: Sequence[_Line], words: Sequence[Word]) -> ColumnTable | None:
    columns = _columns([line for line in run if line.is_row])
    if len(columns) < 2 or not all(_fits(line, columns) for line in run if not line.is_row):
        return None
    rows = _labelled([_cells(line.phrases, columns) for line in run])
    kept = [i for i in range(len(columns)) if any(row[i] for row in rows)]
    rows = [[row[i] for i in kept] for row in rows]
    if not _is_tabular(rows):
        return None
    spans = [columns[i] for i in kept]
    header = header_above(words, run[0].frame.top, spans)
    return ColumnTable(tuple(map(tuple, _headed(header, rows))), _frame(run, header, spans))


def _columns(rows: Sequence[_Line]) -> list[Span]:
    """The spans that phrases of the rows cover. A few rows may run across the space between two."""
    ends = [
        (end, step)
        for row in rows
        for each in row.phrases
        for end, step in ((each.span.left, 1), (each.span.right, -1))
    ]
    crossing, covering = int(MOST_CROSSING * len(rows)), 0
    columns: list[Span] = []
    left = 0.0
    for place, step in sorted(ends):
        before, covering = covering, covering + step
        if before <= crossing < covering:
            left = place
        elif covering <= crossing < before:
            columns.append(Span(left, place))
    return columns


def _fits(line: _Line, columns: Sequence[Span]) -> bool:
    """Whether a line without amounts runs across no more than the first column and the space after it."""
    return line.frame.right <= columns[1].left or len(line.phrases) > 1


def _cells(found: Sequence[Phrase], columns: Sequence[Span]) -> list[str]:
    cells: list[list[str]] = [[] for _ in columns]
    for phrase in found:
        place = max(range(len(columns)), key=lambda i: columns[i].shared(phrase.span))
        cells[place].append(phrase.text)
    return [" ".join(cell) for cell in cells]


def _labelled(rows: Sequence[list[str]]) -> list[list[str]]:
    """With a label that is broken into two lines in one row."""
    whole: list[list[str]] = []
    for row in rows:
        before = whole[-1] if whole else []
        if before and row[0][:1].islower() and (not any(before[1:]) or not any(row[1:])):
            values = row[1:] if any(row[1:]) else before[1:]
            whole[-1] = [f"{before[0]} {row[0]}", *values]
        else:
            whole.append(row)
    return whole


def _is_tabular(rows: Sequence[Sequence[str]]) -> bool:
    """Whether beside the first column there are mostly amounts, and nowhere prose."""
    beside = [cell for row in rows for cell in row[1:] if cell]
    if len(rows[0]) < 2 or not beside or any(LEADER in cell for row in rows for cell in row):
        return False
    amounts = sum(bool(AMOUNT.fullmatch(cell)) for cell in beside)
    return (
        amounts >= SHARE_OF_AMOUNTS * len(beside)
        and max(len(cell.split()) for cell in beside) <= LONGEST_CELL
    )


def _headed(header: Header | None, rows: Sequence[list[str]]) -> list[Sequence[str]]:
    return [header.cells, *rows] if header else list(rows)


def _frame(run: Sequence[_Line], header: Header | None, columns: Sequence[Span]) -> Frame:
    return Frame(
        min(columns[0].left, *(line.frame.left for line in run)),
        header.top if header else run[0].frame.top,
        max(columns[-1].right, *(line.frame.right for line in run)),
        run[-1].frame.bottom,
    )
