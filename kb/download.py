"""Sending a stored file, or a part of it, without ever holding it in memory whole."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

from django.http import HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.utils.http import content_disposition_header

from kb.ranges import Span, Unsatisfiable, span_of

BLOCK = 256 * 1024  # bytes
HARMLESS = "application/octet-stream"
NO_PAGE = "default-src 'none'; sandbox"
"""Content policy: should a browser show the file as a page after all, it may do nothing there."""


@dataclass(frozen=True, slots=True)
class StoredFile:
    """`size` is in bytes; `media_type` is HARMLESS where a browser need not know more."""

    path: Path
    name: str
    size: int
    media_type: str = HARMLESS


def attachment(file: StoredFile, *, asked: str) -> HttpResponseBase:
    """The file as a download, never shown as a page of this site. `asked` is the request's Range header."""
    try:
        span = span_of(asked, file.size)
    except Unsatisfiable:
        return _described(HttpResponse(status=416, headers={"Content-Range": f"bytes */{file.size}"}), file)
    whole = Span(0, file.size)
    response = StreamingHttpResponse(_blocks(file.path, span or whole), status=206 if span else 200)
    response["Content-Length"] = str((span or whole).length)
    if span:
        response["Content-Range"] = f"bytes {span.first}-{span.end - 1}/{file.size}"
    return _described(response, file)


def _described(response: HttpResponseBase, file: StoredFile) -> HttpResponseBase:
    response["Content-Type"] = file.media_type
    response["Content-Disposition"] = content_disposition_header(True, file.name) or "attachment"
    response["Accept-Ranges"] = "bytes"
    response["Cache-Control"] = "no-store"
    response["Content-Security-Policy"] = NO_PAGE
    response["X-Content-Type-Options"] = "nosniff"
    return response


async def _blocks(path: Path, span: Span) -> AsyncIterator[bytes]:
    with path.open("rb") as file:
        file.seek(span.first)
        left = span.length
        while block := await asyncio.to_thread(file.read, min(BLOCK, left)):
            left -= len(block)
            yield block
