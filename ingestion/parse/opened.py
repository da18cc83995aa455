"""A PDF in pdfium, for all that looks at its pages."""

from pathlib import Path
from typing import TYPE_CHECKING

from kb.errors import Unreadable

if TYPE_CHECKING:
    from pypdfium2 import PdfDocument


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
        raise Unreadable("This PDF is broken and cannot be opened. Make it again from its source.") from error
