"""Pictures: how many pixels they unpack to, by what their headers state."""

from pathlib import Path
from typing import TYPE_CHECKING

from ingestion.parse.bounds import Bounds
from kb.errors import Unreadable

if TYPE_CHECKING:
    from PIL.Image import Image

MILLION = 1_000_000


def examine(path: Path, bounds: Bounds) -> tuple[str, ...]:
    from PIL import Image  # Only pictures pay.

    # Also for whoever opens it afterwards.
    Image.MAX_IMAGE_PIXELS = bounds.pixels
    try:
        with Image.open(path) as picture:
            _refuse(picture, bounds)
    except Image.DecompressionBombError as error:
        raise _too_large(bounds) from error
    except (OSError, ValueError, SyntaxError):
        return ()
    return ()


def _refuse(picture: "Image", bounds: Bounds) -> None:
    frames = getattr(picture, "n_frames", 1)
    if frames > bounds.pages:
        raise Unreadable(f"It has {frames:,} pages, and one file may have {bounds.pages:,}. Split it.")
    # The pages of a TIFF have sizes of their own; in other formats all frames share one.
    for number in range(frames if picture.format == "TIFF" else 1):
        picture.seek(number)
        if picture.width * picture.height > bounds.pixels:
            raise _too_large(bounds)


def _too_large(bounds: Bounds) -> Unreadable:
    return Unreadable(
        f"It has more than {bounds.pixels // MILLION} million pixels, the most that a picture may have. "
        "Save it smaller."
    )
