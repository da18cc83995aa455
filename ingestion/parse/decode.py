"""Bytes of a text file as text, whatever wrote them."""

import codecs
import re
from collections.abc import Iterator

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

WESTERN = "cp1252"
OTHERS = ["gb18030", "cp932", "cp949", "big5", "cp1251"]
"""Of Chinese, Japanese (as Windows writes Shift JIS), Korean and Cyrillic."""
ASCII = 0x7F
"""Its last byte."""
SAMPLE = 32_768
"""Bytes from which an encoding is guessed."""
FOREIGN = 0.25
"""Share of bytes above ASCII from which a text is not in Latin letters; French has one in twenty."""
ZEROS = 0.2
"""Share of zero bytes from which a text is in UTF-16: every other byte of Western text."""


def decoded(data: bytes) -> str:
    """By byte order mark, as UTF-16 or UTF-8, as declared, else as guessed."""
    for mark, encoding in BOMS:
        if data.startswith(mark):
            return _lines(data.decode(encoding, errors="replace"))
    for encoding in _likely(data):
        try:
            return _lines(data.decode(encoding))
        except (UnicodeDecodeError, LookupError):
            continue
    return _lines(data.decode(_guessed(data), errors="replace"))


def _likely(data: bytes) -> Iterator[str]:
    head = data[:HEAD]
    if head.count(0) > ZEROS * len(head):
        yield "utf-16-le" if head[1::2].count(0) > head[::2].count(0) else "utf-16-be"
    yield "utf-8"
    if found := DECLARED.search(head):
        yield found[1].decode()


def _guessed(data: bytes) -> str:
    sample = data[:SAMPLE]
    if sum(byte > ASCII for byte in sample) < FOREIGN * len(sample):
        return WESTERN
    from charset_normalizer import from_bytes  # Only where it is needed: most files are UTF-8.

    best = from_bytes(sample, cp_isolation=OTHERS).best()
    return best.encoding if best else WESTERN


def _lines(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")
