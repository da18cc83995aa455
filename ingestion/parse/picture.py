"""Pictures of pages: photographs, scans and faxes. Each frame of a file is a page."""

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from ingestion.parse.elements import Parsed
from ingestion.parse.headings import with_headings
from ingestion.parse.ocr import FINGERPRINT
from ingestion.parse.scans import Sheet, read_scans
from kb.errors import Unreadable

if TYPE_CHECKING:
    from PIL.Image import Image

MOVING = frozenset({"GIF", "WEBP", "PNG"})
"""Formats whose further frames are a film and not pages."""


class Picture:
    fingerprint = FINGERPRINT

    def parse(self, path: Path, *, media_type: str) -> Parsed:
        with _opened(path) as image:
            frames = 1 if image.format in MOVING else getattr(image, "n_frames", 1)
            numbers = range(1, frames + 1)
            scanned = read_scans([Sheet(number, partial(_frame, image, number)) for number in numbers])
        return Parsed(
            elements=with_headings(scanned.elements),
            parser=self.fingerprint,
            pages=frames,
            warnings=scanned.warnings,
        )


def _opened(path: Path) -> "Image":
    from PIL import Image, UnidentifiedImageError  # A native library: only pictures pay.

    try:
        return Image.open(path)
    except Image.DecompressionBombError as error:
        raise Unreadable(
            f"This picture has more than {2 * (Image.MAX_IMAGE_PIXELS or 0) // 1_000_000} million pixels. "
            "Make it smaller and upload it again."
        ) from error
    except UnidentifiedImageError as error:
        raise Unreadable("This picture is broken and cannot be opened. Scan or save it anew.") from error


def _frame(image: "Image", number: int) -> "Image":
    """The frame as it is meant to be seen: turned as the camera was held, on white where it is transparent."""
    from PIL import Image, ImageOps

    try:
        image.seek(number - 1)
        upright = ImageOps.exif_transpose(image)
    except (OSError, SyntaxError, EOFError) as error:
        raise Unreadable("This picture is broken or incomplete. Scan or save it anew.") from error
    paper = Image.new("RGBA", upright.size, "white")
    paper.alpha_composite(upright.convert("RGBA"))
    return paper.convert("L")
