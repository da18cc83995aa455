"""A page of a PDF as a picture, drawn by pdfium in a child process."""

import io
from pathlib import Path

from ingestion.parse import sandbox
from ingestion.parse.confine import Limits
from ingestion.parse.opened import open_pdf, sound
from kb.errors import ParserStopped, Unreadable

WIDEST = 2_000
"""Pixels."""
HIGHEST = 3 * WIDEST
"""Pixels; a longer page, such as a printed roll, comes out narrower."""
PNG = b"\x89PNG\r\n\x1a\n"

LIMITS = Limits(seconds=30, memory=1024**3, output=32 * 1024**2)


def page_image(path: Path, page: int, width: int, *, name: str = "This file") -> bytes:
    """A PNG of a page, counted from 1, as wide as asked for in pixels. Waits for a child process.

    Raises:
        Unreadable: the file is no PDF that can be opened, or has no such page.
        ParserStopped: a limit was reached, or the child died.
        ParserAway: nothing could be started.
    """
    task = sandbox.Task(name, "pdf", ("draw", str(page), str(width)))
    image = sandbox.run(path, task, LIMITS)
    if not image.startswith(PNG):
        raise ParserStopped(f"Page {page} of “{name}” could not be drawn. Do not trust this file.")
    return image


def draw(path: Path, page: int, width: int) -> bytes:
    """The picture itself; for the child process.

    Raises:
        Unreadable: the document cannot be opened, or has no such page.
    """
    with open_pdf(sound(path)) as document:
        if not 1 <= page <= len(document):
            raise Unreadable(f"It has {len(document)} pages, so there is no page {page}.")
        drawn = document[page - 1]
        across, up = drawn.get_size()
        scale = min(min(width, WIDEST) / across, HIGHEST / up)
        image = io.BytesIO()
        drawn.render(scale=scale, may_draw_forms=False).to_pil().save(image, "PNG")
    return image.getvalue()
