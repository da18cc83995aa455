"""`?fields=id,title`: less than all of a reply, on every GET, without any route doing something about it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields, is_dataclass
from functools import lru_cache, wraps
from inspect import unwrap
from types import NoneType
from typing import Any, get_args, get_type_hints

from django.http import HttpRequest
from ninja.errors import ValidationError
from pydantic import BaseModel

FIELDS = "fields"
"""The parameter's name."""
ITEMS = "items"
"""What holds the rows of a list. Of a list, the fields are those of its rows."""


def checked(view: Callable[..., Any]) -> Callable[..., Any]:
    """The route's function, which refuses fields that its reply does not have.

    Raises:
        ValidationError: there is no such field; the message names those that exist.
    """

    @wraps(view)
    def check(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        if request.method == "GET" and FIELDS in request.GET:
            _refuse_unknown(wanted(request), fields_of_reply(view))
        return view(request, *args, **kwargs)

    return check


def wanted(request: HttpRequest) -> Sequence[str]:
    return [name for text in request.GET.getlist(FIELDS) for name in text.split(",")]


def pruned(data: Any, names: Sequence[str]) -> Any:
    """A reply with these of its fields, or a list with these of each of its rows."""
    if isinstance(data, Mapping) and ITEMS in data:
        return {**data, ITEMS: [_kept(row, names) for row in data[ITEMS]]}
    return _kept(data, names)


@lru_cache(maxsize=512)
def fields_of_reply(view: Callable[..., Any]) -> tuple[str, ...]:
    """The fields that a route's reply, or each row of it, has by the types; none where it is no JSON object."""
    return _fields(get_type_hints(unwrap(view)).get("return", NoneType))


def _kept(row: Mapping[str, Any], names: Sequence[str]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name in names}


def _fields(kind: Any) -> tuple[str, ...]:
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        known = kind.model_fields
        return _fields(known[ITEMS].annotation) if ITEMS in known else tuple(known)
    if not is_dataclass(kind):
        # A union, or what holds another type: a status with its value, rows.
        return tuple(dict.fromkeys(name for part in get_args(kind) for name in _fields(part)))
    names = tuple(field.name for field in fields(kind))
    return _fields(get_type_hints(kind)[ITEMS]) if ITEMS in names else names


def _refuse_unknown(names: Sequence[str], known: Sequence[str]) -> None:
    for name in names:
        if name not in known:
            there_are = (
                f"There are {', '.join(known)}." if known else "This reply has no fields to choose from."
            )
            message = f"There is no field “{name}” here. {there_are}"
            raise ValidationError([{"type": "value_error", "loc": ("query", FIELDS), "msg": message}])
