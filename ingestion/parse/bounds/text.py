"""Text: no line so long that what looks at lines takes all its time on one."""

from pathlib import Path

from ingestion.parse.bounds import MEGABYTE, Bounds
from kb.errors import Unreadable


def examine(path: Path, bounds: Bounds) -> tuple[str, ...]:
    # In UTF-16 and UTF-32 the byte of a line end is there too, beside zeros.
    with path.open("rb") as file:
        while line := file.readline(bounds.line + 1):
            if len(line) > bounds.line:
                raise Unreadable(
                    f"It has a line of more than {bounds.line // MEGABYTE} MB, which no person wrote. "
                    "Put line ends into it."
                )
    return ()
