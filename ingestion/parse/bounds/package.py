"""Packages of XML parts: Word, PowerPoint, Excel, OpenDocument, EPUB.

A package states the size of each part, and may lie. So each part is unpacked here as far as the bounds go, block by
block, and nothing of it is kept.
"""

from collections.abc import Iterator
from contextlib import suppress
from copy import copy
from dataclasses import dataclass
from pathlib import Path
from zipfile import BadZipFile, ZipFile, ZipInfo
from zlib import error as StreamError

from ingestion.parse.bounds import MACROS, MEGABYTE, Bounds
from ingestion.parse.bounds.markup import Examiner, is_markup
from ingestion.parse.bounds.repeats import RepeatCounter, is_open_document
from kb.errors import Unreadable

BLOCK = 256 * 1024
"""Bytes."""
SMALL = 10 * MEGABYTE
"""Unpacked bytes up to which no ratio is suspicious: an empty table packs a thousand to one."""
SHEETS = "xl/worksheets/"
CELL = b"<c "
PROGRAMS = ("vbaproject.bin", "/macrosheets/", "basic/script-lb.xml")
"""What the names of parts hold that are programs, in small letters."""
EMBEDDED = "/embeddings/"
BROKEN = (BadZipFile, StreamError, EOFError, NotImplementedError, RuntimeError, OSError)
"""What zipfile raises on damaged, encrypted and strangely packed parts."""
ADVICE = "Split it, or leave it out if you do not know where it comes from."


def examine(path: Path, bounds: Bounds) -> tuple[str, ...]:
    try:
        with ZipFile(path) as package:
            parts = package.infolist()
            if len(parts) > bounds.entries:
                raise Unreadable(
                    f"It holds {len(parts):,} files inside, and one file may hold {bounds.entries:,}. {ADVICE}"
                )
            tally = _Tally(bounds)
            for part in parts:
                # One that is broken must not save those behind it from being looked at.
                with suppress(*BROKEN):
                    tally.add(package, part)
    except BROKEN:
        return ()
    return tuple(_notes([part.filename.lower() for part in parts]))


@dataclass(slots=True)
class _Tally:
    """What the parts so far unpacked to."""

    bounds: Bounds
    unpacked: int = 0
    markup: int = 0
    cells: int = 0

    def add(self, package: ZipFile, part: ZipInfo) -> None:
        before, bounds = self.unpacked, self.bounds
        is_sheet = part.filename.startswith(SHEETS)
        examiner = Examiner(bounds, deep=not is_sheet)
        repeats = RepeatCounter(bounds) if is_open_document(part.filename) else None
        for block in _blocks(package, part, bounds.unpacked - before):
            self.unpacked += len(block)
            _refuse_over(self.unpacked, bounds.unpacked, "in all")
            if is_markup(part.filename):
                self.markup += len(block)
                _refuse_over(self.markup, bounds.markup, "of text")
                examiner.feed(block)
            if repeats:
                repeats.feed(block)
            if is_sheet:
                self.cells += block.count(CELL)
                _refuse_cells(self.cells, bounds)
        _refuse_ratio(self.unpacked - before, part, bounds)


def _blocks(package: ZipFile, part: ZipInfo, most: int) -> Iterator[bytes]:
    """The part's real bytes, one more than `most` at most, whatever size and checksum it states."""
    honest = copy(part)
    honest.file_size = most + 1
    # zipfile compares no checksum where it has none.
    honest.CRC = None  # type: ignore[assignment]
    with package.open(honest) as stream:
        while block := stream.read(BLOCK):
            yield block


def _refuse_over(size: int, most: int, of: str) -> None:
    if size > most:
        raise Unreadable(
            f"It unpacks to more than {most // MEGABYTE} MB {of}, the most that one file may hold. {ADVICE}"
        )


def _refuse_cells(cells: int, bounds: Bounds) -> None:
    if cells > bounds.cells:
        raise Unreadable(
            f"It has more than {bounds.cells:,} cells, the most that one file may have. {ADVICE}"
        )


def _refuse_ratio(size: int, part: ZipInfo, bounds: Bounds) -> None:
    if size > SMALL and size > bounds.ratio * max(part.compress_size, 1):
        raise Unreadable(
            f"It unpacks to more than {bounds.ratio} times its size, as files do that are made to do harm. {ADVICE}"
        )


def _notes(names: list[str]) -> Iterator[str]:
    if any(sign in name for name in names for sign in PROGRAMS):
        yield MACROS
    if count := sum(EMBEDDED in name for name in names):
        yield f"It holds {count} embedded files, which were not read."
