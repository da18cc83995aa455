"""Excel: comments and properties. Hidden sheets are left out where the sheets are read (`parse.office`)."""

from pathlib import Path

from ingestion.parse.far_cells import drawn_together
from ingestion.parse.hidden import Shown
from ingestion.parse.hidden.package import beside_the_text


def separate(path: Path) -> Shown:
    """The cells stay as they are, but for stretches of empty ones: no engine reads comments and properties as cells."""
    return Shown(drawn_together(path), tuple(beside_the_text(path)))
