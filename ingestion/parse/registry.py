"""Which parsers read which format: the best measured one first, another engine second.

docs/parsing.md has the measurements.
"""

from dataclasses import replace
from importlib import import_module
from pathlib import Path

from ingestion.parse.bounds import USUAL, Bounds, examine
from ingestion.parse.elements import Kind, Parsed, Parser
from ingestion.parse.headings import good_title, opening_heading
from ingestion.parse.hidden import separate
from ingestion.parse.sniff import (
    ASCIIDOC,
    CODE,
    CSV,
    DOC,
    DOCX,
    EPUB,
    HTML,
    JSON,
    MAIL,
    MARKDOWN,
    MEDIA_TYPES,
    MSG,
    NOTEBOOK,
    ODP,
    ODS,
    ODT,
    PDF,
    PICTURES,
    PPT,
    PPTX,
    RST,
    RTF,
    TEXT,
    VTT,
    XLS,
    XLSX,
    XML,
)
from kb.errors import Unreadable

UNSTRUCTURED = "ingestion.parse.unstructured_engine.Unstructured"
OFFICE = "ingestion.parse.office.Office"
WORKBOOK = "ingestion.parse.workbook.Workbook"
OPEN_DOCUMENT = "ingestion.parse.opendocument.OpenDocument"
PLAIN = "ingestion.parse.plain.PlainText"
RECORDS = "ingestion.parse.records.Records"
WEB, SECOND_WEB = "ingestion.parse.web.Web", "ingestion.parse.web.UnstructuredWeb"
PARSERS = {
    PDF.media_type: ("ingestion.parse.pdf.LayoutPdf", "ingestion.parse.pdf.PlainPdf"),
    DOCX.media_type: (OFFICE, UNSTRUCTURED),
    PPTX.media_type: ("ingestion.parse.slides.Slides", UNSTRUCTURED),
    XLSX.media_type: (WORKBOOK, UNSTRUCTURED),
    DOC.media_type: (OFFICE,),
    PPT.media_type: ("ingestion.parse.old_slides.OldSlides", OFFICE),
    XLS.media_type: (WORKBOOK,),
    ODT.media_type: (OPEN_DOCUMENT, OFFICE),
    ODP.media_type: (OPEN_DOCUMENT, OFFICE),
    ODS.media_type: (OPEN_DOCUMENT, OFFICE),
    RTF.media_type: (OFFICE,),
    EPUB.media_type: (OFFICE,),
    CSV.media_type: ("ingestion.parse.plain.Values", UNSTRUCTURED),
    HTML.media_type: (WEB, SECOND_WEB),
    MARKDOWN.media_type: (WEB, SECOND_WEB),
    RST.media_type: ("ingestion.parse.rst.ReStructuredText", PLAIN),
    ASCIIDOC.media_type: ("ingestion.parse.asciidoc.AsciiDoc", PLAIN),
    TEXT.media_type: (PLAIN, UNSTRUCTURED),
    MAIL.media_type: ("ingestion.parse.mail.Mail", UNSTRUCTURED),
    MSG.media_type: ("ingestion.parse.outlook.Outlook", OFFICE),
    JSON.media_type: (RECORDS,),
    XML.media_type: (RECORDS,),
    NOTEBOOK.media_type: (OFFICE, RECORDS),
    VTT.media_type: ("ingestion.parse.transcript.Transcript",),
    CODE.media_type: ("ingestion.parse.plain.SourceCode",),
    **{each.media_type: ("ingestion.parse.picture.Picture",) for each in PICTURES},
}
"""Dotted paths, so that only the engine that a file needs is loaded."""
NAMES = {
    UNSTRUCTURED: "unstructured",
    OFFICE: "xberg",
    WORKBOOK: "Workbook, table by table",
    OPEN_DOCUMENT: "OpenDocument",
    PLAIN: "Plain text",
    RECORDS: "Records",
    WEB: "Web page, by its structure",
    SECOND_WEB: "unstructured",
    "ingestion.parse.asciidoc.AsciiDoc": "AsciiDoc",
    "ingestion.parse.mail.Mail": "Mail",
    "ingestion.parse.old_slides.OldSlides": "Slides, record by record",
    "ingestion.parse.outlook.Outlook": "Outlook message",
    "ingestion.parse.pdf.LayoutPdf": "PDF with layout",
    "ingestion.parse.pdf.PlainPdf": "PDF, text only",
    "ingestion.parse.picture.Picture": "Text recognition",
    "ingestion.parse.plain.SourceCode": "Source code",
    "ingestion.parse.plain.Values": "Values, row by row",
    "ingestion.parse.rst.ReStructuredText": "reStructuredText",
    "ingestion.parse.slides.Slides": "Slides, one by one",
    "ingestion.parse.transcript.Transcript": "Transcript",
}
"""What people call them; one without a name here is called as its class."""


def engine_name(dotted_path: str) -> str:
    return NAMES.get(dotted_path, dotted_path.rpartition(".")[2])


EMPTY = {
    PDF.media_type: "This PDF holds only images in which no text was found, so there is nothing to search. "
    "If there is some, scan it anew with 300 dots per inch.",
    **dict.fromkeys(
        (each.media_type for each in PICTURES),
        "No text was found in this picture, so there is nothing to search. "
        "If there is some, scan it anew with 300 dots per inch.",
    ),
    **dict.fromkeys(
        (each.media_type for each in (PPTX, PPT, ODP)),
        "This presentation has no slides with text, so there is nothing to search.",
    ),
    **dict.fromkeys(
        (each.media_type for each in (XLSX, XLS, ODS)),
        "This workbook has no cells with text, so there is nothing to search.",
    ),
}
BLANK = "This file holds no text, so there is nothing to search."
UNTITLED = frozenset(each.media_type for each in (XLSX, XLS, ODS, CSV, JSON, XML))
"""Formats whose first heading is the name of a sheet or of a record and says nothing."""


def read(path: Path, media_type: str, bounds: Bounds = USUAL, *, chosen: str = "") -> Parsed:
    """The document with its title settled. `chosen` is the dotted path of the only engine that may read it.

    Raises:
        Unreadable: no engine could read it, or it holds no text.
    """
    parsed = attempt(path, media_type, bounds, chosen=chosen)
    # A sheet's name is a heading, and is there without any cell.
    if not any(media_type not in UNTITLED or each.kind is not Kind.HEADING for each in parsed.elements):
        raise Unreadable(EMPTY.get(media_type, BLANK))
    return _titled(parsed, media_type)


def attempt(path: Path, media_type: str, bounds: Bounds = USUAL, *, chosen: str = "") -> Parsed:
    """What the first engine that does not fail makes of the file.

    Raises:
        Unreadable: it holds more than it may, a parser knows why nobody can read it, or all engines failed.
    """
    notes = examine(path, media_type, bounds)
    failures: list[Exception] = []
    for dotted_path in [chosen] if chosen in PARSERS[media_type] else PARSERS[media_type]:
        try:
            parsed = _read_by(dotted_path, path, media_type)
            return replace(parsed, warnings=(*parsed.warnings, *notes))
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
    return replace(
        parsed,
        hidden=(*shown.hidden, *parsed.hidden),
        warnings=(*shown.warnings, *parsed.warnings),
    )


def _parser(dotted_path: str) -> Parser:
    module, name = dotted_path.rsplit(".", 1)
    parser: Parser = getattr(import_module(module), name)()
    return parser


def _titled(parsed: Parsed, media_type: str) -> Parsed:
    title = good_title(parsed.title)
    if title is None and media_type not in UNTITLED:
        title = good_title(opening_heading(parsed.elements))
    return replace(parsed, title=title)
