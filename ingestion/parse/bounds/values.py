"""CSV: how many cells there are, and how many empty ones a table as wide as the widest row would add."""

from pathlib import Path

from ingestion.parse.bounds import Bounds, text
from kb.errors import Unreadable

DELIMITERS = (b",", b";", b"\t", b"|")
SPREAD = 20
"""Times its own cells that a table may span; prose in cells, whose commas look like more, stays below."""


def examine(path: Path, bounds: Bounds) -> tuple[str, ...]:
    text.examine(path, bounds)
    rows = cells = widest = 0
    with path.open("rb") as file:
        for line in file:
            own = max(map(line.count, DELIMITERS)) + 1
            rows, cells, widest = rows + 1, cells + own, max(widest, own)
    if cells > bounds.cells:
        raise Unreadable(f"It has {cells:,} cells, and one file may have {bounds.cells:,}. Split it.")
    if rows * widest > max(SPREAD * cells, bounds.cells):
        raise Unreadable(
            f"It has a row of {widest:,} cells among {rows:,} shorter rows. Put that row into a file of its own."
        )
    return ()
