"""Long lists in parts that neither skip nor repeat a row while others come and go."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Generic, TypeVar
from urllib.parse import urlsplit

from django.core import signing
from django.core.exceptions import ValidationError
from django.db.models import Field as Column
from django.db.models import Model, Q, QuerySet
from django.http import QueryDict
from ninja import Schema
from pydantic import Field

from kb.errors import Rejected

M = TypeVar("M", bound=Model)

LONGEST_PART = 200
"""Rows that one call lists."""


class Window(Schema):
    """The part of a list that is asked for."""

    cursor: Annotated[str | None, Field(description="`next` of an earlier reply.", max_length=500)] = None
    limit: Annotated[int, Field(ge=1, le=LONGEST_PART)] = 50


@dataclass(frozen=True, slots=True)
class Part(Generic[M]):
    """`next` asks for the rows after these, and is None when there are none."""

    rows: list[M]
    next: str | None


def link_to_next(address: str, cursor: str) -> str:
    """The Link header (RFC 8288) of a list at this address, with its query, that goes on."""
    parts = urlsplit(address)
    query = QueryDict(parts.query, mutable=True)
    query["cursor"] = cursor
    return f'<{parts._replace(query=query.urlencode()).geturl()}>; rel="next"'


def part_of(rows: QuerySet[M], window: Window, *, by: str) -> Part[M]:
    """The rows in the order of a column (`-` in front: the highest first), and of their keys where it is equal.

    Raises:
        Rejected: the cursor is none that this list gave out.
    """
    name, falling = by.removeprefix("-"), by.startswith("-")
    if window.cursor is not None:
        rows = rows.filter(_after(_opened(rows.model, name, window.cursor), name, falling=falling))
    found = list(rows.order_by(by, "-pk" if falling else "pk")[: window.limit + 1])
    more = len(found) > window.limit
    found = found[: window.limit]
    return Part(found, _sealed(found[-1], name) if more else None)


def _after(last: tuple[Any, Any], name: str, *, falling: bool) -> Q:
    value, key = last
    beyond = "lt" if falling else "gt"
    return Q(**{f"{name}__{beyond}": value}) | Q(**{name: value, f"pk__{beyond}": key})


def _sealed(row: Model, name: str) -> str:
    value = getattr(row, name)
    text = value.isoformat() if isinstance(value, datetime) else str(value)
    return signing.dumps([text, str(row.pk)], salt=_salt(type(row), name))


def _opened(model: type[Model], name: str, cursor: str) -> tuple[Any, Any]:
    try:
        value, key = signing.loads(cursor, salt=_salt(model, name))
        return _field(model, name).to_python(value), model._meta.pk.to_python(key)
    except (signing.BadSignature, ValidationError, ValueError) as error:
        raise Rejected(
            "This cursor is none that this list gave out. Leave it out to begin at the start."
        ) from error


def _field(model: type[Model], name: str) -> "Column[Any, Any]":
    field = model._meta.get_field(name)
    assert isinstance(field, Column)  # noqa: S101  # A list is ordered by a column.
    return field


def _salt(model: type[Model], name: str) -> str:
    """Binds a cursor to its list and order."""
    return f"cursor:{model._meta.label_lower}:{name}"
