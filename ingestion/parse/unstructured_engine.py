"""The unstructured engine: the second one for everything that it knows.

This is the only module that imports unstructured. It is set up without its language model, which it would
fetch from the network: sentences come from a rule, and a verb is assumed in every longer line. On the
labelled files that gave the same categories in 97 of 100 cases, ten times faster.
"""

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ingestion.parse import clean
from ingestion.parse.elements import Element, Kind, Parsed
from ingestion.parse.sniff import CSV, DOCX, HTML, MAIL, MARKDOWN, PPTX, TEXT, XLSX
from ingestion.parse.tables import pipe_table
from kb.absent import absent

if TYPE_CHECKING:
    from unstructured.documents.elements import Element as Partitioned

QUIET = {
    "DO_NOT_TRACK": "1",
    "SCARF_NO_ANALYTICS": "1",
    "UNSTRUCTURED_DISABLE_NOTICE": "1",
    "HF_HUB_OFFLINE": "1",
}
"""Read by unstructured when it is imported: no telemetry, no notice, no hub."""

UNUSED = ("torch", "cupy", "tensorflow", "mxnet")
"""What spaCy loads where it is installed, and never needs here: seconds and 400 MB a file."""

PARTITIONERS = {
    CSV.media_type: "csv",
    DOCX.media_type: "docx",
    HTML.media_type: "html",
    MAIL.media_type: "email",
    MARKDOWN.media_type: "md",
    PPTX.media_type: "pptx",
    TEXT.media_type: "text",
    XLSX.media_type: "xlsx",
}
WORDS_OF_A_SENTENCE = 4
TITLED = frozenset({HTML.media_type, MARKDOWN.media_type, DOCX.media_type, PPTX.media_type})
"""Formats with headings of their own; elsewhere its titles are guesses, one in five of them right."""


class Unstructured:
    fingerprint = "unstructured-0.27.32"

    def parse(self, path: Path, *, media_type: str) -> Parsed:
        found = _partition(path, media_type)
        elements = tuple(_elements(found, titled=media_type in TITLED))
        pages = max((each.page or 0 for each in elements), default=0)
        return Parsed(elements=elements, parser=self.fingerprint, pages=pages or None)


def _partition(path: Path, media_type: str) -> "list[Partitioned]":
    family = PARTITIONERS[media_type]
    with absent(UNUSED):
        _set_up()
        module = import_module(f"unstructured.partition.{family}")
    # An empty language stops it from guessing one, which costs half a second a file.
    found: list[Partitioned] = getattr(module, f"partition_{family}")(filename=str(path), languages=[""])
    return found


@cache
def _set_up() -> None:
    os.environ.update(QUIET)
    import spacy
    from unstructured.nlp import tokenize
    from unstructured.partition import text_type

    with _no_plug_ins():
        pipeline = spacy.blank("en")
    pipeline.add_pipe("sentencizer")
    tokenize._get_nlp = cache(lambda: pipeline)
    text_type.contains_verb = _is_long


@contextmanager
def _no_plug_ins() -> Iterator[None]:
    """spaCy loads what any installed package offers to it, and Presidio, which offers a part, costs seconds a file."""
    import catalogue

    offered = catalogue.AVAILABLE_ENTRY_POINTS
    catalogue.AVAILABLE_ENTRY_POINTS = {}
    try:
        yield
    finally:
        catalogue.AVAILABLE_ENTRY_POINTS = offered


def _is_long(text: str) -> bool:
    return len(text.split()) >= WORDS_OF_A_SENTENCE


def _elements(found: "Iterable[Partitioned]", *, titled: bool) -> Iterator[Element]:
    for part in found:
        kind = _kind(part, titled=titled)
        text = _text(part, kind)
        if text and part.category not in {"PageBreak", "Header", "Footer", "Image"}:
            level = (part.metadata.category_depth or 0) + 1 if kind is Kind.HEADING else None
            yield Element(kind, text, part.metadata.page_number, level)


def _kind(part: "Partitioned", *, titled: bool) -> Kind:
    match part.category:
        case "Title" if titled:
            return Kind.HEADING
        case "ListItem":
            return Kind.LIST_ITEM
        case "Table":
            return Kind.TABLE
        case "CodeSnippet":
            return Kind.CODE
    return Kind.PARAGRAPH


def _text(part: "Partitioned", kind: Kind) -> str:
    if kind is Kind.TABLE and part.metadata.text_as_html:
        return pipe_table(_rows(part.metadata.text_as_html))
    if kind is Kind.CODE:
        return clean.code(part.text)
    return clean.flow(part.text) if kind is Kind.HEADING else clean.tidy(part.text)


def _rows(html: str) -> list[list[str]]:
    """The cells of a table, each in its column: a cell that spans several leaves the others empty."""
    from lxml.html import fromstring

    return [
        [text for cell in row.xpath("./td|./th") for text in _spread(cell)]
        for row in fromstring(html).iter("tr")
    ]


def _spread(cell: Any) -> list[str]:
    return [cell.text_content()] + [""] * (int(cell.get("colspan", "1")) - 1)
