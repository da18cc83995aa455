"""Pictures."""

import zlib
from pathlib import Path
from struct import pack

from tests import files
from tests.hostile.kind import Ends, Kind, Refused

SIGNATURE = b"\x89PNG\r\n\x1a\n"


def _piece(kind: bytes, data: bytes) -> bytes:
    return pack(">I", len(data)) + kind + data + pack(">I", zlib.crc32(kind + data))


def picture_of_60_000_by_60_000(path: Path) -> None:
    header = pack(">IIBBBBB", 60_000, 60_000, 1, 0, 0, 0, 0)
    path.write_bytes(
        SIGNATURE + _piece(b"IHDR", header) + _piece(b"IDAT", zlib.compress(b"\0")) + _piece(b"IEND", b"")
    )


def picture_whose_words_are_a_bomb(path: Path) -> None:
    whole = files.saved(files.picture("Met"), path.with_suffix(".png")).read_bytes()
    words = _piece(b"zTXt", b"Comment\0\0" + zlib.compress(bytes(50_000_000), 9))
    path.write_bytes(whole[:33] + words + whole[33:])


def truncated_picture(path: Path) -> None:
    path.write_bytes(files.saved(files.picture(), path.with_suffix(".png")).read_bytes()[:2_000])


KINDS = (
    Kind("a.png", picture_of_60_000_by_60_000, Refused("more than 1 million pixels")),
    Kind("a.png", picture_whose_words_are_a_bomb, Ends()),
    Kind("a.png", truncated_picture, Ends()),
)
