"""What a file is, by its content first and its name second."""

import re
from dataclasses import dataclass
from functools import cache
from mmap import ACCESS_READ, mmap
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
OPEN = "application/vnd.oasis.opendocument."
PDF = Format("application/pdf", "PDF", ("pdf",), frozenset({"pdf"}))
DOCX = Format(f"{OFFICE}wordprocessingml.document", "Word", ("docx", "docm", "dotx"), frozenset({"docx"}))
PPTX = Format(
    f"{OFFICE}presentationml.presentation", "PowerPoint", ("pptx", "pptm", "ppsx"), frozenset({"pptx"})
)
XLSX = Format(f"{OFFICE}spreadsheetml.sheet", "Excel", ("xlsx", "xlsm", "xltx"), frozenset({"xlsx"}))
DOC = Format("application/msword", "old Word", ("doc", "dot"), frozenset({"doc"}))
PPT = Format("application/vnd.ms-powerpoint", "old PowerPoint", ("ppt", "pps"), frozenset({"ppt"}))
XLS = Format("application/vnd.ms-excel", "old Excel", ("xls",), frozenset({"xls"}))
ODT = Format(f"{OPEN}text", "OpenDocument text", ("odt", "ott"), frozenset({"odt"}))
ODP = Format(f"{OPEN}presentation", "OpenDocument presentation", ("odp",), frozenset({"odp"}))
ODS = Format(f"{OPEN}spreadsheet", "OpenDocument spreadsheet", ("ods",), frozenset({"ods"}))
RTF = Format("application/rtf", "RTF", ("rtf",), frozenset({"rtf"}))
EPUB = Format("application/epub+zip", "EPUB", ("epub",), frozenset({"epub"}))
CSV = Format("text/csv", "CSV", ("csv", "tsv"), frozenset({"csv", "tsv"}))
HTML = Format("text/html", "HTML", ("html", "htm", "xhtml"), frozenset({"html"}))
MARKDOWN = Format("text/markdown", "Markdown", ("md", "markdown"), frozenset({"markdown"}))
RST = Format("text/x-rst", "reStructuredText", ("rst",), frozenset({"rst"}))
ASCIIDOC = Format("text/asciidoc", "AsciiDoc", ("adoc", "asciidoc"), frozenset({"asciidoc"}))
TEXT = Format("text/plain", "plain text", ("txt", "text", "log"), frozenset({"txt"}))
MAIL = Format("message/rfc822", "e-mail", ("eml",), frozenset({"eml", "email"}))
MSG = Format("application/vnd.ms-outlook", "Outlook", ("msg",), frozenset({"outlook"}))
JSON = Format("application/json", "JSON", ("json", "jsonl"), frozenset({"json", "jsonl"}))
XML = Format("application/xml", "XML", ("xml",), frozenset({"xml"}))
NOTEBOOK = Format("application/x-ipynb+json", "Jupyter notebook", ("ipynb",), frozenset({"ipynb"}))
VTT = Format("text/vtt", "transcript", ("vtt", "srt"), frozenset({"vtt", "srt"}))
PNG = Format("image/png", "PNG picture", ("png",), frozenset({"png"}))
JPEG = Format("image/jpeg", "JPEG picture", ("jpg", "jpeg"), frozenset({"jpeg"}))
TIFF = Format("image/tiff", "TIFF picture", ("tif", "tiff"), frozenset({"tiff"}))
WEBP = Format("image/webp", "WebP picture", ("webp",), frozenset({"webp"}))
GIF = Format("image/gif", "GIF picture", ("gif",), frozenset({"gif"}))
BMP = Format("image/bmp", "BMP picture", ("bmp",), frozenset({"bmp"}))
BEGINNINGS = {
    PNG: (b"\x89PNG",),
    JPEG: (b"\xff\xd8\xff",),
    TIFF: (b"II*\x00", b"MM\x00*"),
    WEBP: (b"RIFF",),
    GIF: (b"GIF8",),
    BMP: (b"BM",),
}
"""Of pictures. What else has no text looks to magika like one of them at times."""
PICTURES = tuple(BEGINNINGS)
CODE = Format(
    "text/x-source-code",
    "source code",
    (
        *(
            "py",
            "js",
            "ts",
            "tsx",
            "jsx",
            "java",
            "kt",
            "c",
            "h",
            "cpp",
            "hpp",
            "cs",
            "go",
            "rs",
            "rb",
            "php",
        ),
        *("swift", "scala", "r", "lua", "pl", "sh", "ps1", "bat", "sql", "css", "scss", "vue", "tex"),
        *("yaml", "yml", "toml", "ini", "cfg", "conf", "properties", "tf", "proto", "graphql"),
    ),
    frozenset(
        {
            *("python", "javascript", "typescript", "java", "kotlin", "c", "cpp", "cs", "go", "rust", "ruby"),
            *("php", "swift", "scala", "r", "lua", "perl", "shell", "powershell", "batch", "sql", "css"),
            *("scss", "vue", "latex", "yaml", "toml", "ini", "javaproperties", "hcl", "proto"),
        }
    ),
)

SUPPORTED = (
    *(PDF, DOCX, PPTX, XLSX, CSV, HTML, MARKDOWN, TEXT, MAIL, DOC, PPT, XLS, ODT, ODP, ODS, RTF, EPUB),
    *(MSG, RST, ASCIIDOC, JSON, XML, NOTEBOOK, VTT, *PICTURES, CODE),
)
"""Every format that can be uploaded, in the order in which people are told of them."""

EXTENSIONS = {extension: each for each in SUPPORTED for extension in each.extensions}
MEDIA_TYPES = {each.media_type: each for each in SUPPORTED}
WRITTEN = frozenset({CSV, HTML, MARKDOWN, TEXT, MAIL, RST, ASCIIDOC, JSON, XML, NOTEBOOK, VTT, CODE})
"""Formats made of text, which content alone cannot tell apart with certainty."""

ZIPPED = frozenset({DOCX, PPTX, XLSX, ODT, ODP, ODS, EPUB})
OLE = bytes.fromhex("d0cf11e0a1b11ae1")
"""How files of the compound format begin, which old Office files, Outlook's messages and encrypted files are:
[MS-CFB] 2.2."""
STREAMS = {
    MSG: "__properties_version1.0",
    DOC: "WordDocument",
    PPT: "PowerPoint Document",
    XLS: "Workbook",
}
"""What each of them holds. A message comes first, for it may hold the others."""
EXPORTED = frozenset({DOC, XLS})
IWORK = frozenset({"pages", "numbers", "key"})
START = 4096
"""Bytes of a file that are looked at."""
CONTROL = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f]")
"""Bytes that text in no encoding of one or more bytes a letter has, but UTF-16."""


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
    named = EXTENSIONS.get(_suffix(name))
    found, label = _found(path, named)
    if found is None:
        raise Unreadable(
            f"“{name}” {_what_it_is(path, name, named, label)} Strongroom reads {supported_names()}."
        )
    if named is None or found is named:
        return Sniffed(found.media_type)
    return Sniffed(
        found.media_type, f"“{name}” is not {named.name}: its content is {found.name} and was read as that."
    )


def supported_names() -> str:
    """For messages: “pdf, docx, … and vtt files, and source code”."""
    *most, last = (each.extensions[0] for each in SUPPORTED if each is not CODE)
    return f"{', '.join(most)} and {last} files, and source code"


def _found(path: Path, named: Format | None) -> tuple[Format | None, str]:
    """The format, if it is one of ours, and magika's name for the content."""
    output = _magika().identify_path(path).output
    label = str(output.label)
    by_content = next((each for each in SUPPORTED if label in each.content), None)
    start = _start(path)
    if start.startswith(b"%PDF-"):
        return PDF, label
    if start.startswith(OLE):
        return _compound(path), label
    if start.startswith(b"PK") and named in ZIPPED and by_content not in ZIPPED:
        return named, label  # Damaged, which its parser explains better.
    if by_content in BEGINNINGS and not start.startswith(BEGINNINGS[by_content]):
        return None, label
    if by_content is not None and by_content not in WRITTEN:
        return by_content, label
    if not (output.is_text or (named in WRITTEN and CONTROL.search(start) is None)):
        return None, label
    return _written(named, by_content), label


def _written(named: Format | None, by_content: Format | None) -> Format | None:
    """Of a text: what its name says, for any format may hold code, and code anything."""
    if named is None:
        return by_content or TEXT
    if named in WRITTEN:
        return named
    # What programs export as .xls is often a web page, or values with commas.
    return by_content if named in EXPORTED and by_content in {HTML, CSV} else None


def _compound(path: Path) -> Format | None:
    with path.open("rb") as file, mmap(file.fileno(), 0, access=ACCESS_READ) as data:
        holds = (each for each, stream in STREAMS.items() if data.find(stream.encode("utf-16-le")) != -1)
        return next(holds, None)


def _start(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(START)


def _what_it_is(path: Path, name: str, named: Format | None, label: str) -> str:
    if _suffix(name) in IWORK:
        return "is an Apple iWork file. Export it as PDF or as an Office file, and upload that."
    if _start(path).startswith(OLE):
        return (
            "is an old or a password-protected Office file. Save it in today's format and without a password."
        )
    content = "of no known format" if label in {"unknown", "undefined"} else f"“{label}” data"
    return f"is named as {named.name}, but its content is {content}." if named else f"is {content}."


def _suffix(name: str) -> str:
    return Path(name).suffix.lower().removeprefix(".")


@cache
def _magika() -> "Magika":
    from magika import Magika  # Loads an ONNX model: only where a file is looked at.

    return Magika()
