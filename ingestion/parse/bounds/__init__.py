"""What one file may hold, looked at before any engine opens it.

Each family of formats has a module with `examine(path, bounds)`. It reads the file in blocks or asks for its counts, so
that a file which is small on disk and large inside is refused for little.
"""

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from zipfile import is_zipfile

MEGABYTE = 1024**2
MACROS = "It holds macros. They were not run, and never are."
"""What is said of a file with programs in it."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """The most that one file may have. Honest files of a thousand pages stay far below."""

    entries: int = 10_000
    """Files inside a package such as a Word document."""
    unpacked: int = 1024 * MEGABYTE
    """Bytes of all of them together."""
    markup: int = 256 * MEGABYTE
    """Bytes of XML among them."""
    ratio: int = 200
    """Unpacked bytes for each packed one."""
    depth: int = 256
    """Levels of XML elements inside each other, and parts of a mail that hold parts."""
    pages: int = 10_000
    pixels: int = 100_000_000
    """Of a picture, or of one of its pages."""
    cells: int = 5_000_000
    """Of a spreadsheet or a table of values."""
    line: int = 10 * MEGABYTE
    """Bytes of a text without a line end."""
    header: int = MEGABYTE
    """Bytes of the header fields of a mail."""


USUAL = Bounds()

FAMILIES = {
    "application/pdf": "pdf",
    "application/xml": "markup",
    "text/csv": "values",
    "text/plain": "text",
    "text/markdown": "text",
    "text/x-rst": "text",
    "text/asciidoc": "text",
    "text/vtt": "text",
    "application/json": "text",
    "text/x-source-code": "text",
    "message/rfc822": "mail",
    "application/msword": "compound",
    "application/vnd.ms-excel": "compound",
}
"""The modules for media types; packages and pictures are known by their bytes and their kind of type."""


def examine(path: Path, media_type: str, bounds: Bounds = USUAL) -> tuple[str, ...]:
    """Sentences for the uploader about what the file holds that is never run or read.

    A file that is broken passes: its parser says so better.

    Raises:
        Unreadable: the file is over a bound, or declares entities of its own.
    """
    family = _family(path, media_type)
    if family is None:
        return ()
    examine_one: Callable[[Path, Bounds], tuple[str, ...]] = import_module(f"{__name__}.{family}").examine
    return examine_one(path, bounds)


def _family(path: Path, media_type: str) -> str | None:
    if media_type in FAMILIES:
        return FAMILIES[media_type]
    if media_type.startswith("image/"):
        return "picture"
    return "package" if media_type.startswith("application/") and is_zipfile(path) else None
