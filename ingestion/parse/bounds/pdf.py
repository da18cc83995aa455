"""PDF: how many pages there are, and what would run in other programs."""

import re
import zlib
from collections.abc import Iterator
from contextlib import suppress
from itertools import islice
from pathlib import Path

from ingestion.parse.bounds import MEGABYTE, Bounds
from ingestion.parse.opened import open_pdf, sound
from kb.errors import Unreadable

ACTIONS = {
    "JavaScript": re.compile(rb"/JavaScript\b"),
    "commands that start programs": re.compile(rb"/Launch\b"),
    "embedded files": re.compile(rb"/EmbeddedFiles?\b"),
}
NAME_ESCAPE = re.compile(rb"#([0-9A-Fa-f]{2})")
"""“/L#61unch” is “/Launch”: ISO 32000-1, 7.3.5."""
OBJECT_STREAM = re.compile(rb"/ObjStm\b.{0,400}?stream\r?\n", re.S)
MOST_STREAMS, MOST_PACKED, MOST_UNPACKED = 10_000, MEGABYTE // 4, MEGABYTE
"""Streams of objects that are looked into, and bytes of each."""


def examine(path: Path, bounds: Bounds) -> tuple[str, ...]:
    with open_pdf(sound(path)) as document:
        pages = len(document)
    if pages > bounds.pages:
        raise Unreadable(f"It has {pages:,} pages, and one file may have {bounds.pages:,}. Split it.")
    held = list(_held(path.read_bytes()))
    return (f"It holds {' and '.join(held)}. Nothing of that was run or read.",) if held else ()


def _held(data: bytes) -> Iterator[str]:
    dictionaries = [data, *_unpacked(data)]
    plain = [NAME_ESCAPE.sub(lambda found: bytes([int(found[1], 16)]), each) for each in dictionaries]
    for name, pattern in ACTIONS.items():
        if any(pattern.search(each) for each in plain):
            yield name


def _unpacked(data: bytes) -> Iterator[bytes]:
    """Streams in which newer PDFs keep their dictionaries."""
    for found in islice(OBJECT_STREAM.finditer(data), MOST_STREAMS):
        packed = data[found.end() : found.end() + MOST_PACKED]
        with suppress(zlib.error):
            yield zlib.decompressobj().decompress(packed, MOST_UNPACKED)
