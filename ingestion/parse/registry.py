"""Which parsers read which format: the best measured one first, another engine second.

docs/parsing.md has the measurements.
"""

from dataclasses import replace
from importlib import import_module
from pathlib import Path

from ingestion.parse.elements import Kind, Parsed, Parser
from ingestion.parse.headings import good_title, opening_heading
from ingestion.parse.hidden import separate
from ingestion.parse.sniff import CSV, DOCX, HTML, MAIL, MARKDOWN, MEDIA_TYPES, PDF, PPTX, TEXT, XLSX
from kb.errors import Unreadable

UNSTRUCTURED = "ingestion.parse.unstructured_engine.Unstructured"
OFFICE = "ingestion.parse.office.Office"
PARSERS = {
    PDF.media_type: ("ingestion.parse.pdf.LayoutPdf", "ingestion.parse.pdf.PlainPdf"),
    DOCX.media_type: (OFFICE, UNSTRUCTURED),
    PPTX.media_type: ("ingestion.parse.office.Slides", OFFICE),
    XLSX.media_type: (OFFICE, UNSTRUCTURED),
    CSV.media_type: ("ingestion.parse.plain.Values", UNSTRUCTURED),
    HTML.media_type: ("ingestion.parse.web.Web", "ingestion.parse.web.XbergWeb"),
    MARKDOWN.media_type: ("ingestion.parse.web.Web", "ingestion.parse.web.XbergWeb"),
    TEXT.media_type: ("ingestion.parse.plain.PlainText", UNSTRUCTURED),
    MAIL.media_type: ("ingestion.parse.mail.Mail", UNSTRUCTURED),
}
"""Dotted paths, so that only the engine that a file needs is loaded."""
NAMES = {
    UNSTRUCTURED: "unstructured",
    OFFICE: "xberg",
    "ingestion.parse.pdf.LayoutPdf": "PDF with layout",
    "ingestion.parse.pdf.PlainPdf": "PDF, text only",
    "ingestion.parse.office.Slides": "Slides, one by one",
    "ingestion.parse.plain.Values": "Values, row by row",
    "ingestion.parse.plain.PlainText": "Plain text",
    "ingestion.parse.web.Web": "Web page, by its structure",
    "ingestion.parse.web.XbergWeb": "xberg",
    "ingestion.parse.mail.Mail": "Mail",
}
"""What people call them; one without a name here is called as its class."""


def engine_name(dotted_path: str) -> str:
    return NAMES.get(dotted_path, dotted_path.rpartition(".")[2])


EMPTY = {
    PDF.media_type: "This PDF holds only images; text recognition is not switched on, so there is nothing to search. "
    "Upload a PDF with a text layer.",
    PPTX.media_type: "This presentation has no slides with text, so there is nothing to search.",
    XLSX.media_type: "This workbook has no cells with text, so there is nothing to search.",
}
BLANK = "This file holds no text, so there is nothing to search."
UNTITLED = frozenset({XLSX.media_type, CSV.media_type})
"""Formats whose first heading is a sheet's name and says nothing."""


def read(path: Path, media_type: str, chosen: str = "") -> Parsed:
    """The document with its title settled. `chosen` is the dotted path of the only engine that may read it.

    Raises:
        Unreadable: no engine could read it, or it holds no text.
    """
    parsed = attempt(path, media_type, chosen)
    # A sheet's name is a heading, and is there without any cell.
    if not any(media_type not in UNTITLED or each.kind is not Kind.HEADING for each in parsed.elements):
        raise Unreadable(EMPTY.get(media_type, BLANK))
    return _titled(parsed, media_type)


def attempt(path: Path, media_type: str, chosen: str = "") -> Parsed:
    """What the first engine that does not fail makes of the file.

    Raises:
        Unreadable: a parser knows why nobody can read it, or all engines failed.
    """
    failures: list[Exception] = []
    for dotted_path in [chosen] if chosen in PARSERS[media_type] else PARSERS[media_type]:
        try:
            return _read_by(dotted_path, path, media_type)
        except (Unreadable, MemoryError):
            raise
        except Exception as error:  # noqa: BLE001 - vendors raise anything on a broken file
            failures.append(error)
    raise Unreadable(
        f"This file could not be read as {MEDIA_TYPES[media_type].name}; it seems to be damaged. "
        "Open it in the program that made it, save it again and upload the new file."
    ) from failures[0]


def _read_by(dotted_path: str, path: Path, media_type: str) -> Parsed:
    """The document without what its readers would not see. Where that cannot be told apart, nothing is read."""
    shown = separate(path, media_type)
    parsed = _parser(dotted_path).parse(shown.path, media_type=media_type)
    return replace(parsed, hidden=(*shown.hidden, *parsed.hidden))


def _parser(dotted_path: str) -> Parser:
    module, name = dotted_path.rsplit(".", 1)
    parser: Parser = getattr(import_module(module), name)()
    return parser


def _titled(parsed: Parsed, media_type: str) -> Parsed:
    title = good_title(parsed.title)
    if title is None and media_type not in UNTITLED:
        title = good_title(opening_heading(parsed.elements))
    return replace(parsed, title=title)
