"""Tables as Markdown pipes: the one form in which they are shown, cut and searched."""

import re
from collections.abc import Sequence

from ingestion.parse.clean import flow

Row = Sequence[str | None]

BOLD = re.compile(r"^\*\*(.+)\*\*$")
"""A cell that is bold as a whole, which is a matter of looks."""


def pipe_table(rows: Sequence[Row]) -> str:
    """A Markdown pipe table whose header is the first row that holds anything; empty rows and columns go."""
    cells = _without_empty([[_cell(value) for value in row] for row in rows])
    if not cells:
        return ""
    header, *body = cells
    rule = ["---"] * len(header)
    return "\n".join("| " + " | ".join(row) + " |" for row in [header, rule, *body])


def _cell(value: str | None) -> str:
    return BOLD.sub(r"\1", flow(value or "")).replace("|", "\\|")


def _without_empty(rows: list[list[str]]) -> list[list[str]]:
    kept = [row for row in rows if any(row)]
    width = max((len(row) for row in kept), default=0)
    padded = [row + [""] * (width - len(row)) for row in kept]
    columns = [i for i in range(width) if any(row[i] for row in padded)]
    return [[row[i] for i in columns] for row in padded]
