"""Tables as Markdown pipes: the one form in which they are shown, cut and searched."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ingestion.parse.clean import flow

Row = Sequence[str | None]

BOLD = re.compile(r"^\*\*(.+)\*\*$")
"""A cell that is bold as a whole, which is a matter of looks."""
WIDEST = 1_000
"""Columns that a table is laid out to; HTML allows no wider span: https://html.spec.whatwg.org/#attr-tdth-colspan"""


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell as formats store it: once, with the columns and rows that it spans."""

    text: str
    columns: int = 1
    rows: int = 1


def laid_out(rows: Iterable[Sequence[Cell]]) -> list[list[str]]:
    """The text of each place of the grid. A cell that spans several says it in each, so that one row answers alone."""
    grid: list[list[str]] = []
    hanging: dict[int, Cell] = {}
    """Column → the cell above that reaches into it, with the rows that are left of it."""
    for row in rows:
        if hanging and len(hanging) == len(grid[-1]):
            grid.pop()  # It held only what each row below says again.
        placed = _placed(row, hanging)
        grid.append([placed[column].text if column in placed else "" for column in range(_width(placed))])
        hanging = {
            column: Cell(cell.text, rows=cell.rows - 1) for column, cell in placed.items() if cell.rows > 1
        }
    return grid


def _placed(row: Sequence[Cell], hanging: dict[int, Cell]) -> dict[int, Cell]:
    placed, column = dict(hanging), 0
    for cell in row:
        while column in placed:
            column += 1
        end = min(column + max(1, cell.columns), WIDEST)
        placed |= dict.fromkeys(range(column, end), cell)
        column = end
    return placed


def _width(placed: dict[int, Cell]) -> int:
    return max(placed, default=-1) + 1


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
