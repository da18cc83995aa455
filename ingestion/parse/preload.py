"""What the first engine of each format imports, so that children find it loaded."""

from collections.abc import Sequence
from functools import cache
from importlib import import_module

from ingestion.parse import unstructured_engine
from ingestion.parse.sniff import CSV, DOCX, HTML, MARKDOWN, PDF, PPTX, XLSX

MODULES = {
    PDF.media_type: (
        "xberg",
        "pypdfium2",
        "numpy",
        "pdfplumber",
        "ingestion.parse.pdf",
        "ingestion.parse.hidden.pdf",
    ),
    DOCX.media_type: ("xberg", "lxml.etree", "ingestion.parse.office", "ingestion.parse.hidden.word"),
    PPTX.media_type: ("pptx", "ingestion.parse.office", "ingestion.parse.hidden.slides"),
    XLSX.media_type: ("xberg", "lxml.etree", "ingestion.parse.office", "ingestion.parse.hidden.workbook"),
    CSV.media_type: ("ingestion.parse.plain",),
    HTML.media_type: ("lxml.html", "ingestion.parse.web"),
    MARKDOWN.media_type: ("lxml.html", "markdown_it", "ingestion.parse.web"),
}
"""Modules by media type. None may start a thread or read a file when it is imported."""

BY_UNSTRUCTURED = {PPTX.media_type: PPTX, HTML.media_type: HTML, MARKDOWN.media_type: HTML}
"""Formats that it reads, and as what."""


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
    if media_type in BY_UNSTRUCTURED:
        unstructured_engine.load(BY_UNSTRUCTURED[media_type].media_type)
