"""The xberg engine: one reader for PDF and Office files, quick, with headings, pages and tables."""

import asyncio
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ingestion.parse import clean
from ingestion.parse.elements import Element, Kind
from ingestion.parse.pdf_place import Box
from ingestion.parse.tables import pipe_table

if TYPE_CHECKING:
    from xberg import ExtractedDocument, ExtractionConfig

FINGERPRINT = "xberg-1.3.9"


@dataclass(frozen=True, slots=True)
class Block:
    """An element and, in a PDF, where it stands."""

    element: Element
    box: Box | None


@dataclass(frozen=True, slots=True)
class Extract:
    blocks: tuple[Block, ...]
    title: str | None
    language: str | None
    pages: int


def extract(path: Path, media_type: str) -> Extract:
    """All blocks of the file; vendor errors pass through.

    Page headers and footers come first, once each: a marking such as “Confidential” often stands only there.
    """
    document = _document(path, media_type)
    metadata = document.metadata
    return Extract(
        blocks=(*_blocks(document, body=False), *_blocks(document, body=True)),
        title=metadata.title,
        language=_language(metadata.language),
        pages=len(document.pages or ()),
    )


def _document(path: Path, media_type: str) -> "ExtractedDocument":
    from xberg import ExtractInput, extract  # A large native library: only the formats that use it pay.

    given = ExtractInput(kind="bytes", bytes=path.read_bytes(), mime_type=media_type)
    result = asyncio.run(extract(given, _config()))
    if result.errors:
        raise ValueError(result.errors[0].message)
    return result.results[0]


def _config() -> "ExtractionConfig":
    import xberg

    return xberg.ExtractionConfig(
        use_cache=False,
        disable_ocr=True,
        enable_quality_processing=False,
        include_document_structure=True,
        max_archive_depth=0,
        pages=xberg.PageConfig(extract_pages=True),
        # What repeats is dropped by running.py, which keeps the first of each.
        content_filter=xberg.ContentFilterConfig(
            include_headers=True, include_footers=True, include_footnotes=True, strip_repeating_text=False
        ),
        # Its own tables come from guesses at columns; pdf.py reads ruled ones.
        pdf_options=xberg.PdfConfig(
            hierarchy=xberg.HierarchyConfig(enabled=True), extract_tables=False, extract_form_fields=False
        ),
        concurrency=xberg.ConcurrencyConfig(max_threads=1),
    )


def _blocks(document: "ExtractedDocument", *, body: bool) -> Iterator[Block]:
    page = None
    for node in document.document.nodes if document.document else ():
        page = node.page or page
        if (str(node.content_layer) == "body") is not body:
            continue
        content = json.loads(str(node.content)) | (node.attributes or {})
        if element := _element(content, page):
            box = node.bbox
            yield Block(element, Box(box.x0, box.y0, box.x1, box.y1) if box else None)


def _element(content: dict[str, Any], page: int | None) -> Element | None:
    match content["node_type"]:
        case "title":
            made = Element(Kind.HEADING, clean.flow(content["text"]), page, level=1)
        case "heading":
            made = Element(Kind.HEADING, clean.flow(content["text"]), page, level=content["level"])
        case "list_item":
            # “(b)” is what people cite; bullets say nothing.
            marker = content.get("list_marker", "")
            numbered = f"{marker} {content['text']}" if any(map(str.isalnum, marker)) else content["text"]
            made = Element(Kind.LIST_ITEM, clean.flow(numbered), page)
        case "table":
            made = Element(Kind.TABLE, pipe_table(_grid(content["grid"])), page)
        case "code":
            made = Element(Kind.CODE, clean.code(content["text"]), page)
        case "paragraph" | "footnote" | "formula" | "citation":
            made = Element(Kind.PARAGRAPH, clean.tidy(content["text"]), page)
        case _:
            return None
    return made if made.text.strip() else None


def _grid(grid: dict[str, Any]) -> list[list[str]]:
    rows = [[""] * grid["cols"] for _ in range(grid["rows"])]
    for cell in grid["cells"]:
        rows[cell["row"]][cell["col"]] = cell["content"]
    return rows


def _language(code: str | None) -> str | None:
    return code[:2].lower() if code else None
