"""Characters without a shape, which can spell a text that only machines read.

A single soft hyphen or joiner is ordinary; `clean.visible` drops it and says nothing. Reported are tag characters, long
runs of others without width, and overrides of direction, which show a line in another order than it is read.
"""

import re
from collections.abc import Iterator
from pathlib import Path

from ingestion.parse.decode import decoded
from ingestion.parse.elements import Hidden, Hiding
from ingestion.parse.hidden import Shown

TAGS = 0xE0000
"""Where the tag characters of Unicode repeat ASCII."""
TAGGED = re.compile("(?<!\U0001f3f4)(?<![\U000e0020-\U000e007f])[\U000e0020-\U000e007e]+")
"""Not after a black flag, where they are part of the flags of England, Scotland and Wales."""
WIDTHLESS = re.compile("[\u200b-\u200f\u2060-\u2064\ufe00-\ufe0f\ufeff\U000e0100-\U000e01ef]{8,}")
"""Eight in a row are a byte in the plainest of the known encodings; no writing has as many."""
OVERRIDDEN = re.compile("[\u202d\u202e].{0,200}")
BEFORE = 80
"""Characters of the line that are told from before an override."""


def separate(path: Path) -> Shown:
    """Of a text file. It stays as it is, for its parser drops such characters."""
    return Shown(path, tuple(in_text(decoded(path.read_bytes()))))


def in_text(text: str, page: int | None = None) -> Iterator[Hidden]:
    for found in TAGGED.finditer(text):
        yield Hidden(Hiding.CHARACTERS, "".join(chr(ord(tag) - TAGS) for tag in found[0]), page)
    for found in WIDTHLESS.finditer(text):
        yield Hidden(Hiding.CHARACTERS, f"{len(found[0])} characters without width in a row", page)
    for found in OVERRIDDEN.finditer(text):
        before = text[max(0, found.start() - BEFORE) : found.start()].rpartition("\n")[2]
        yield Hidden(Hiding.CHARACTERS, before + found[0], page)
