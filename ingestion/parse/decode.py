"""Bytes of a text file as text, whatever wrote them."""

import codecs
import re

BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
DECLARED = re.compile(rb"charset=[\"']?([\w-]+)", re.I)
HEAD = 2048
"""Bytes in which a web page declares its encoding."""


def decoded(data: bytes) -> str:
    """By byte order mark, as UTF-8, as declared, else as Windows-1252, which takes any byte."""
    for mark, encoding in BOMS:
        if data.startswith(mark):
            return _lines(data.decode(encoding, errors="replace"))
    for encoding in ("utf-8", _declared(data)):
        try:
            return _lines(data.decode(encoding))
        except (UnicodeDecodeError, LookupError):
            continue
    return _lines(data.decode("cp1252", errors="replace"))


def _declared(data: bytes) -> str:
    found = DECLARED.search(data[:HEAD])
    return found[1].decode() if found else "cp1252"


def _lines(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")
