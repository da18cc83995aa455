"""The part of a file that a request asks for: one range of bytes (RFC 9110, section 14). Pure."""

import re
from dataclasses import dataclass

ONE_RANGE = re.compile(r"bytes=(\d{0,19})-(\d{0,19})", re.ASCII | re.IGNORECASE)
"""No file needs more digits."""


class Unsatisfiable(Exception):
    """No byte of the file lies in the range."""


@dataclass(frozen=True, slots=True)
class Span:
    """Bytes of a file: `first` and what follows up to `end`, which is not part of it."""

    first: int
    end: int

    @property
    def length(self) -> int:
        return self.end - self.first


def span_of(header: str, size: int) -> Span | None:
    """The bytes that a Range header asks for of a file of `size` bytes; None where the whole file answers it.

    That is where nothing is asked for, and where it is several ranges or none that can be understood.

    Raises:
        Unsatisfiable: it begins behind the file's end.
    """
    match = ONE_RANGE.fullmatch(header.strip())
    if match is None or match[0].endswith("=-"):
        return None
    first, last = match[1], match[2]
    if not first:
        return _checked(Span(max(size - int(last), 0), size), size)
    if last and int(last) < int(first):
        return None
    return _checked(Span(int(first), min(int(last) + 1, size) if last else size), size)


def _checked(span: Span, size: int) -> Span:
    if span.first >= size:
        raise Unsatisfiable
    return span
