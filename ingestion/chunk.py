"""Elements to passages: each under one top heading, whole where it can be, and small enough for the embedder. Pure."""

from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import takewhile

from ingestion.cut import Counter, Piece, cut_table, cut_text
from ingestion.parse.elements import Element, Kind, Parsed

TARGET = 170
"""Tokens of text in a chunk; docs/parsing.md compares it with smaller and larger ones."""

SMALL = TARGET // 4
"""Tokens; a section or a rest below it is joined to its neighbour, where both stand under one heading."""

HEADER_SHARE = 3
"""A header takes at most one part in so many of the window."""

JOINT = 1
"""Tokens that a break between two pieces may cost, at most."""

LONGEST_TOKEN = 20
"""Characters. One “token” that stands for more is a mark for a word that the embedder cannot read."""

SEPARATOR = " › "
BREAK = "\n\n"

Path = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ChunkDraft:
    """A passage. `text` is `parsed.text[start:end]`, except where a table goes on from an earlier chunk: then its
    header rows stand before that slice, and the span is still the slice alone. `headings` are those that all of it
    stands under; `header` is what is embedded before it, and with the text fits the window.
    """

    ordinal: int
    text: str
    headings: Path
    header: str
    first_page: int | None
    last_page: int | None
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Placed:
    """An element with its place in the text and the headings that it stands under, its own included."""

    element: Element
    start: int
    path: Path


@dataclass(frozen=True, slots=True)
class Unit:
    """The smallest thing that a chunk is made of."""

    piece: Piece
    path: Path
    page: int | None
    is_heading: bool = False


@dataclass(frozen=True, slots=True)
class Section:
    """Headings in a row, with what follows them until the next one."""

    units: tuple[Unit, ...]
    starts_top: bool

    @property
    def tokens(self) -> int:
        return _tokens(self.units)

    @property
    def has_body(self) -> bool:
        return not all(unit.is_heading for unit in self.units)


def chunk(
    parsed: Parsed, *, title: str, window: int, count_tokens: Callable[[str], int]
) -> tuple[ChunkDraft, ...]:
    """The document's passages in reading order; together they hold all of its text.

    `window` is in the embedder's tokens, and so is what `count_tokens` returns for a text.
    """
    ruler = Ruler(title, window, count_tokens)
    sections = [_section(group, ruler) for group in _grouped(_placed(parsed.elements))]
    text = parsed.text
    groups = [units for run in _runs(sections, ruler) for units in _packed(run, ruler)]
    return tuple(_draft(i, units, text, ruler) for i, units in enumerate(groups))


class Ruler:
    """Measures texts and headers in tokens for one document and one embedder."""

    def __init__(self, title: str, window: int, count_tokens: Counter) -> None:
        self._title = title
        self._window = window
        self._count = count_tokens
        # Some tokenisers add marks of their own to every text; they are paid once a chunk, not once a piece.
        self._marks = count_tokens("")
        self.header = cache(self._header)
        self.room = cache(self._room)

    def count(self, text: str) -> int:
        """Tokens; of a word that the tokeniser gives up on, as many as its length deserves."""
        return max(self._count(text) - self._marks, len(text) // LONGEST_TOKEN)

    def _room(self, path: Path) -> int:
        """Tokens that a chunk has for its text when it stands under these headings or only the first of them."""
        headers = [self.header(path[:depth]) for depth in range(len(path) + 1)]
        return max(1, self._window - self._marks - max(map(self.count, headers)) - JOINT)

    def _header(self, path: Path) -> str:
        """Title › heading › subheading, without its middle, then without its end, when it is too long."""
        said = bool(path) and path[0].casefold() == self._title.casefold()
        names = tuple(name for name in (self._title, *path[said:]) if name)
        most = self._window // HEADER_SHARE
        if self._fits(names, most):
            return SEPARATOR.join(names)
        for dropped in range(1, len(names) - 1):
            shorter = (names[0], "…", *names[1 + dropped :])
            if self._fits(shorter, most):
                return SEPARATOR.join(shorter)
        ends = (names[0], "…", names[-1]) if len(names) > 2 else names
        return SEPARATOR.join(self._shortened(name, most // 2 - HEADER_SHARE) for name in ends)

    def _fits(self, names: Path, most: int) -> bool:
        return self.count(SEPARATOR.join(names)) <= most

    def _shortened(self, name: str, most: int) -> str:
        """As many of the first words as fit; of a single long word, as many characters."""
        if self.count(name) <= most:
            return name
        words = name[: most * LONGEST_TOKEN].split()
        kept = bisect_right(range(1, len(words) + 1), most, key=lambda n: self.count(" ".join(words[:n])))
        return f"{' '.join(words[:kept]) or name[: most // 2]}…"


def _placed(elements: Iterable[Element]) -> Iterator[Placed]:
    start = 0
    open_headings: list[tuple[int, str]] = []
    for element in elements:
        if element.kind is Kind.HEADING:
            level = element.level or 1
            open_headings = [each for each in open_headings if each[0] < level] + [(level, element.text)]
        if element.text.strip():
            yield Placed(element, start, tuple(text for _, text in open_headings))
        start += len(element.text) + len(BREAK)


def _grouped(placed: Iterable[Placed]) -> Iterator[list[Placed]]:
    """A group a section: its headings, then what stands under the last of them."""
    group: list[Placed] = []
    for each in placed:
        if group and _is_heading(each) and not _is_heading(group[-1]):
            yield group
            group = []
        group.append(each)
    if group:
        yield group


def _is_heading(placed: Placed) -> bool:
    return placed.element.kind is Kind.HEADING


def _section(group: Sequence[Placed], ruler: Ruler) -> Section:
    """Headings that would crowd out what they head are text like any other, the first ones first."""
    room = ruler.room(group[-1].path)
    headings = list(takewhile(_is_heading, group))
    heads = [Unit(_whole(each, ruler), each.path, each.element.page, is_heading=True) for each in headings]
    crowd = next(n for n in range(len(heads) + 1) if _tokens(heads[n:]) <= room // 2)
    limit = room - _tokens(heads[crowd:]) - JOINT
    above = [unit for each in headings[:crowd] for unit in _units(each, ruler.room(each.path), ruler)]
    below = [unit for each in group[len(headings) :] for unit in _units(each, limit, ruler)]
    starts_top = any(len(each.path) == 1 for each in headings)
    return Section((*above, *heads[crowd:], *below), starts_top)


def _whole(placed: Placed, ruler: Ruler) -> Piece:
    text = placed.element.text
    return Piece(placed.start, placed.start + len(text), ruler.count(text))


def _units(placed: Placed, limit: int, ruler: Ruler) -> list[Unit]:
    """The element as one unit when it fits, else its pieces."""
    pieces = [_whole(placed, ruler)]
    if pieces[0].tokens > limit:
        cut = cut_table if placed.element.kind is Kind.TABLE else cut_text
        pieces = list(cut(placed.element.text, placed.start, limit=limit, count=ruler.count))
    return [Unit(piece, placed.path, placed.element.page) for piece in pieces]


def _runs(sections: Iterable[Section], ruler: Ruler) -> Iterator[list[Section]]:
    """Sections that share a chunk, because they are small neighbours below one heading; most stand alone."""
    run: list[Section] = []
    for section in sections:
        if run and not _joins(run, section, ruler):
            yield run
            run = []
        run.append(section)
    if run:
        yield run


def _joins(run: Sequence[Section], section: Section, ruler: Ruler) -> bool:
    if not section.has_body:
        return True  # Only the last section can be without: headings that nothing follows.
    if section.starts_top or min(run[-1].tokens, section.tokens) > SMALL:
        return False
    units = [unit for each in (*run, section) for unit in each.units]
    return bool(_common(units)) and _tokens(units) <= min(TARGET, _room(units, ruler))


def _packed(run: Sequence[Section], ruler: Ruler) -> list[list[Unit]]:
    """The chunks of a run: as many units each as the target allows; a short rest goes with the chunk before it."""
    units = [unit for section in run for unit in section.units]
    room = _room(units, ruler)
    target = min(TARGET, room)
    if _tokens(units) <= target and not any(unit.piece.prefix for unit in units):
        return [units]
    packed: list[list[Unit]] = []
    for unit in units:
        if packed and _may_take(packed[-1], unit, target, room):
            packed[-1].append(unit)
        else:
            packed.append([unit])
    return _without_short_rest(packed, room)


def _may_take(chunk: Sequence[Unit], unit: Unit, target: int, room: int) -> bool:
    only_headings = all(each.is_heading for each in chunk)
    if unit.piece.prefix or (unit.is_heading and not only_headings):
        return False
    return _tokens([*chunk, unit]) <= (room if only_headings else target)


def _without_short_rest(packed: list[list[Unit]], room: int) -> list[list[Unit]]:
    if len(packed) < 2 or packed[-1][0].piece.prefix or _tokens(packed[-1]) > SMALL:
        return packed
    joined = [*packed[-2], *packed[-1]]
    return [*packed[:-2], joined] if _tokens(joined) <= room else packed


def _draft(ordinal: int, units: Sequence[Unit], text: str, ruler: Ruler) -> ChunkDraft:
    path = _common(units)
    first, last = units[0].piece, units[-1].piece
    pages = [unit.page for unit in units if unit.page is not None]
    return ChunkDraft(
        ordinal=ordinal,
        text=first.prefix + text[first.start : last.end],
        headings=path,
        header=ruler.header(path),
        first_page=min(pages, default=None),
        last_page=max(pages, default=None),
        start=first.start,
        end=last.end,
    )


def _room(units: Iterable[Unit], ruler: Ruler) -> int:
    return min(ruler.room(path) for path in {unit.path for unit in units})


def _common(units: Sequence[Unit]) -> Path:
    """The headings that all units stand under; a heading over the rest does not count for itself."""
    paths = [unit.path for unit in units if not unit.is_heading] or [units[-1].path]
    shared = takewhile(lambda names: len(set(names)) == 1, zip(*paths, strict=False))
    return tuple(names[0] for names in shared)


def _tokens(units: Sequence[Unit]) -> int:
    return sum(unit.piece.tokens for unit in units) + JOINT * max(0, len(units) - 1)
