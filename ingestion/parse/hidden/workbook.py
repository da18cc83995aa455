"""Excel: comments and properties. Hidden sheets are left out where the sheets are read (`parse.office`)."""

from pathlib import Path

from ingestion.parse.hidden import Shown
from ingestion.parse.hidden.package import beside_the_text


def separate(path: Path) -> Shown:
    """The file stays as it is: xberg reads cells, and neither comments nor properties."""
    return Shown(path, tuple(beside_the_text(path)))
