"""The table as it is shown: roles across, verbs down."""

from collections.abc import Sequence
from dataclasses import dataclass

from kb.rights.operations import OPERATIONS
from kb.rights.verbs import ROLES, VERBS, Place, Role, Verb

ENOUGH = "●"


@dataclass(frozen=True, slots=True)
class Cell:
    """`besides` is what it takes besides the role, where that alone is not enough."""

    role: str
    enough: bool
    besides: str


@dataclass(frozen=True, slots=True)
class Row:
    name: str
    verb: Verb
    cells: Sequence[Cell]
    operations: Sequence[str]
    """Of the API, by their operationId."""


def rows() -> list[Row]:
    return [_row(name, verb) for name, verb in VERBS.items()]


def as_markdown() -> str:
    """What docs/rights.md holds."""
    head = ["verb", "", *(role.words for role in ROLES), "scope of a key"]
    lines = [head, ["---", "---", *([":-:"] * len(ROLES)), "---"]]
    lines += [[row.name, row.verb.does, *map(_mark, row.cells), _key(row.verb)] for row in rows()]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def _key(verb: Verb) -> str:
    return verb.scope or ("any key" if verb.any_key else "no key")


def _row(name: str, verb: Verb) -> Row:
    operations = [operation for operation, its in OPERATIONS.items() if its == name]
    return Row(name, verb, [_cell(verb, role) for role in ROLES], operations)


def _cell(verb: Verb, role: Role) -> Cell:
    place = verb.place_of(role)
    needed = [(each & ~role).words for each in verb.roles if role in each] if place is Place.TOGETHER else []
    return Cell(role.words, place is Place.ENOUGH, " or ".join(needed))


def _mark(cell: Cell) -> str:
    return ENOUGH if cell.enough else f"if {cell.besides} too" if cell.besides else ""
