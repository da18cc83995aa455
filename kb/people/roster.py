"""A list of people as CSV → accounts that are added and changed, row by row, as an administrator would by hand."""

import csv
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from io import StringIO

from django.contrib.auth.models import Group
from django.contrib.auth.validators import UnicodeUsernameValidator
from django.core.exceptions import ValidationError
from django.db import transaction

from kb.errors import Rejected, StrongroomError
from kb.models import Person, Sensitivity
from kb.people.accounts import Facts, add, change
from kb.people.groups import named

USERNAME = "username"
COLUMNS = (USERNAME, "first name", "last name", "groups", "clearance")
BETWEEN_GROUPS = ";"
MOST_ROWS = 5_000
LONGEST_NAME = 150
"""Characters."""
NEW = Facts("", "", "", Sensitivity.INTERNAL, administers=False, groups=())


class Outcome(StrEnum):
    ADDED = "added"
    CHANGED = "changed"
    SAME = "unchanged"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Told:
    """What becomes of one row. `line` is the row's number in the file; `reason` is why it is refused."""

    line: int
    username: str
    outcome: Outcome
    reason: str = ""


def tried(text: str, by: Person) -> list[Told]:
    """What `take` would do; nothing is kept.

    Raises:
        Rejected: it is no such list.
    """
    with transaction.atomic():
        told = take(text, by)
        transaction.set_rollback(True)
    return told


def take(text: str, by: Person) -> list[Told]:
    """Adds and changes the people of a list. A row that is refused does not stop the others.

    Where a cell is empty, or a column is not there, a person keeps what he has.

    Raises:
        Rejected: it is no such list.
    """
    return list(_taken(_rows(text), by))


def take_all(rows: Sequence[Mapping[str, str]], by: Person) -> list[Told]:
    """The same of rows that are taken apart already: cells by the names in `COLUMNS`. The first row is line 1."""
    return list(_taken([_Row(line, cells) for line, cells in enumerate(rows, 1)], by))


@dataclass(frozen=True, slots=True)
class _Row:
    """`cells` by the names of their columns; `line` counts from 1."""

    line: int
    cells: Mapping[str, str]


def _rows(text: str) -> list[_Row]:
    """
    Raises:
        Rejected: it is no such list.
    """
    text = text.removeprefix("\ufeff")
    head = text.partition("\n")[0]
    reader = csv.reader(StringIO(text, newline=""), delimiter=max(",;\t", key=head.count))
    try:
        names = [name.strip().casefold() for name in next(reader, [])]
        rows = [_Row(reader.line_num, dict(zip(names, map(_tidy, cells), strict=False))) for cells in reader]
    except csv.Error as error:
        raise Rejected("This is no CSV file. Save it as CSV with UTF-8 in your spreadsheet.") from error
    if USERNAME not in names or not set(names) <= set(COLUMNS):
        raise Rejected(f"Its first row must name the columns, some of: {', '.join(COLUMNS)}.")
    if len(rows) > MOST_ROWS:
        raise Rejected(f"It has {len(rows):,} rows, and one list may have {MOST_ROWS:,}. Split it.")
    return [row for row in rows if any(row.cells.values())]


def _tidy(cell: str) -> str:
    return " ".join(cell.split())


def _taken(rows: Sequence[_Row], by: Person) -> Iterator[Told]:
    # Not `iexact`: SQLite knows only the case of ASCII letters.
    known = {name.casefold(): name for name in Person.objects.values_list("username", flat=True)}
    seen = set[str]()
    for row in rows:
        username = row.cells.get(USERNAME, "")
        try:
            if username.casefold() in seen:
                raise Rejected("The list has this user name twice. Remove one of both.")
            seen.add(username.casefold())
            there = known.get(username.casefold())
            outcome = _changed(there, username, row.cells, by) if there else _added(username, row.cells, by)
            yield Told(row.line, username, outcome)
        except StrongroomError as error:
            yield Told(row.line, username, Outcome.REFUSED, str(error))


def _added(username: str, cells: Mapping[str, str], by: Person) -> Outcome:
    _check_username(username)
    add(username, _facts(cells, NEW), by)
    return Outcome.ADDED


def _changed(there: str, username: str, cells: Mapping[str, str], by: Person) -> Outcome:
    if there != username:
        raise Rejected(
            f"There is a person with the user name “{there}” already. Write it so, or choose another one."
        )
    person = Person.objects.get(username=there)
    if person.is_service:
        raise Rejected(f"“{there}” is a service. Change it on its own page.")
    before = Facts.of(person)
    facts = _facts(cells, before)
    if facts == before:
        return Outcome.SAME
    change(person, facts, by)
    return Outcome.CHANGED


def _check_username(username: str) -> None:
    try:
        UnicodeUsernameValidator()(username)
    except ValidationError as error:
        raise Rejected("A user name has letters, digits and @ . + - _ only. Correct it.") from error
    if len(username) > LONGEST_NAME:
        raise Rejected(f"The user name has more than {LONGEST_NAME} characters. Shorten it.")


def _facts(cells: Mapping[str, str], before: Facts) -> Facts:
    """What the cells say, and where they say nothing, what was there before."""
    first, last = cells.get("first name"), cells.get("last name")
    clearance, groups = cells.get("clearance"), cells.get("groups")
    if max(len(first or ""), len(last or "")) > LONGEST_NAME:
        raise Rejected(f"A name has more than {LONGEST_NAME} characters. Shorten it.")
    return Facts(
        first or before.first_name,
        last or before.last_name,
        before.email,
        _label(clearance) if clearance else before.clearance,
        administers=before.administers,
        groups=_groups(groups) if groups else before.groups,
    )


def _label(name: str) -> Sensitivity:
    try:
        return Sensitivity.named(name)
    except KeyError as error:
        raise Rejected(
            f"There is no clearance “{name}”. Use one of: {', '.join(Sensitivity.names)}."
        ) from error


def _groups(cell: str) -> tuple[Group, ...]:
    return named(name.strip() for name in cell.split(BETWEEN_GROUPS) if name.strip())
