"""What a container holds, whatever its kind: paths that stay inside, and files within their bounds."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import IO

BLOCK = 256 * 1024  # bytes
LONGEST_PATH = 1_000
"""Characters."""
HARMLESS_SIZE = 10 * 1024 * 1024
"""Bytes below which no ratio is suspicious: an empty log packs a thousandfold."""
DRIVE = re.compile(r"[A-Za-z]:")
CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
"""Control characters, and those that turn the direction of writing: a name with them shows as another."""
RUBBISH = frozenset({"__MACOSX", "Thumbs.db", "desktop.ini"})


class LeftOut(Exception):
    """One entry is not taken; the message says why, after “it”."""


class OutOfBounds(Exception):
    """The whole container is not taken: it unpacks to more than its bounds; the message is a sentence."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A file inside a container. `packed` is its size there in bytes, 0 where that is not known.

    With a `refusal` it is not opened: why, after “it”.
    """

    path: str
    read: Callable[[], IO[bytes]]
    packed: int = 0
    refusal: str = ""


@dataclass(frozen=True, slots=True)
class Bounds:
    """What one container may unpack to: files, bytes of all and of one, and how many times its own size."""

    entries: int
    size: int
    file_size: int
    ratio: int


def inside(path: str) -> str:
    """The path with forward slashes, relative and without dots, as it is shown. It never becomes one on disk.

    Raises:
        LeftOut: it leads out of the container, hides something, or is too long.
    """
    path = path.encode("utf-8", "replace").decode().replace("\\", "/")
    if CONTROL.search(path):
        raise LeftOut("has control characters in its name")
    if path.startswith("/") or DRIVE.match(path):
        raise LeftOut("has an absolute path")
    parts = [part for part in path.split("/") if part not in {"", "."}]
    if ".." in parts:
        raise LeftOut("has a path that leads out of the archive")
    if not parts:
        raise LeftOut("has no name")
    if any(part.startswith(".") or part in RUBBISH for part in parts):
        raise LeftOut("is hidden")
    if len(path) > LONGEST_PATH:
        raise LeftOut(f"has a path of more than {LONGEST_PATH:,} characters")
    return "/".join(parts)


def shown(path: str) -> str:
    """Any path so that it can be shown, for those that were left out."""
    return CONTROL.sub("\N{REPLACEMENT CHARACTER}", path.encode("utf-8", "replace").decode())[:LONGEST_PATH]


class Budget:
    """Counts what was really unpacked, whatever the container declares. `packed` is its size in bytes."""

    def __init__(self, bounds: Bounds, packed: int) -> None:
        self._bounds, self._packed = bounds, packed
        self._entries = self._size = 0

    def begin(self) -> None:
        """
        Raises:
            OutOfBounds: one entry more than there may be.
        """
        self._entries += 1
        if self._entries > self._bounds.entries:
            raise OutOfBounds(f"It holds more than {self._bounds.entries:,} files. Split it.")

    def copy(self, entry: Entry, target: Path) -> None:
        """Writes the entry's bytes.

        Raises:
            LeftOut: the entry is too large, or packed too tightly to be honest.
            OutOfBounds: all of them together are.
        """
        size = 0
        with entry.read() as source, target.open("wb") as file:
            while block := source.read(BLOCK):
                size += len(block)
                self._size += len(block)
                self._check_entry(entry, size)
                self._check_all(entry)
                file.write(block)

    def _check_entry(self, entry: Entry, size: int) -> None:
        if size > self._bounds.file_size:
            raise LeftOut(f"is larger than {self._bounds.file_size // 2**20:,} MB")
        if entry.packed and self._is_bomb(size, entry.packed):
            raise LeftOut(f"unpacks to more than {self._bounds.ratio} times its size, as only a bomb does")

    def _check_all(self, entry: Entry) -> None:
        if self._size > self._bounds.size:
            raise OutOfBounds(f"It unpacks to more than {self._bounds.size // 2**20:,} MB. Split it.")
        if not entry.packed and self._is_bomb(self._size, self._packed):
            raise OutOfBounds(
                f"It unpacks to more than {self._bounds.ratio} times its size, as only a bomb does. Do not open it."
            )

    def _is_bomb(self, size: int, packed: int) -> bool:
        return size > HARMLESS_SIZE and size > self._bounds.ratio * packed
