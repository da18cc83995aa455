"""Text that a reader does not see is taken out of a file before anything reads it, and reported.

What each format can hide, and what is not looked for, is in docs/injection.md.
"""

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path

from ingestion.parse.elements import Hidden
from ingestion.parse.sniff import ASCIIDOC, CODE, CSV, DOCX, JSON, MAIL, PDF, PPTX, RST, TEXT, VTT, XLSX, XML


@dataclass(frozen=True, slots=True)
class Shown:
    """A file with only what a reader sees, and what was taken out of it."""

    path: Path
    hidden: tuple[Hidden, ...] = ()
    warnings: tuple[str, ...] = ()


SEPARATORS = {
    PDF.media_type: "ingestion.parse.hidden.pdf",
    DOCX.media_type: "ingestion.parse.hidden.word",
    PPTX.media_type: "ingestion.parse.hidden.slides",
    XLSX.media_type: "ingestion.parse.hidden.workbook",
    **dict.fromkeys(
        (each.media_type for each in (TEXT, CSV, MAIL, RST, ASCIIDOC, JSON, XML, VTT, CODE)),
        "ingestion.parse.hidden.characters",
    ),
}
"""Modules, so that only what a file needs is loaded. Web pages are pruned where they are read (`parse.web`)."""


def separate(path: Path, media_type: str) -> Shown:
    """The file as a reader sees it: `path` itself, or a new one beside it.

    Raises:
        Unreadable: the file is encrypted or broken. Vendors raise other things on broken files.
    """
    if media_type not in SEPARATORS:
        return Shown(path)
    separate_one: Callable[[Path], Shown] = import_module(SEPARATORS[media_type]).separate
    return separate_one(path)
