"""Sending a stored file without ever holding it in memory whole."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

from django.http import StreamingHttpResponse
from django.utils.http import content_disposition_header

BLOCK = 256 * 1024  # bytes


def attachment(path: Path, *, name: str, size: int) -> StreamingHttpResponse:
    """The file as a download: never shown by the browser as a page of this site."""
    response = StreamingHttpResponse(_blocks(path), content_type="application/octet-stream")
    response["Content-Disposition"] = content_disposition_header(True, name) or "attachment"
    response["Content-Length"] = str(size)
    response["X-Content-Type-Options"] = "nosniff"
    return response


async def _blocks(path: Path) -> AsyncIterator[bytes]:
    with path.open("rb") as file:
        while block := await asyncio.to_thread(file.read, BLOCK):
            yield block
