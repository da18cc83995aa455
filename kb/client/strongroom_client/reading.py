"""JSON → frozen dataclasses, by the types of their fields."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import datetime
from functools import cache
from types import NoneType, UnionType
from typing import Any, Self, TypeAlias, get_args, get_origin, get_type_hints
from uuid import UUID

JSON: TypeAlias = Mapping[str, Any]

MAKERS: Mapping[type, Callable[[str], Any]] = {UUID: UUID, datetime: datetime.fromisoformat}
"""Of what JSON has no form for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Read:
    """A JSON object that was read. What a newer server says besides is in `raw`."""

    raw: JSON = field(repr=False, compare=False, default_factory=dict)

    @classmethod
    def of(cls, said: JSON) -> Self:
        """
        Raises:
            KeyError: the server left out what it promises to say.
        """
        promised = kinds(cls)  # type: ignore[arg-type]  # Classes are hashable.
        own = {name: _made(kind, said[name]) for name, kind in promised.items()}
        return cls(raw=said, **own)


@cache
def kinds(row: type[Read]) -> Mapping[str, Any]:
    """The types of its own fields, by their names."""
    hints = get_type_hints(row)
    return {each.name: hints[each.name] for each in fields(row) if each.name != "raw"}


def _made(kind: Any, said: Any) -> Any:
    if said is None:
        return None
    if get_origin(kind) is UnionType:
        kind = next(each for each in get_args(kind) if each is not NoneType)
    if get_origin(kind) is Sequence:
        return [_made(get_args(kind)[0], each) for each in said]
    if isinstance(kind, type) and issubclass(kind, Read):
        return kind.of(said)
    return MAKERS[kind](said) if kind in MAKERS else said
