"""A PDF in pdfium, for all that looks at its pages; a damaged one is repaired first."""

from pathlib import Path
from typing import TYPE_CHECKING

from kb.errors import Unreadable

if TYPE_CHECKING:
    from pypdfium2 import PdfDocument

BROKEN = "This PDF is broken and cannot be opened. Make it again from its source."


def sound(path: Path) -> Path:
    """The file itself, or a repaired copy beside it when it cannot be opened as it is.

    Raises:
        Unreadable: it is encrypted, or too broken to be repaired.
    """
    from pypdfium2 import PdfDocument, PdfiumError

    try:
        PdfDocument(path).close()
    except PdfiumError as error:
        if "password" in str(error).lower():
            return path  # Nothing is broken; opening it says what to do.
        return _repaired(path)
    return path


def _repaired(path: Path) -> Path:
    from pikepdf import Pdf, PdfError  # Only damaged files pay.

    repaired = path.with_name(f"{path.stem}-repaired.pdf")
    try:
        with Pdf.open(path) as document:
            document.save(repaired)
    except PdfError as error:
        raise Unreadable(BROKEN) from error
    return repaired


def open_pdf(path: Path) -> "PdfDocument":
    """The document in pdfium.

    Raises:
        Unreadable: it is encrypted or broken.
    """
    from pypdfium2 import PdfDocument, PdfiumError  # A native library: only PDFs pay.

    try:
        return PdfDocument(path)
    except PdfiumError as error:
        if "password" in str(error).lower():
            raise Unreadable(
                "This PDF is protected by a password. Save it without one and upload it again."
            ) from error
        raise Unreadable(BROKEN) from error
