"""Tables as CSV that spreadsheets open as text."""

import csv
import io
from collections.abc import Sequence

BYTE_ORDER_MARK = "\ufeff"
"""By which spreadsheets recognise UTF-8."""
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n")
"""A cell that begins so is run by spreadsheets (OWASP, “CSV Injection”); an apostrophe before it makes it text."""


def as_csv(lines: Sequence[Sequence[object]]) -> str:
    text = io.StringIO()
    csv.writer(text).writerows([[as_text(cell) for cell in line] for line in lines])
    return text.getvalue()


def as_text(cell: object) -> object:
    """What no spreadsheet takes for a formula."""
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(FORMULA_STARTS) else cell
