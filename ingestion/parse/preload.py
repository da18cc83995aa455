"""What the first engine of each format imports, so that children find it loaded."""

from collections.abc import Sequence
from functools import cache
from importlib import import_module

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

OFFICE = ("xberg", "lxml.etree", "ingestion.parse.office")
WORKBOOK = ("python_calamine", "ingestion.parse.workbook")
OPEN_DOCUMENT = ("lxml.etree", "ingestion.parse.opendocument")
PLAIN = ("ingestion.parse.plain",)
RECORDS = ("lxml.etree", "ingestion.parse.records")
WEB = ("lxml.html", "ingestion.parse.web")
MODULES = {
    PDF.media_type: (
        "xberg",
        "pypdfium2",
        "numpy",
        "pdfplumber",
        "ingestion.parse.pdf",
        "ingestion.parse.hidden.pdf",
    ),
    DOCX.media_type: (*OFFICE, "ingestion.parse.word_tables", "ingestion.parse.hidden.word"),
    PPTX.media_type: ("pptx", "ingestion.parse.slides", "ingestion.parse.hidden.slides"),
    XLSX.media_type: (*WORKBOOK, "lxml.etree", "ingestion.parse.hidden.workbook"),
    DOC.media_type: (*OFFICE, "olefile"),
    PPT.media_type: ("olefile", "ingestion.parse.old_slides"),
    XLS.media_type: (*WORKBOOK, "olefile"),
    ODT.media_type: OPEN_DOCUMENT,
    ODP.media_type: OPEN_DOCUMENT,
    ODS.media_type: OPEN_DOCUMENT,
    RTF.media_type: OFFICE,
    EPUB.media_type: OFFICE,
    NOTEBOOK.media_type: OFFICE,
    CSV.media_type: PLAIN,
    TEXT.media_type: PLAIN,
    CODE.media_type: PLAIN,
    HTML.media_type: WEB,
    MARKDOWN.media_type: (*WEB, "markdown_it"),
    RST.media_type: (*WEB, "docutils.core", "ingestion.parse.rst"),
    ASCIIDOC.media_type: (*OFFICE, "ingestion.parse.asciidoc"),
    MAIL.media_type: ("ingestion.parse.mail",),
    MSG.media_type: ("oxmsg", "ingestion.parse.outlook"),
    JSON.media_type: RECORDS,
    XML.media_type: RECORDS,
    VTT.media_type: ("webvtt", "ingestion.parse.transcript"),
    **dict.fromkeys((each.media_type for each in PICTURES), ("PIL.Image", "ingestion.parse.picture")),
}
"""Modules by media type. None may start a thread or read a file when it is imported."""


def load(task: Sequence[str]) -> None:
    """Imports what a task needs for the format that its arguments name.

    One that is not here works too: each of its children imports what it needs.
    """
    for argument in task:
        _load(argument)


@cache
def _load(media_type: str) -> None:
    for name in MODULES.get(media_type, ()):
        import_module(name)
