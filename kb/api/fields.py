"""What requests carry, checked before any of it is used."""

import re
from collections.abc import Iterable
from datetime import date
from enum import Enum
from typing import Annotated

from django.http import HttpRequest
from ninja import Schema
from ninja.errors import ValidationError
from pydantic import (
    AfterValidator,
    AwareDatetime,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    WithJsonSchema,
)

from kb.api.sparse import FIELDS
from kb.errors import Rejected
from kb.models import Sensitivity
from kb.models.tags import tags_from

DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)


def _label(name: object) -> Sensitivity:
    try:
        return Sensitivity.named(str(name))
    except KeyError as error:
        raise ValueError(
            f"There is no sensitivity “{name}”. The labels are {', '.join(Sensitivity.names)}."
        ) from error


def _tags(texts: Iterable[str]) -> tuple[str, ...]:
    try:
        return tags_from(texts)
    except Rejected as error:
        raise ValueError(str(error)) from error


def _within_reach(day: date) -> date:
    """The last days of the calendar cannot be counted on from."""
    if not 1 < day.year < 9999:
        raise ValueError("The day is too far away. Choose one of the years 2 to 9998.")
    return day


def _written_out(value: object) -> object:
    """A bare number would be taken for seconds since 1970."""
    if not DATE.match(str(value)):
        raise ValueError(f"“{value}” is no day or time. Write 2026-01-31, or 2026-01-31T09:30:00Z.")
    return value


def _without_nul(text: str) -> str:
    """A database refuses it only when it is asked, and PostgreSQL and SQLite differ in when."""
    if "\0" in text:
        raise ValueError("The text holds a NUL character. Remove it.")
    return text


Label = Annotated[
    Sensitivity,
    BeforeValidator(_label),
    WithJsonSchema({"type": "string", "enum": Sensitivity.names, "description": "In any case."}),
]
Line = Annotated[str, StringConstraints(strip_whitespace=True), AfterValidator(_without_nul)]
"""Like `Text`, and may be empty."""
Tags = Annotated[tuple[str, ...], AfterValidator(_tags)]
Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1), AfterValidator(_without_nul)]

Id = Annotated[int, Field(ge=1, le=2**63 - 1)]
"""A number that a database can look for."""
Day = Annotated[
    date, BeforeValidator(_written_out), AfterValidator(_within_reach), Field(examples=["2026-01-31"])
]
Moment = Annotated[AwareDatetime, BeforeValidator(_written_out), Field(examples=["2026-01-31T09:30:00Z"])]


def one_of(kind: type[Enum]) -> WithJsonSchema:
    """For an enum's values, written out where they stand: the description has one place for all “State”s."""
    return WithJsonSchema({"type": "string", "enum": [each.value for each in kind]})


class Body(Schema):
    """What is sent as JSON. A member that there is not is told, for else it would be left undone in silence."""

    model_config = ConfigDict(extra="forbid")


def refuse_unknown(request: HttpRequest, schema: type[Schema]) -> None:
    """A filter whose name is misspelt would else keep to nothing, and nobody would notice.

    Raises:
        ValidationError: the address has a parameter that the schema does not know.
    """
    for name in request.GET:
        if name not in schema.model_fields and name != FIELDS:
            known = ", ".join([*schema.model_fields, FIELDS])
            message = f"There is no parameter “{name}” here. There are {known}."
            raise ValidationError([{"type": "value_error", "loc": ("query", name), "msg": message}])
