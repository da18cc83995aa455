"""What a file is, by its content first and its name second."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from kb.errors import Unreadable

if TYPE_CHECKING:
    from magika import Magika


@dataclass(frozen=True, slots=True)
class Format:
    """A format that Strongroom reads. `content` are magika's names for it; the first extension is the usual one."""

    media_type: str
    name: str
    extensions: tuple[str, ...]
    content: frozenset[str]


OFFICE = "application/vnd.openxmlformats-officedocument."
PDF = Format("application/pdf", "PDF", ("pdf",), frozenset({"pdf"}))
DOCX = Format(f"{OFFICE}wordprocessingml.document", "Word", ("docx",), frozenset({"docx"}))
PPTX = Format(f"{OFFICE}presentationml.presentation", "PowerPoint", ("pptx",), frozenset({"pptx"}))
XLSX = Format(f"{OFFICE}spreadsheetml.sheet", "Excel", ("xlsx",), frozenset({"xlsx"}))
CSV = Format("text/csv", "CSV", ("csv", "tsv"), frozenset({"csv", "tsv"}))
HTML = Format("text/html", "HTML", ("html", "htm"), frozenset({"html"}))
MARKDOWN = Format("text/markdown", "Markdown", ("md", "markdown"), frozenset({"markdown"}))
TEXT = Format("text/plain", "plain text", ("txt", "text"), frozenset({"txt"}))
MAIL = Format("message/rfc822", "e-mail", ("eml",), frozenset({"eml", "email"}))

SUPPORTED = (PDF, DOCX, PPTX, XLSX, CSV, HTML, MARKDOWN, TEXT, MAIL)
"""Every format that can be uploaded, in the order in which people are told of them."""

EXTENSIONS = {extension: each for each in SUPPORTED for extension in each.extensions}
MEDIA_TYPES = {each.media_type: each for each in SUPPORTED}
WRITTEN = frozenset({CSV, HTML, MARKDOWN, TEXT, MAIL})
"""Formats made of text, which content alone cannot tell apart with certainty."""


ZIPPED = frozenset({DOCX, PPTX, XLSX})
OLE = bytes.fromhex("d0cf11e0a1b11ae1")
"""How old and encrypted Office files begin: [MS-CFB] 2.2."""


@dataclass(frozen=True, slots=True)
class Sniffed:
    """What a file is; `warning` is a sentence for the uploader when its name says something else."""

    media_type: str
    warning: str | None = None


def sniff(path: Path, name: str) -> Sniffed:
    """The media type of the file at `path`, which its owner calls `name`.

    Raises:
        Unreadable: the file is empty, or not of a format that can be read.
    """
    if path.stat().st_size == 0:
        raise Unreadable(f"“{name}” is empty (0 bytes). Check that it was saved, and upload it again.")
    named = EXTENSIONS.get(Path(name).suffix.lower().removeprefix("."))
    found, label = _found(path, named)
    if found is None:
        raise Unreadable(f"“{name}” {_what_it_is(path, named, label)} Strongroom reads {supported_names()}.")
    if named is None or found is named:
        return Sniffed(found.media_type)
    return Sniffed(
        found.media_type, f"“{name}” is not {named.name}: its content is {found.name} and was read as that."
    )


def supported_names() -> str:
    """For messages: “pdf, docx, … and eml”."""
    *most, last = (each.extensions[0] for each in SUPPORTED)
    return f"{', '.join(most)} and {last} files"


def _found(path: Path, named: Format | None) -> tuple[Format | None, str]:
    """The format, if it is one of ours, and magika's name for the content."""
    output = _magika().identify_path(path).output
    label = str(output.label)
    by_content = next((each for each in SUPPORTED if label in each.content), None)
    start = _start(path)
    if start.startswith(b"%PDF-"):
        return PDF, label
    if start.startswith(b"PK") and named in ZIPPED and by_content not in ZIPPED:
        return named, label  # Damaged, which its parser explains better.
    if output.is_text and (named in WRITTEN or named is None):
        # Source code, logs and the like are plain text under any written format's name.
        return named or by_content, label
    return (None if output.is_text else by_content), label


def _start(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(len(OLE))


def _what_it_is(path: Path, named: Format | None, label: str) -> str:
    if named in ZIPPED and _start(path) == OLE:
        return (
            "is an old or a password-protected Office file. Save it in today's format and without a password."
        )
    content = "of no known format" if label in {"unknown", "undefined"} else f"“{label}” data"
    return f"is named as {named.name}, but its content is {content}." if named else f"is {content}."


@cache
def _magika() -> "Magika":
    from magika import Magika  # Loads an ONNX model: only where a file is looked at.

    return Magika()
