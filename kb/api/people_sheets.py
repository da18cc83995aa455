"""What the API says of people, and what it is sent about them."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Annotated, Self

from django.contrib.auth.validators import UnicodeUsernameValidator
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from pydantic import AfterValidator, Field

from kb.api.fields import Body, Id, Label, Line, Text, one_of
from kb.api.paging import Window
from kb.models import Person, Sensitivity
from kb.people.accounts import Facts
from kb.people.finding import State
from kb.people.groups import named
from kb.people.names import on_one_line
from kb.people.roster import BETWEEN_GROUPS, LONGEST_NAME, MOST_ROWS, Outcome, Told


def _username(name: str) -> str:
    try:
        UnicodeUsernameValidator()(name)
    except ValidationError as error:
        raise ValueError("A user name has letters, digits and @ . + - _ only. Correct it.") from error
    return name


def _email(address: str) -> str:
    try:
        if address:
            validate_email(address)
    except ValidationError as error:
        raise ValueError("This is no e-mail address. Correct it, or leave it empty.") from error
    return address


Username = Annotated[Text, Field(max_length=LONGEST_NAME, examples=["erin"]), AfterValidator(_username)]
Name = Annotated[Line, Field(max_length=LONGEST_NAME), AfterValidator(on_one_line)]
Email = Annotated[Line, Field(max_length=254, examples=["erin@example.com"]), AfterValidator(_email)]
GroupName = Annotated[Text, Field(max_length=LONGEST_NAME, examples=["staff"])]


class PersonChange(Body):
    """What is left out stays as it is. `groups` names all that the person is to be in."""

    first_name: Annotated[Name | None, Field(examples=["Erin"])] = None
    last_name: Annotated[Name | None, Field(examples=["Vogel"])] = None
    email: Email | None = None
    clearance: Annotated[Label | None, Field(examples=["INTERNAL"])] = None
    administers: bool | None = None
    groups: Annotated[tuple[GroupName, ...] | None, Field(max_length=200)] = None

    def facts(self, before: Facts) -> Facts:
        """
        Raises:
            Rejected: there is no such group.
        """
        said = self.model_dump(include=set(PersonChange.model_fields), exclude_none=True)
        if self.groups is not None:
            said["groups"] = named(self.groups)
        return replace(before, **said)


class NewPerson(PersonChange):
    """What is left out is empty, and the clearance INTERNAL."""

    username: Username


class RosterRow(Body):
    """Where a cell is empty or left out, a person keeps what he has."""

    username: Annotated[Text, Field(max_length=400, examples=["erin"])]
    first_name: Line = ""
    last_name: Line = ""
    groups: tuple[GroupName, ...] = ()
    clearance: Annotated[Line, Field(examples=["INTERNAL"])] = ""

    def cells(self) -> dict[str, str]:
        return {
            "username": self.username,
            "first name": on_one_line(self.first_name),
            "last name": on_one_line(self.last_name),
            "groups": BETWEEN_GROUPS.join(self.groups),
            "clearance": self.clearance,
        }


class Roster(Body):
    people: Annotated[tuple[RosterRow, ...], Field(min_length=1, max_length=MOST_ROWS)]


@dataclass(frozen=True, slots=True)
class RosterLine:
    """`line` counts the rows from 1; `reason` is why one is refused."""

    line: int
    username: str
    outcome: Annotated[Outcome, one_of(Outcome)]
    reason: str

    @classmethod
    def of(cls, told: Told) -> Self:
        return cls(told.line, told.username, told.outcome, told.reason)


class PeopleFilters(Window):
    q: Annotated[Line, Field(description="Words of the name.", max_length=LONGEST_NAME)] = ""
    group: Annotated[Id | None, Field(description="A group's id.")] = None
    state: Annotated[State, one_of(State)] | None = None


@dataclass(frozen=True, slots=True)
class PersonSheet:
    id: Annotated[int, Field(examples=[7])]
    username: Annotated[str, Field(examples=["erin"])]
    first_name: str
    last_name: str
    email: str
    clearance: Annotated[str, Field(examples=["INTERNAL"])]
    administers: bool
    active: bool
    groups: Annotated[Sequence[str], Field(examples=[["staff"]])]
    last_login: datetime | None


def person_sheet(person: Person) -> PersonSheet:
    return PersonSheet(
        id=person.pk,
        username=person.username,
        first_name=person.first_name,
        last_name=person.last_name,
        email=person.email,
        clearance=Sensitivity(person.clearance).name,
        administers=person.is_staff,
        active=person.is_active,
        groups=sorted(group.name for group in person.groups.all()),
        last_login=person.last_login,
    )
