"""Writes small files of the compound format ([MS-CFB]), in which old slides and Outlook's messages are."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from struct import pack

SECTOR, SMALL = 512, 64
"""Bytes of a sector, and of one in which streams below 4,096 bytes are."""
LAST, FREE, TABLE = 0xFFFFFFFE, 0xFFFFFFFF, 0xFFFFFFFD
STORAGE, STREAM, ROOT = 1, 2, 5

Tree = Mapping[str, "bytes | Tree"]


@dataclass
class Entry:
    name: str
    kind: int
    data: bytes = b""
    start: int = 0
    child: int = FREE
    sibling: int = FREE


def compound(path: Path, streams: Tree) -> Path:
    """`streams` are bytes by name, each below 4,096; a mapping is a storage of its own."""
    entries = [Entry("Root Entry", ROOT)]
    _add(entries, entries[0], streams)
    small, small_table = b"", list[int]()
    for entry in entries:
        if entry.kind == STREAM:
            entry.start = len(small_table)
            small += _padded(entry.data, SMALL)
            small_table += _chain(entry.start, len(_padded(entry.data, SMALL)) // SMALL)
    entries[0].data = small
    parts = [small, b"".join(map(_directory_entry, entries)), pack(f"<{len(small_table)}I", *small_table)]
    padded = [_padded(part, SECTOR, b"\xff" if part is parts[2] else b"\0") for part in parts]
    starts = [sum(len(each) for each in padded[:i]) // SECTOR for i in range(4)]
    table = [entry for i in range(3) for entry in _chain(starts[i], len(padded[i]) // SECTOR)] + [TABLE]
    header = bytes.fromhex("d0cf11e0a1b11ae1") + bytes(16) + pack("<HHHHH", 62, 3, 0xFFFE, 9, 6) + bytes(10)
    header += pack(
        "<IIIIIIIII", 1, starts[1], 0, 4096, starts[2], len(padded[2]) // SECTOR, LAST, 0, starts[3]
    )
    path.write_bytes(
        _padded(header, SECTOR, b"\xff")
        + b"".join(padded)
        + _padded(pack(f"<{len(table)}I", *table), SECTOR, b"\xff")
    )
    return path


def _add(entries: list[Entry], parent: Entry, streams: Tree) -> None:
    """Each entry's right sibling is the next by length and name, which is a tree, if not a balanced one."""
    before: Entry | None = None
    for name, data in sorted(streams.items(), key=lambda each: (len(each[0]), each[0].upper())):
        made = Entry(name, STREAM, data) if isinstance(data, bytes) else Entry(name, STORAGE)
        if before is None:
            parent.child = len(entries)
        else:
            before.sibling = len(entries)
        before = made
        entries.append(made)
        if not isinstance(data, bytes):
            _add(entries, made, data)


def _chain(first: int, length: int) -> list[int]:
    return [*range(first + 1, first + length), LAST] if length else []


def _padded(data: bytes, size: int, filler: bytes = b"\0") -> bytes:
    return data.ljust(-(-len(data) // size) * size, filler)


def _directory_entry(entry: Entry) -> bytes:
    name = entry.name.encode("utf-16-le") + b"\0\0"
    links = pack("<BBIII", entry.kind, 1, FREE, entry.sibling, entry.child)
    return (
        name.ljust(64, b"\0")
        + pack("<H", len(name))
        + links
        + bytes(36)
        + pack("<IQ", entry.start, len(entry.data))
    )
